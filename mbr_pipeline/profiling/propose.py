"""A profile put together from what a sample shows; what it does not show is TODO, which is a question.

What belongs here: the order of the steps, and gaps. What does not: looking at the file (``sample``,
``styles``, ``headings``), single columns (``columns``), and writing YAML (``as_yaml``).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS, Column, Dataset, Kind
from connectors.mapped.parts import NUMBERS
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.by_rows import days, parties, products
from mbr_pipeline.profiling.by_rows.absences import read_as_empty, without_absences, without_answered
from mbr_pipeline.profiling.by_rows.codes import code_of_products
from mbr_pipeline.profiling.by_rows.ids import names_with_ids
from mbr_pipeline.profiling.columns.categories import category
from mbr_pipeline.profiling.columns.counts import propose_numbers
from mbr_pipeline.profiling.columns.currencies import currency, from_above
from mbr_pipeline.profiling.columns.dates import dates, other_end, unnamed_end, whole_period
from mbr_pipeline.profiling.columns.details import detail
from mbr_pipeline.profiling.columns.documents import names_no_document
from mbr_pipeline.profiling.columns.gaps import filled_down, gaps, groups
from mbr_pipeline.profiling.columns.identifiers import identifiers, line_id, name_of_ids, sections, status
from mbr_pipeline.profiling.columns.left_out import left_out
from mbr_pipeline.profiling.columns.ready import ready_answers
from mbr_pipeline.profiling.columns.things import count_of_things
from mbr_pipeline.profiling.decided.around import applicable, fitting, put_the_rest, rows_in_doubt
from mbr_pipeline.profiling.decided.held import Held
from mbr_pipeline.profiling.doubts.cells.unread import refuse_unread, unread
from mbr_pipeline.profiling.doubts.files import filled_better, reasons_to_ask
from mbr_pipeline.profiling.doubts.last_look import last_look
from mbr_pipeline.profiling.headings import Match, folded, match, score
from mbr_pipeline.profiling.number_form import form_of_numbers, told_by_the_file
from mbr_pipeline.profiling.numbers import Numbers, read_numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of, headings_in
from mbr_pipeline.profiling.sample import Sample, take_sample
from mbr_pipeline.profiling.styles import are_whole, date_forms, told_apart
from mbr_pipeline.profiling.which_dataset import candidates, is_certain
from mbr_pipeline.profiling.words import money_names
from mbr_pipeline.profiling.words.roles import is_code_of_currency, is_number
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_LETTERS_OF_A_CURRENCY = 3
_MOST_NAMED = 30
OPTIONAL_TEXTS = ("vendor_customer_name", "sku_name", "term", "description", "detail")
"""Columns that decide nothing: where several fit, the first is as good."""


def propose(path: Path, dataset: str | None = None, held: Held | None = None) -> Proposal:
    """Propose how a file is to be read, as a dataset or as the one it most likely is, around what is decided
    already.

    Raises:
        UnreadableFile: It is no CSV or XLSX file, or its beginning cannot be read.
    """
    sample = take_sample(path, held)
    held = applicable(held or Held(), sample)
    found = candidates(sample)
    proposal = propose_as(sample, DATASETS[dataset or found[0].dataset], held)
    if dataset not in (None, found[0].dataset):
        rows_in_doubt(proposal, propose_as(sample, DATASETS[found[0].dataset], held))
    against = reasons_to_ask(sample, found[0].dataset)
    if dataset is None and is_certain(found) and not against:
        others = (candidate.dataset for candidate in found[1:])
        ways = (propose_as(sample, DATASETS[name], held) for name in others)
        against = filled_better(proposal, sample, ways)
    proposal.candidates = (replace(found[0], reasons=(*against, *found[0].reasons)), *found[1:])
    proposal.is_certain = dataset is not None or (is_certain(found) and not against)
    return proposal


def propose_as(sample: Sample, dataset: Dataset, held: Held | None = None) -> Proposal:
    """Propose a profile that reads files like the sample as this dataset, around what is decided already."""
    sample = without_absences(without_answered(sample, held or Held()), dataset)
    proposal = Proposal(dict(sample.settings), dict(sample.why), notes=list(sample.notes))
    proposal.dataset = dataset.name
    proposal.hold(fitting(held or Held(), sample, dataset))
    names = {
        column: f"{column.replace('_', ' ')}|{listed}"
        for column, listed in HEADINGS[dataset.name].items()
        if listed
    }
    matches = match(sample.headings, names, _fitting(sample, dataset))
    for column in dataset.columns:
        found = matches.get(column.name)
        if found and found.heading:
            proposal.put(column.name, found.heading, found.why)
        elif found and found.headings and column.name in OPTIONAL_TEXTS:
            proposal.put(column.name, found.headings[0], found.why)
        elif found and (first := _only_filled(sample, column, found)):
            proposal.put(column.name, *first)
        elif found:
            proposal.put(column.name, TODO, found.why, found.headings)
    sections(proposal, sample)
    whole, sample = sample, products.without_empty_lines(proposal, sample, dataset)
    if "fill_down" not in sample.settings and (
        together := _groups_of(proposal, sample, dataset) or _groups_of(proposal, whole, dataset)
    ):
        return propose_as(filled_down(whole, together), dataset, held)
    status(proposal, sample, dataset)
    left_out(proposal, sample, dataset)
    parties.client_id(proposal, sample, dataset)
    identifiers(proposal, sample, dataset, matches)
    parties.customer(proposal, sample, dataset)
    name_of_ids(proposal, sample)
    products.code_of_a_list(proposal, sample, dataset)
    products.subscriptions(proposal, sample)
    products.product(proposal, sample, dataset)
    code_of_products(proposal, sample, dataset)
    from_above(proposal, sample, dataset)
    days.period(proposal, sample, dataset)
    whole_period(proposal, sample, dataset)
    numbers = _settle_numbers(proposal, sample, dataset)
    count_of_things(proposal, sample, dataset)
    category(proposal, sample, dataset)
    line_id(proposal, sample, dataset, matches)
    for column in dataset.columns:
        if column.name == "currency":
            currency(proposal, sample, column)
    _snapshot_day(proposal, dataset, matches)
    days.invoice_day(proposal, sample, dataset)
    dates(proposal, sample, dataset)
    unnamed_end(proposal, sample, dataset)
    other_end(proposal, sample, dataset)
    detail(proposal, sample)
    for column in dataset.columns:
        if column.required and column.name not in proposal.columns:
            options: tuple[Any, ...] = _answers(column.name, sample)
            why = "no heading fits; name the vendor's column, or {constant: …}"
            client = heading_of(proposal.columns.get("client_id"))
            is_bill = dataset.name == "vendor_charges" and column.name == "invoice_id"
            if column.name == "agreement_id" and client:
                proposal.put(column.name, client, "no agreement is named: the lines of a client are one")
            elif is_bill and names_no_document(sample):
                proposal.put(column.name, options[0], "neither file nor name has a number of a document")
            else:
                proposal.put(column.name, TODO, why, options)
    gaps(proposal, sample, dataset)
    ready_answers(proposal, sample, dataset)
    read_as_empty(proposal, sample, dataset)
    last_look(proposal, sample, dataset, numbers)
    proposal.let_go()
    put_the_rest(proposal, sample, dataset, held or Held())
    _finish(proposal, sample, dataset, numbers)
    return proposal


def _only_filled(sample: Sample, column: Column, found: Match) -> tuple[str, str] | None:
    """The only one of several optional dates that has any, or the first where none has; a later file that
    fills another is asked about.
    """
    filled = [h for h in found.headings if sample.values(h)]
    if column.required or column.kind is not Kind.DATE or not found.headings or len(filled) > 1:
        return None
    return (filled or list(found.headings))[0], f"{found.why}; {'only it' if filled else 'none'} has days"


def _groups_of(proposal: Proposal, sample: Sample, dataset: Dataset) -> list[str]:
    """The columns of whole documents, found by a first look at what the lines' quantities are."""
    if dataset.name not in ("vendor_charges", "invoice_lines", "agreements") or not any(
        not row.get(h) for row in sample.rows for h in sample.headings
    ):
        return []
    first = Proposal(dict(sample.settings), columns=dict(proposal.columns))
    first.column_why = dict(proposal.column_why)
    _settle_numbers(first, sample, dataset)
    return groups(first, sample)


