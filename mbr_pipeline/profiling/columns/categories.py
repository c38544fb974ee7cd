"""Categories and other texts with a closed set of values: what a vendor's words mean, or a question.

What belongs here: meanings of texts of cells. What does not: the words themselves (``words.meanings``).
"""

from __future__ import annotations

import re
from collections import Counter

from connectors.counted import plural
from connectors.datasets import Column, Dataset, Kind
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.flags import meant_by_flag, recurring_flag
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import MEANINGS, OF_LICENCES
from mbr_pipeline.profiling.words.synonyms import HEADINGS, METERS

_MOST_VALUES = 30
_YES = MEANINGS["true"].split("|")
_MOST_KINDS = 8

_CONSUMED = word_set("consumed consumption usage metered verbrauch consommation consumo")
"""Words of headings of what is not bought ahead."""

_OF_UNITS = word_set("unit units uom einheit me unite unidad unita eenheid unidade um")
"""Words of headings of what is counted, which says nothing of how it is charged."""

_IN_WORDS = "every text of it has the words of one"

_ONE_TIME = re.compile(r"(?i)\b(one.?time|activation|set.?up|einmal|ponctuel|unico)")

_OTHER_KINDS = re.compile(
    r"(?i)\b(set.?up|usage|overage|tax|hardware|credit|refund|one.?time|fee|labou?r|project|einmal|gutschrift|"
    r"steuer|verbrauch|avoir|tva|frais|abono|iva|impuesto)\b"
)


