"""The decisions of a chain of ledger entries, and what became of each (contract §8.1, §8.3).

What belongs here: this engine's own reading of the entries. What does not: whether a decision holds in a
month (``states``), and where the chain is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

Entry = Mapping[str, Any]
"""The ten fields of an entry by name."""

IMPACT_COLUMNS = (
    "client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded", "priced_at_cost",
)  # fmt: skip


@dataclass
class Ruling:
    """One decision. ``became`` is ``made``, ``pending``, ``refused`` or ``withdrawn``."""

    entry: Entry
    became: str
    confirmed_by: str | None = None
    seen: dict[str, Fraction] = field(default_factory=dict)

    @property
    def decision_id(self) -> str:
        """The id of its entry; empty for what a policy approves and is not entered yet."""
        return str(self.entry["entry_id"] or "")

    @property
    def action(self) -> str:
        """approve, waive, dispute, defer or release."""
        return str(self.entry["kind"])

    @property
    def month(self) -> str:
        """The month that it was made on."""
        return str(self.entry["period"])

    @property
    def is_settled(self) -> bool:
        """Whether it is neither waiting for a second person nor refused by one."""
        return self.became in ("made", "withdrawn")

    @property
    def until(self) -> str:
        """The last month of a waiver."""
        return str(self.entry["body"]["until"])

    @property
    def impact_seen(self) -> Fraction | None:
        """The amount that it was weighed by; None for a release."""
        if not self.seen:
            return None
        return self.seen["priced_at_cost"] or max(self.seen[name] for name in IMPACT_COLUMNS[:5])

    @property
    def most(self) -> Fraction:
        """The most that a waiver covers."""
        limit = self.entry["body"].get("up_to")
        return Fraction(limit) if limit is not None else (self.impact_seen or Fraction(0))

    def about(self, name: str) -> Any:
        """Return a field of its body, or None."""
        return self.entry["body"].get(name)


@lru_cache(maxsize=10_000)
def _number(text: str) -> Fraction:
    """Read an amount; most of them are 0."""
    return Fraction(text)


def rulings(chain: Iterable[Entry]) -> list[Ruling]:
    """Return the decisions, oldest first."""
    found: dict[str, Ruling] = {}
    for entry in sorted(chain, key=lambda each: int(each["seq"])):
        kind, body = entry["kind"], entry["body"]
        if kind in ("approve", "waive", "dispute", "defer", "release"):
            seen = {name: _number(text) for name, text in (body.get("seen") or {}).items()}
            name = entry["entry_id"] or f"entry {entry['seq']}"
            found[name] = Ruling(entry, "pending" if body.get("pending") else "made", None, seen)
            continue
        about = found.get(body.get("entry_id", "")) if kind in ("confirm", "refuse", "withdraw") else None
        if about is None:
            continue
        if kind == "withdraw" and about.became != "refused":
            about.became = "withdrawn"
        elif about.became == "pending":
            about.became = "made" if kind == "confirm" else "refused"
            about.confirmed_by = entry["actor"] if kind == "confirm" else None
    return list(found.values())