def _answers(column: str, sample: Sample) -> tuple[Any, ...]:
    """What may stand for a column that no heading fits."""
    if column == "invoice_id":
        return {"period": "YYYY-MM"}, {"file_name": "*"}
    if column == "vendor_customer_id":
        return tuple(
            {"columns": {column: heading, "vendor_customer_name": named}}
            for heading, named in names_with_ids(sample)
        )
    return ()


def _fitting(sample: Sample, dataset: Dataset) -> Any:
    """A column of dates is not taken for another, an empty one for none, and whole numbers for no product."""
    kinds = {column.name: column.kind for column in dataset.columns}

    def fits(column: str, heading: str) -> bool:
        values = sample.values(heading)
        if kinds[column] is Kind.DATE:
            return not values or bool(date_forms(told_apart(values)[0]))
        return bool(values) and not (column in ("sku_name", "product_name") and are_whole(values))

    return fits


def _settle_numbers(proposal: Proposal, sample: Sample, dataset: Dataset) -> Numbers | None:
    """Read the numbers in the style that they leave no doubt about, and propose what they are."""
    listed = [value for name, value in vars(money_names).items() if name.isupper() and isinstance(value, str)]
    named = [
        h
        for h in sample.headings
        if h
        and sample.values(h)
        and (any(score(h, n)[0] for n in listed) or is_number(folded(h)) or is_code_of_currency(h))
    ]
    readings = read_numbers(sample, named)
    readings = [r for r in readings if r.style.point == proposal.held.text("decimals")] or readings
    told = told_by_the_file(sample)
    readings = [r for r in readings if told and r.style.point == told.point] or readings
    if not readings:
        called = [h for h in sample.headings if h and any(score(h, n)[0] > 99 for n in listed)]
        if called := [h for h in called if any(map(_may_be_a_number, sample.values(h)))]:
            wrong = unread([text for h in called for text in sample.values(h)])
            proposal.ask("decimals", f"no known style reads all of {', '.join(called)}, such as {wrong}")
        for column in dataset.columns:
            if column.kind in NUMBERS and column.required:
                why = "no heading fits; no column of numbers is known by its name"
                options: tuple[Any, ...] = ()
                if column.name == "entitled_quantity":
                    why += (
                        "; {count: rows} if each row is a seat, {count: distinct, heading: …} if each user is"
                    )
                    options = ({"count": "rows"},)
                proposal.put(column.name, TODO, why, options)
        return None
    propose_numbers(proposal, sample, dataset, readings[0])
    refuse_unread(proposal, sample, dataset, readings[0])
    form_of_numbers(proposal, sample, dataset, readings, told)
    return readings[0]


