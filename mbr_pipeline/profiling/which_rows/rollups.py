"""Rows that are sums of other rows, found by what they add up to: levels of an account, one row for all.

What belongs here: sums, exactly, and their order. What does not: parents of an organisation (``parents``),
bundles (``bundles``), rows that are called a total and half empty (``total_rows``).
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.counted import plural
from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.unused import customer_of, go_together
from mbr_pipeline.profiling.doubts.look import sorting
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.numbers import Column, Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.which_rows.measure import (
    ALL,
    filled,
    looked_at,
    measures,
    numbers_used,
    parts,
    product_of,
    skipped,
    sum_of,
    ways_to_part,
)
from mbr_pipeline.profiling.which_rows.parents import sums_of_children
from mbr_pipeline.profiling.words.meanings import TOTALS

_ALL_WORDS = word_set(
    "all total totals overall everyone everything sum summary grand alle alles gesamt insgesamt summe tous"
    " toutes tout ensemble todos todas todo tutti tutte allemaal totaal totale totales totaux razem suma"
    " wszystkie wszyscy samtliga totalt yhteensa kaikki celkem ialt"
)
"""Words of a customer or product that stands for all of them."""

_LEVELS = word_set(
    "level ebene niveau nivel livello poziom record row rowtype recordtype satzart zeilenart summary detail"
    " kind aggregation rollup hierarchy hierarchie tier granularity granularitat"
)
"""Words of headings of columns that tell sums from what they are made of."""

_ENOUGH = 2
_SEVERAL = 2
_MANY = 3
_MOST_LEVELS = 4
"""Among more texts, one is the sum of another by chance."""

_NO_SUMS = ("clients", "products")


def rows_that_add_up(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask once which rows are read where some are the sum of others."""
    every = measures(proposal, sample, numbers)
    if dataset.name in _NO_SUMS or not every or len(sample.rows) <= _SEVERAL:
        return
    for ask in (_levels, sums_of_children, _one_for_all, _sums_between):
        if ask(proposal, sample, every):
            return


