"""The codes of exceptions and controls as Python sees them: the rows of the dbt seed that the SQL reads too.

What belongs here: reading that one file (``dbt_project/seeds/exception_codes.csv``, described next to it) and
queries on it. What does not: deciding which row of a month carries a code, and any word about a code that is
not in the seed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from mbr_pipeline.transform.project_folder import PROJECT

SEED = PROJECT / "seeds" / "exception_codes.csv"


@dataclass(frozen=True)
class ExceptionCode:
    """One code: what it is about, its severity, whether it holds a client, and its words
    for people (contract §5).

    ``kind`` is client, vendor or control; ``order`` the place in the contract's tables, by which the first
    code that fits is chosen. ``blocks`` is always, impact (above materiality) or never; ``impact`` is the
    side that its money is on: client, vendor, stranded, cost, none. ``cleared_when`` ends the sentence
    "Cleared when …."; None where there is nothing to clear.
    """

    code: str
    order: int
    kind: str
    severity: str
    blocks: str
    impact: str
    is_volume_code: bool
    first_status: str
    meaning: str
    cleared_when: str | None


@cache
def exception_codes() -> Mapping[str, ExceptionCode]:
    """Return every code of the seed, in order."""
    with SEED.open(encoding="utf-8", newline="") as file:
        found = [_code(row) for row in csv.DictReader(file)]
    return MappingProxyType({code.code: code for code in sorted(found, key=lambda code: code.order)})


def codes_of(*kinds: str) -> tuple[str, ...]:
    """Return the names of the codes of these kinds, in order."""
    return tuple(code.code for code in exception_codes().values() if code.kind in kinds)


def place_of(name: str) -> int:
    """Return a code's place among all; a name that is not a code comes last."""
    found = exception_codes().get(name)
    return found.order if found else len(exception_codes()) + 1


def meaning_of(name: str) -> str:
    """Return a code's meaning in one sentence; nothing for a name that is not a code."""
    found = exception_codes().get(name)
    return found.meaning if found else ""


def remedy_of(name: str) -> str:
    """Return the sentence that says what clears a code; nothing if there is none."""
    found = exception_codes().get(name)
    return f"Cleared when {found.cleared_when}." if found and found.cleared_when else ""


def _code(row: Mapping[str, str]) -> ExceptionCode:
    return ExceptionCode(
        code=row["exception_code"],
        order=int(row["code_order"]),
        kind=row["kind"],
        severity=row["severity"],
        blocks=row["blocks"],
        impact=row["impact"],
        is_volume_code=row["is_volume_code"] == "true",
        first_status=row["first_status"],
        meaning=row["meaning"],
        cleared_when=row["cleared_when"] or None,
    )
