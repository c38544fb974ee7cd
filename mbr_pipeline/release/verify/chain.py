"""Chains, recomputed: from the ledger's database, or from the lines of a pack.

What belongs here: reading a chain that may be damaged, and whether a head is in it. What does not: the form
of an entry (``mbr_pipeline.decide.ledger.entries``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mbr_pipeline.decide.ledger.entries import BEFORE_THE_FIRST, Entry, canonical, faults, read
from mbr_pipeline.release.verify.findings import Checked


@dataclass(frozen=True)
class Chain:
    """The entries that could be read, and what may be named as a head: any of their hashes, or none yet."""

    msp_id: str
    entries: tuple[Entry, ...] = ()
    is_whole: bool = True
    heads: frozenset[str] = frozenset({BEFORE_THE_FIRST})

    def of(self, period: str, kind: str) -> list[Entry]:
        """Return the entries of a kind about a month."""
        return [entry for entry in self.entries if (entry.period, entry.kind) == (period, kind)]


def line_of(entry: Entry) -> str:
    """Return an entry as a line of ``chain.jsonl``: as `mbr ledger --jsonl` prints it."""
    return json.dumps(entry.fields(), ensure_ascii=False)


def from_rows(checked: Checked, msp_id: str, rows: Iterable[dict[str, Any]], place: str) -> Chain:
    """Recompute the chain of rows of the ledger's table, whose bodies are text."""
    entries = list[Entry]()
    is_whole = True
    for row in rows:
        where = f"{place}: entry {row.get('seq')} of {msp_id}"
        try:
            body = json.loads(row["body"])
            if canonical(body) != row["body"]:
                checked.add(where, "changed", "its body is not written as it was entered")
            entries.append(read({**row, "body": body}))
        except (ValueError, TypeError) as error:
            is_whole = False
            checked.add(where, "changed", f"it cannot be read: {error}")
    return _chain(checked, msp_id, entries, place, is_whole)


def from_lines(checked: Checked, msp_id: str, lines: Iterable[str], place: str) -> Chain:
    """Recompute the chain of a pack's lines."""
    entries = list[Entry]()
    is_whole = True
    for number, line in enumerate(lines, 1):
        try:
            entry = read(json.loads(line))
            if line_of(entry) != line:
                checked.add(f"{place}:{number}", "changed", "the line is not written as it was entered")
            entries.append(entry)
        except (ValueError, TypeError) as error:
            is_whole = False
            checked.add(f"{place}:{number}", "changed", f"the line cannot be read: {error}")
    return _chain(checked, msp_id, entries, place, is_whole)


def hold_head(checked: Checked, chain: Chain, named: object, place: str) -> None:
    """Check that a head named somewhere is in the chain."""
    head = named.get("hash") if isinstance(named, dict) else named
    checked.count("heads")
    if not isinstance(head, str) or head not in chain.heads:
        checked.add(
            place,
            "unknown_head",
            f"it names {head} as the end of the chain of {chain.msp_id}, which has no such entry: entries are"
            " missing or were made anew",
        )


def _chain(checked: Checked, msp_id: str, entries: list[Entry], place: str, is_whole: bool) -> Chain:
    checked.count("entries", len(entries))
    try:
        for fault in faults(msp_id, entries):
            about, _, text = fault.partition(": ")
            kind = "order" if "follows" in text or "made after" in text or "older" in text else "changed"
            checked.add(f"{place}: {about}", "order" if kind == "order" else "changed", text)
    except (TypeError, ValueError, UnicodeError) as error:  # a field is of another type than any entry has
        checked.add(f"{place}: chain of {msp_id}", "changed", f"it cannot be recomputed: {error}")
        is_whole = False
    heads = frozenset([BEFORE_THE_FIRST, *(entry.hash for entry in entries)])
    return Chain(msp_id, tuple(entries), is_whole, heads)