def called_totals(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask whether rows count that have a word for a total in a cell, however many texts the column has."""
    if dataset.name in _NO_SUMS:
        return
    for heading in filter(None, sample.headings):
        texts = [t for t in dict.fromkeys(sample.values(heading)) if folded(t) in TOTALS.split("|")]
        at = [i for i, row in enumerate(sample.rows) if row.get(heading) in texts]
        if texts and len(at) * 2 < len(sample.rows) and heading not in looked_at(proposal):
            why = f"“{heading}” says {', '.join(texts)} in some rows: do such rows count?"
            proposal.ask_rows(why, ({"skip": {heading: texts}}, {"only": {heading: ALL}}))
            return


def _levels(proposal: Proposal, sample: Sample, every: list[Column]) -> bool:
    """Ask where the rows of one text of a column are the sum of those of another, or of all others."""
    taken, customer = numbers_used(proposal) | looked_at(proposal), customer_of(proposal)
    for heading, texts in sorting(sample).items():
        is_of_customers = customer and go_together(sample, customer, heading)
        if heading in taken or len(texts) > _MOST_LEVELS or is_of_customers:
            continue
        rows = parts(sample, heading)
        for whole in filter(None, texts):
            rest = [text for text in texts if text != whole]
            for made in dict.fromkeys((*((text,) for text in rest), tuple(rest))):
                inner = {at for text in made for at in rows[text]}
                if _is_sum(proposal, sample, every[0], heading, set(rows[whole]), inner):
                    says = " and ".join(text or "nothing" for text in made)
                    why = f"“{heading}”: rows with {whole} are the sum of those with {says}: which are read?"
                    ways = (list(made), [whole], rest, ALL)
                    options = [
                        {"only": {heading: way}} for at, way in enumerate(ways) if way not in ways[:at]
                    ]
                    proposal.ask_rows(why, tuple(options))
                    return True
    return False


def _is_sum(
    proposal: Proposal, sample: Sample, column: Column, heading: str, whole: set[int], inner: set[int]
) -> bool:
    """Whether some rows are the sum of others, in the file or for each customer, product or invoice, often
    enough that it is no chance: whole numbers have to be so twice, or under a heading that says so.
    """
    called = bool(_LEVELS & set(folded(heading).split()))
    is_money = any(number and number % 1 for number in column)
    for way in ways_to_part(proposal):
        if way == heading:
            continue
        several, evidence = 0, 0
        for rows in parts(sample, way).values():
            sums, made = (filled(column, [at for at in rows if at in each]) for each in (whole, inner))
            if not sums and not made:
                continue
            if not sums or not made or sum_of(column, sums) != sum_of(column, made):
                break
            if len(sums) < len(made):
                several += 1
            evidence += 1
        else:
            if several and (called or several >= _ENOUGH or (is_money and evidence >= _ENOUGH)):
                return True
    return False


def _one_for_all(proposal: Proposal, sample: Sample, every: list[Column]) -> bool:
    """Ask where one customer has, of every product, what all others have together; or a product that is
    called all of them, of every customer; or one of the documents.
    """
    customer, product = customer_of(proposal), product_of(proposal)
    document = None if customer else heading_of(proposal.columns.get("invoice_id"))
    for key, way in ((customer, product), (product, customer), (document, None)):
        is_asked = proposal.words.get("where") == TODO and key in looked_at(proposal)
        if not key or is_asked or len(set(sample.values(key))) < _SEVERAL:
            continue
        groups = [set(rows) for rows in parts(sample, way if way != key else None).values()]
        for text, rows in parts(sample, key).items():
            own = set(rows)
            found = [_evidence(column, own, groups) for column in every if any(column)]
            is_called = any(
                _ALL_WORDS & set(folded(t).split()) for at in own for t in sample.rows[at].values()
            )
            at_an_end = key != product and (0 in own or len(sample.rows) - 1 in own)
            is_no_chance = at_an_end and all(found) and max(found, default=0) >= _ENOUGH
            if is_no_chance or (is_called and any(found)):
                said = text or "nothing"
                why = f"the rows with {said} under “{key}” are the sum of all others: do they count?"
                proposal.ask_rows(why, ({"skip": {key: [text]}}, {"only": {key: ALL}}))
                return True
    return False


def _evidence(column: Column, own: set[int], groups: list[set[int]]) -> int:
    """How often some rows are the sum of all others of their group, none if they are not for one; a sum of
    three rows or more counts twice.
    """
    rest = (
        set(range(len(column))) - own
        if 2 * sum_of(column, own) == sum_of(column, range(len(column)))
        else set()
    )
    if not rest:
        return 0
    found = 0
    for rows in groups:
        sums, others = filled(column, rows & own), filled(column, rows - own)
        if sum_of(column, sums) != sum_of(column, others):
            found = 0
            break
        found += (len(others) >= _SEVERAL) + (len(others) >= _MANY)
    if found:
        return found
    others = filled(column, rest)
    return (1 + (len(others) > _MANY)) if len(own) == 1 and len(others) >= _MANY else 0


def _sums_between(proposal: Proposal, sample: Sample, every: list[Column]) -> bool:
    """Ask where rows are each the sum of the rows above them, up to the last such row, through the file."""
    sums = list(_ends_of_blocks(every[0]))
    if len(sums) < _SEVERAL:
        return False
    said = [customer_of(proposal), product_of(proposal), *sample.headings]
    way = skipped(sample, sums, said)
    if way and looked_at(proposal) & set(way["skip"]):
        return True  # it is asked already whether rows count that have nothing there
    lines = f"{plural(len(sums), 'row')}, such as row {sums[0] + 1},"
    more = "" if way else "; no column tells them: take them out of the file if they are totals"
    first = next(filter(None, sample.headings))
    options = [*([way] if way else []), {"only": {first: ALL}}]
    proposal.ask_rows(f"{lines} are each the sum of the rows above: do they count?{more}", tuple(options))
    return True


def _ends_of_blocks(column: Column) -> Iterator[int]:
    """Give the rows that are sums of two or more rows right above them, nothing if a row is in no block."""
    found, at = [], 0
    while at < len(column):
        whole = column[at] or 0
        for end in range(at + 1, len(column)):
            if end - at >= _SEVERAL and column[end] and column[end] == whole:
                found.append(end)
                break
            whole += column[end] or 0
        else:
            return
        at = found[-1] + 1
    yield from found
