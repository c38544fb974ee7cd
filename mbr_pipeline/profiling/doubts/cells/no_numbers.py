"""Rows without a number that a record has to have: loading would reject them.

What belongs here: what is asked about empty cells of required numbers. What does not: other required columns
(``columns.gaps``), cells that hold something else (``unread``).
"""

from __future__ import annotations

from typing import Any

from connectors.datasets import Dataset
from connectors.mapped.making import is_among
from connectors.mapped.parts import NUMBERS
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.as_yaml import flow
from mbr_pipeline.profiling.doubts.look import doubt
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample

_MOST_SHOWN = 80


def without_a_number(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask what is meant where a required number is empty in some of the rows that are read: another number of
    the row may say it, or the row may be no line.
    """
    rows = [row for row in sample.rows if _is_read(proposal, row)]
    headings = {
        column.name: heading
        for column in dataset.columns
        if column.required and column.kind in NUMBERS
        if (heading := heading_of(proposal.columns.get(column.name)))
        and not _says_of_empty(proposal.columns[column.name])
    }
    hollow = [row for row in rows if headings and not any(row.get(h) for h in headings.values())]
    if hollow and len(hollow) < len(rows) and proposal.words.get("where") != TODO:
        heading = list(headings.values())[-1]
        seen = " | ".join(text for text in hollow[0].values() if text)[:_MOST_SHOWN]
        proposal.ask_rows(
            f"{len(hollow)} of {len(rows)} rows have no number, such as {seen}: are they lines?",
            ({"skip": {heading: [""]}},),
        )
    for name, heading in headings.items():
        empty = [row for row in rows if not row.get(heading) and row not in hollow]
        if empty and len(empty) + len(hollow) < len(rows):
            seen = " | ".join(text for text in empty[0].values() if text)[:_MOST_SHOWN]
            ways = _ways(proposal, name, heading)
            why = f"“{heading}” is empty in {len(empty)} of {len(rows)} rows, such as {seen}: they would be"
            why += f" rejected; what does it mean? Perhaps {' or '.join(map(flow, ways))}"
            doubt(proposal, name, why, *ways, first=True)


def _ways(proposal: Proposal, name: str, heading: str) -> list[Any]:
    own = proposal.columns[name]
    words = dict(own) if isinstance(own, dict) else {"heading": heading}
    price = next((p for p in ("unit_cost", "unit_price") if p in proposal.columns), "")
    both = [heading_of(proposal.columns.get(part)) for part in ("quantity", price)]
    made = [{**words, "default": {"product_of": both}}] if name == "amount" and all(both) else []
    return [*made, {**words, "default": "0"}]


def _says_of_empty(words: Any) -> bool:
    return isinstance(words, dict) and ("default" in words or "" in words.get("values", {}))


def _is_read(proposal: Proposal, row: dict[str, str]) -> bool:
    """Whether a row is read by what is decided of that, and by every answer that is ready for it."""
    where = proposal.words.get("where")
    ways = [where] if isinstance(where, dict) else list(proposal.options.get(("where",), ()))
    return all(
        all(is_among(row.get(h, ""), tuple(texts)) for h, texts in way.get("only", {}).items())
        and not any(is_among(row.get(h, ""), tuple(texts)) for h, texts in way.get("skip", {}).items())
        for way in ways
    )