def _may_be_a_number(text: str) -> bool:
    """Whether a cell has a digit and no more letters than a currency."""
    return any(c.isdigit() for c in text) and sum(c.isalpha() for c in text) <= _LETTERS_OF_A_CURRENCY


def _snapshot_day(proposal: Proposal, dataset: Dataset, matches: dict[str, Match]) -> None:
    if dataset.name == "license_counts" and "as_of_date" not in matches:
        proposal.put("as_of_date", {"period": "last_day"}, "no day is named: counts of the folder's month")


def _finish(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers | None) -> None:
    # None: a person left the column out
    names = [column.name for column in dataset.columns if proposal.columns.get(column.name) is not None]
    proposal.columns = {name: proposal.columns[name] for name in names}
    for name, words in proposal.columns.items():
        headings = headings_in(words)
        if headings:
            proposal.cells[name] = tuple(row.get(headings[0], "") for row in sample.rows[:3])
    used = {h for words in proposal.columns.values() for h in headings_in(words)}
    unused = [heading for heading in sample.headings if heading and heading not in used]
    if unused:
        more = f" and {len(unused) - _MOST_NAMED} more" if len(unused) > _MOST_NAMED else ""
        proposal.notes.append(f"not used: {', '.join(unused[:_MOST_NAMED])}{more}")
