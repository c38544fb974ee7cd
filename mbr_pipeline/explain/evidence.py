"""The landed records that a finding rests on, the vendor's beside the client's.

What belongs here: choosing and writing them. What does not: how the finding follows from them (``derive``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from mbr_pipeline.explain import Explanation
from mbr_pipeline.explain.exact import plain
from mbr_pipeline.recompute.reading.records import Record

MOST = 40
"""Records of one dataset that are shown."""


@dataclass(frozen=True)
class Records:
    """The landed records of one dataset that a finding rests on, one a column.

    Attributes:
        title: What they are.
        ids: Where they were landed: file and line.
        rows: A field's name with its value in each.
        total: How many there are, shown or not.
    """

    title: str
    ids: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    total: int


def sides(explanation: Explanation) -> Sequence[tuple[str, Sequence[Records]]]:
    """Return the records of a finding's evidence: the vendor's, and the client's."""
    case, wanted = explanation.case, set(explanation.found.finding.evidence)
    vendor = (("Vendor bill", case.vendor_lines), ("Seat counts", case.seat_counts))
    client = (("Client invoice", case.invoice_lines), ("Agreement", case.agreement_lines))
    return [
        (title, [made for name, records in kinds if (made := _records(name, records, wanted))])
        for title, kinds in (("The vendor's side", vendor), ("The client's side", client))
    ]


def _records(title: str, records: Sequence[Record], wanted: set[str]) -> Records | None:
    found = [each for each in records if each.record_id in wanted]
    if not found:
        return None
    shown = found[:MOST]
    names = [each.name for each in fields(found[0]) if each.name != "origin"]
    rows = [(name, [_text(getattr(each, name)) for each in shown]) for name in names]
    return Records(
        title,
        [each.record_id for each in shown],
        [(name.replace("_", " "), values) for name, values in rows if any(values)],
        len(found),
    )


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else str(value)
