"""``people:`` of ``mbr.yml``, and the policies about them: who may act, and what needs two (contract §8.2).

What belongs here: the settings and what is wrong with them. What does not: who a caller is and whether they
may (``mbr_pipeline.decide.who``), and which codes a policy may decide (``mbr_pipeline.decide.policies``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from mbr_pipeline.values import parse_decimal
from mbr_pipeline.workspace.strict import Strict, shown

Role = Literal["clerk", "approver"]
ROLES: tuple[str, ...] = get_args(Role)
"""What a person may be: whoever approves may also do all that a clerk does."""

POLICY = "policy"
"""The actor of what the policies decide."""

_CURRENCY = re.compile(r"[A-Z]{3}\Z", re.ASCII)
_LONGEST_NAME = 100


def money(value: Any) -> Decimal:
    """Return an amount of a setting: 0 or more, at most 4 places.

    Raises:
        ValueError: It is none.
    """
    amount = parse_decimal(str(value), 15, 4)
    if amount < 0:
        raise ValueError(f"{value!r} is below zero: write 0 or more")
    return amount


def _role(value: Any) -> Any:
    if value not in ROLES:
        raise ValueError(f"{shown(value)} is no role: use any of {', '.join(ROLES)}")
    return value


def _by_currency(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError('write amounts by currency, such as {USD: "500.00"}')
    for currency in value:
        if not _CURRENCY.match(str(currency)):
            raise ValueError(f"{shown(currency)} is no currency: write three capitals, such as USD")
    return {currency: money(amount) for currency, amount in value.items()}


ByCurrency = Annotated[dict[str, Decimal], BeforeValidator(_by_currency)]


class Person(Strict):
    """One who may act: what the person is called, and as what."""

    name: str = Field(min_length=1)
    roles: list[Annotated[Role, BeforeValidator(_role)]] = Field(min_length=1)


class AutoApproval(Strict):
    """A class of small exceptions that are approved by themselves.

    ``codes``: exception codes. ``max_impact``: by currency; what is greater, or of another currency, is not.
    """

    codes: list[str] = Field(min_length=1)
    max_impact: ByCurrency = Field(min_length=1)


def problem_with_people(people: Mapping[str, Person]) -> str | None:
    """Return what is wrong with the names, or None."""
    for name in people:
        if name == POLICY:
            return f"people: `{POLICY}` is the name of what policies decide: call the person otherwise"
        if not name.isprintable() or name != name.strip() or not 0 < len(name) <= _LONGEST_NAME:
            return f"people: {shown(name)} is no name to sign with: write it like clerk1"
    return None


def problem_with_policies(
    people: Mapping[str, Person], limits: Mapping[str, Decimal], automatic: list[AutoApproval]
) -> str | None:
    """Return what is wrong with the policies together, or None."""
    if limits and not people:
        return "policies.four_eyes_above: needs `people`: name those who may act, and at least one approver"
    if limits and not any("approver" in person.roles for person in people.values()):
        return "policies.four_eyes_above: nobody in `people` has the role approver: who should confirm?"
    for rule in automatic:
        for currency, amount in rule.max_impact.items():
            if currency in limits and amount > limits[currency]:
                return (
                    f"policies.auto_approve: max_impact {amount} {currency} is above four_eyes_above"
                    f" {limits[currency]}: what needs two people is not decided by none"
                )
    return None
