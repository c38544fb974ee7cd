"""The ``policies`` of ``mbr.yml`` (contract §2, §8.2).

What belongs here: reading them independently. What does not: what they do (``decisions.policies``, ``gate``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class SmallClass:
    """Exceptions that are approved by themselves: of these codes, up to an impact by currency."""

    codes: frozenset[str]
    most: Mapping[str, Decimal]


@dataclass(frozen=True)
class Policies:
    """The ``policies`` of mbr.yml, as far as a month depends on them: who confirms is no part of it."""

    materiality: Decimal = Decimal("0.00")
    rounding_tolerance: Decimal = Decimal(1)
    min_coverage_pct: Decimal = Decimal(0)
    auto_approve: tuple[SmallClass, ...] = ()


def read_policies(written: Mapping[str, Any]) -> Policies:
    """Return the policies of a mapping whose scalars are the texts that the operator wrote."""
    names = ("materiality", "rounding_tolerance", "min_coverage_pct")
    return Policies(
        **{name: Decimal(written[name]) for name in names if name in written},
        auto_approve=tuple(
            SmallClass(
                frozenset(each["codes"]),
                {currency: Decimal(most) for currency, most in each["max_impact"].items()},
            )
            for each in written.get("auto_approve") or ()
        ),
    )