def category(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose what texts mean of columns with a closed set of values. The category of a charge is told by its
    type, or by the only column of which every text means one.
    """
    for column in dataset.columns:
        if not (column.choices or column.kind is Kind.BOOLEAN):
            continue
        if column.name == "charge_category":
            if (flag := recurring_flag(sample)) and not _is_known(proposal, sample, dataset):
                proposal.put(column.name, flag, "yes and no: which lines recur")
            elif not heading_of(proposal.columns.get(column.name)):
                _category_elsewhere(proposal, sample, dataset)
        heading = heading_of(proposal.columns.get(column.name))
        if heading:
            _translated(proposal, sample, column, heading, proposal.column_why[column.name])


def _is_known(proposal: Proposal, sample: Sample, dataset: Dataset) -> bool:
    """Whether a column is called the category, or the type of a charge, and every text of it means one."""
    called = (heading_of(proposal.columns.get(name)) for name in ("charge_category", "charge_type"))
    choices = dataset_choices(dataset)
    return any(h and all(_meaning(text, choices) for text in sample.values(h)) for h in called)


def _category_elsewhere(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    by_type = heading_of(proposal.columns.get("charge_type"))
    if "charge_type" in proposal.columns:
        if by_type:
            choices = dataset_choices(dataset)
            if not any(_meaning(text, choices) for text in sample.values(by_type)) and _told_otherwise(
                proposal, sample, by_type, choices
            ):
                return
            better = _better_type(sample, by_type, choices)
            proposal.put("charge_category", better or by_type, "told by the type of charge")
            if better:
                proposal.put("charge_type", better, "the type of which every text is known")
        return  # two types of charge: both are asked
    choices = dataset_choices(dataset)
    telling, why = _telling(sample, choices), "every text of it means one"
    if not telling:
        telling, why = _telling_in_words(sample, choices), _IN_WORDS
    if len(telling) == 1:
        proposal.put("charge_category", telling[0], why)
        return
    if telling or dataset.name != "vendor_charges":
        _unknown_category(proposal, dataset)
        return
    if is_metered(sample):
        proposal.put("charge_category", {"constant": "usage"}, "every row names what is metered")
        return
    subscription = heading_of(proposal.columns.get("subscription_id"))
    texts = [text for row in sample.rows for text in row.values() if len(text) < 200]
    if (
        subscription
        and all(row.get(subscription) for row in sample.rows)
        and not any(_OTHER_KINDS.search(text) for text in texts)
        and not any(_CONSUMED & set(folded(h).split()) for h in sample.headings if h)
        and heading_of(proposal.columns.get("charge_period_start"))
    ):
        proposal.put(
            "charge_category",
            {"constant": "recurring"},
            f"every row has a “{subscription}” and a period, and no text of another kind of charge",
        )
        return
    _unknown_category(proposal, dataset)


def _telling(sample: Sample, choices: tuple[str, ...]) -> list[str]:
    """Columns of which every text means a category."""
    return [
        heading
        for heading in sample.headings
        if len(sample.values(heading)) == len(sample.rows)
        and not _OF_UNITS & set(folded(heading).split())
        and all(_meaning(text, choices) for text in sample.values(heading))
    ]


def _telling_in_words(sample: Sample, choices: tuple[str, ...]) -> list[str]:
    """Columns of a few texts each of which has the words of one category, and of two or more in all: Monthly
    subscription, Pay-As-You-Go resources.
    """
    found = []
    for heading in filter(None, sample.headings):
        texts = set(sample.values(heading))
        if not 1 < len(texts) <= _MOST_KINDS or len(sample.values(heading)) < len(sample.rows):
            continue
        meant = [_meant_in(text, choices) for text in texts]
        if all(len(each) == 1 for each in meant) and len(set[str]().union(*meant)) > 1:
            found.append(heading)
    return found


def _meant_in(text: str, choices: tuple[str, ...]) -> set[str]:
    """The categories whose words stand in a text."""
    words = f" {folded(text)} "
    return {c for c in choices if any(f" {name} " in words for name in (MEANINGS.get(c) or c).split("|"))}


def _told_otherwise(proposal: Proposal, sample: Sample, by_type: str, choices: tuple[str, ...]) -> bool:
    """Where a type says nothing that is known: take the column that does, or ask once for several texts."""
    telling, why = _telling(sample, choices), "every text of it means one"
    if not telling:
        telling, why = _telling_in_words(sample, choices), _IN_WORDS
    texts = list(dict.fromkeys(sample.values(by_type)))
    if len(telling) == 1:
        proposal.put("charge_category", telling[0], why)
        return True
    if not 1 < len(texts) <= _MOST_VALUES or any(folded(text) in OF_LICENCES.split("|") for text in texts):
        return False
    one_by_one = {"heading": by_type, "values": dict.fromkeys(texts, TODO)}
    options = (*({"constant": choice} for choice in choices), one_by_one)
    seen = ", ".join(texts[:3])
    why = f"“{by_type}” says {seen}, which are no known types of charge: are all rows of one kind?"
    proposal.put("charge_category", TODO, why, options)
    return True


def _better_type(sample: Sample, heading: str, choices: tuple[str, ...]) -> str | None:
    """Another column that is called a type, if all texts of it, and of it alone, are known."""
    names = HEADINGS["vendor_charges"]["charge_type"]

    def is_known(one: str) -> bool:
        texts = sample.values(one)
        return len(texts) == len(sample.rows) and all(
            _meaning(text, choices) or folded(text) in OF_LICENCES.split("|") for text in texts
        )

    others = [h for h in sample.headings if h != heading and score(h, names)[0] > 97 and is_known(h)]
    return others[0] if len(others) == 1 and not is_known(heading) else None


def _unknown_category(proposal: Proposal, dataset: Dataset) -> None:
    options = tuple({"constant": choice} for choice in dataset_choices(dataset))
    proposal.put(
        "charge_category",
        TODO,
        "no heading says which lines are recurring; {constant: recurring} if all are, or {heading: …,"
        " values: …}",
        options,
    )


def dataset_choices(dataset: Dataset) -> tuple[str, ...]:
    """Return the categories that lines of a dataset may have."""
    return next(column.choices for column in dataset.columns if column.name == "charge_category")


def _meaning(text: str, choices: tuple[str, ...]) -> str | None:
    return next((c for c in choices if folded(text) in (MEANINGS.get(c) or c).split("|")), None)


def _translated(proposal: Proposal, sample: Sample, column: Column, heading: str, why: str) -> None:
    texts = Counter(row.get(heading, "") for row in sample.rows)
    choices = column.choices or ("true", "false")
    if set(texts) <= set(choices):
        return
    if len(texts) > _MOST_VALUES:
        proposal.put(
            column.name,
            TODO,
            f"“{heading}” has {len(texts)} different values; use another, or {{constant: …}}",
        )
        return
    table: dict[str, str] = {}
    by_flag = meant_by_flag(sample, heading, column.name)
    if "usage" in choices:  # what a bill does not call recurring may be several things
        by_flag = {text: meant for text, meant in by_flag.items() if folded(text) in _YES}
    for text, times in texts.most_common():
        meaning = _meaning(text, choices) if text else None
        meaning = by_flag.get(text) or meaning
        if column.name == "charge_category" and not meaning and why == _IN_WORDS:
            (meaning,) = _meant_in(text, choices)
        if column.name == "charge_category":
            meaning = _of_kind(proposal, sample, heading, text, meaning)
        table[text] = meaning or TODO
        rows = plural(times, "row")
        proposal.value_why[column.name, text] = (
            f"{rows}; means it by name" if meaning else f"{rows}; one of {', '.join(choices)}"
        )
        if not meaning:
            proposal.options["columns", column.name, "values", text] = choices
    for text in by_flag.keys() - table.keys():
        table[text], proposal.value_why[column.name, text] = by_flag[text], "in no row yet"
    proposal.put(column.name, {"heading": heading, "values": table}, f"{why}; what its texts mean")


def _of_kind(proposal: Proposal, sample: Sample, heading: str, text: str, meaning: str | None) -> str | None:
    """What a type of charge means beside a meter, a licence's term, or a term of one time."""
    rows = [row for row in sample.rows if row.get(heading, "") == text]
    term = heading_of(proposal.columns.get("term")) or ""
    is_licence = folded(text) in OF_LICENCES.split("|")
    if is_licence and is_metered(sample):
        return "usage"
    terms = [h for h in sample.headings if folded(h) == "term and billing cycle"]
    if is_licence and terms and all(row.get(terms[0]) for row in rows):
        meaning = "recurring"
    if meaning == "recurring" and any(_ONE_TIME.search(row.get(term, "")) for row in rows):
        return None
    if meaning == "recurring" and any(
        row.get(h) for h in sample.headings if folded(h) == "meter description" for row in rows
    ):
        return None
    return meaning


def is_metered(sample: Sample) -> bool:
    """Whether every row names what is metered."""
    meters = [h for h in sample.headings if score(h, METERS)[0] > 99]
    return any(len(sample.values(h)) == len(sample.rows) for h in meters)
