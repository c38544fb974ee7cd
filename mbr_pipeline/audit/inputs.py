"""The fingerprint of what a month is computed from, and what two of them say changed.

What belongs here: making and comparing it. What does not: finding what goes into it
(``mbr_pipeline.monthly_close``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mbr_pipeline.ingest.landing import LandedFile, inputs_hash

_DIGITS = 16
"""So many of the fingerprint are of each part: it has those of a SHA-256 in all."""

_PARTS = ("landed files", "rules", "settings")
"""The parts in their order; the last one is of decisions."""


def fingerprint(
    files: tuple[LandedFile, ...], rules: Sequence[bytes], settings: bytes, decided: Sequence[bytes]
) -> str:
    """Return one fingerprint of everything a month is computed from, a quarter of it of each part."""
    parts = (
        inputs_hash(files),
        inputs_hash((), *rules),
        inputs_hash((), settings),
        inputs_hash((), *decided),
    )
    return "".join(part[:_DIGITS] for part in parts)


def changes(before: str, now: str) -> str:
    """Say what changed between two fingerprints; all that may have, where one is of an earlier release."""
    since = "after the month was loaded"
    if {len(before), len(now)} != {_DIGITS * (len(_PARTS) + 1)}:
        return f"landed files, rules, settings or decisions changed {since}"
    *others, decided = (_part(before, n) != _part(now, n) for n in range(len(_PARTS) + 1))
    changed = [name for name, is_other in zip(_PARTS, others, strict=True) if is_other]
    said = [f"{_listed(changed)} changed {since}"] if changed else []
    return " and ".join(said + [f"a decision came {since}"] * decided)


def _part(text: str, number: int) -> str:
    return text[number * _DIGITS : (number + 1) * _DIGITS]


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
