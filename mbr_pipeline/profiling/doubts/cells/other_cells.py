"""Columns that are called as a canonical one and have cells of another kind: words among days and numbers.

What belongs here: the question whether such a column is read. What does not: words that say that nothing is
there (``by_rows.absences``), money (``unread``).
"""

from __future__ import annotations

from typing import Any

from connectors.datasets import DATASETS, Column, Dataset, Kind
from connectors.mapped.values import DateFormat
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.as_yaml import flow
from mbr_pipeline.profiling.by_rows.absences import are_of, is_called, may_be_empty, may_end
from mbr_pipeline.profiling.doubts.look import doubt, is_open, used
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import FORMS, date_forms, number_styles, told_apart

_FLAGS = word_set("yes no y n true false ja nein oui non si sim nao nee x")
"""What says that something has an end and not when."""


def other_cells(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask for columns whose heading fits and whose cells are not all days or numbers: an optional column
    would be left out unseen, and a day be the folder's.
    """
    taken = used(proposal)
    free = [h for h in sample.headings if h and h not in taken]
    for column in dataset.columns:
        is_optional = may_be_empty(column)
        if not is_optional and not (column.kind is Kind.DATE and _is_of_folder(proposal, column)):
            continue
        called = [h for h in free if is_called(h, column, dataset) or may_end(sample, h, column)]
        found = [h for h in called if _is_mixed(sample, h, column.kind)]
        if found:
            ways = _with_last_days(_answers(proposal, sample, found[0], column), column, dataset)
            left = ({"columns": {column.name: None}},) if is_optional else ()
            why = f"{_why(sample, found[0], column)}; perhaps {flow(ways[0])}"
            doubt(proposal, column.name, why, *ways, *left, first=True)


def _is_of_folder(proposal: Proposal, column: Column) -> bool:
    """Whether a day is the landing folder's, or asked."""
    words = proposal.columns.get(column.name)
    return is_open(proposal, column.name) or (isinstance(words, dict) and "period" in words)


def _is_mixed(sample: Sample, heading: str, kind: Kind) -> bool:
    """Whether cells are filled, and others than of this kind; flags are no days, and names no numbers."""
    texts = sample.values(heading)
    if not texts:
        return heading in sample.absent
    if are_of(kind, texts) or all(folded(text) in _FLAGS for text in texts):
        return False
    return kind is Kind.DATE or any(number_styles([text]).styles for text in texts)


def _why(sample: Sample, heading: str, column: Column) -> str:
    if not sample.values(heading):
        told = " and ".join(f"“{text}”" for text in sample.absent[heading])
        return f"“{heading}” says only {told}: is it read once it says more?"
    what = "days of a form that is known" if column.kind is Kind.DATE else "numbers"
    wrong = _wrong(sample, heading, column.kind)
    is_all = len(wrong) == len(set(sample.values(heading)))
    # a month with the first day among words shows more than one with words alone: what is quoted differs
    told = f"“{heading}” has {'only ' if is_all else ''}cells that are no {what}, such as "
    told += wrong[0] if is_all else f"“{wrong[0]}”"
    if column.required:
        return f"{told}: name it with its form of dates, or correct the file"
    return f"{told}: rows with them are rejected unless they are `empty`, or the column is left out"


def _answers(proposal: Proposal, sample: Sample, heading: str, column: Column) -> list[dict[str, Any]]:
    """Ways to read the column: in a form that passes over the words around its days, with texts that are
    words as empty, or as it is.
    """
    texts, said = list(dict.fromkeys(sample.values(heading))), sample.absent.get(heading, [])
    if column.kind is Kind.DATE and texts and (found := _in_words(sample, heading)):
        return found
    wrong = _wrong(sample, heading, column.kind) if texts else []
    others = [text for text in texts if text not in wrong]
    words: dict[str, Any] = {"heading": heading}
    is_of_words = not any(c.isdigit() for text in wrong for c in text) and len(wrong) <= _MOST
    if is_of_words and (others or not texts):
        words["empty"] = [*said, *wrong]
        if column.required:
            words["default"] = {"period": _OF_PERIOD.get(column.name, "last_day")}
    forms = date_forms(told_apart(others)[0]) if column.kind is Kind.DATE and others else []
    if proposal.words.get("dates", "YYYY-MM-DD") in forms:
        return [words]
    return [{**words, "dates": form} for form in forms] or [words]


_OF_PERIOD = {
    name: word
    for start, end in filter(None, (dataset.interval for dataset in DATASETS.values()))
    for name, word in ((start, "month_start"), (end, "next_month_start"))
}


def _with_last_days(ways: list[dict[str, Any]], column: Column, dataset: Dataset) -> list[dict[str, Any]]:
    """Each way to read the end of a period twice: as its last day, and as the day behind that."""
    if dataset.interval is None or column.name != dataset.interval[1]:
        return ways
    return [way for words in ways for way in ({**words, "take": "day_after"}, words)]


_MOST = 6
"""More texts of another kind are no words for nothing."""


def _wrong(sample: Sample, heading: str, kind: Kind) -> list[str]:
    """The texts that are of no kind, or the first, where only together they are none."""
    texts = list(dict.fromkeys(sample.values(heading)))
    return [text for text in texts if not are_of(kind, [text])] or texts[:1]


def _in_words(sample: Sample, heading: str) -> list[dict[str, Any]]:
    """The column with each form of dates that reads all cells, passing over the words around their days."""
    texts = list(dict.fromkeys(sample.values(heading)))
    found: dict[Any, dict[str, Any]] = {}
    for form in (way for plain in FORMS for way in (f"% {plain}", f"{plain} %", f"{plain}%")):
        days = tuple(DateFormat(form).read(text) for text in texts)
        if all(days):
            found.setdefault(days, {"heading": heading, "dates": form})
    return list(found.values())
