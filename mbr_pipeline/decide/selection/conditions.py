"""Which exceptions a command means: ids, shortened where that is clear, or conditions on a month (§8.3).

What belongs here: finding them among audited months. What does not: whether a decision fits them
(``making``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from mbr_pipeline.decide.audited import AuditedMonth, Row
from mbr_pipeline.decide.decisions import impact_of
from mbr_pipeline.errors import ConfigError

SHORTEST = 6
"""Characters of an id that are enough where no other begins so."""
_NAMED = 20

Subject = tuple[AuditedMonth, Row]
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True)
class Conditions:
    """What an exception must be to be chosen; None asks nothing. ``max_impact`` is in its own currency."""

    code: str | None = None
    client_id: str | None = None
    product_code: str | None = None
    source: str | None = None
    max_impact: Decimal | None = None

    def hold_for(self, row: Row) -> bool:
        """Whether an exception is meant."""
        return (
            self.code in (None, row["exception_code"])
            and self.client_id in (None, row["client_id"])
            and self.product_code in (None, row["product_code"])
            and self.source in (None, row["source"])
            and (self.max_impact is None or impact_of(row) <= self.max_impact)
        )


def all_of(months: Iterable[AuditedMonth]) -> Iterator[Subject]:
    """Yield every exception, in the order of the months and their tables."""
    for month in months:
        for row in month.exceptions.values():
            yield month, row


def by_id(prefix: str, months: Iterable[AuditedMonth]) -> Subject | str:
    """Return the exception of an id, or why there is none."""
    if not prefix:
        return "exception_id is empty"
    if len(prefix) < SHORTEST:
        return f"write at least {SHORTEST} characters"
    found = [each for each in all_of(months) if each[1]["exception_id"].startswith(prefix.strip().lower())]
    if not found:
        return "no last audit has such an exception"
    if len(found) > 1:
        return f"{len(found)} exceptions begin so: write more of it"
    return found[0]


def each_or_none(wanted: Sequence[K], find: Callable[[K], T | str], name: Callable[[K], str]) -> list[T]:
    """Return what is found for each, all or none.

    Raises:
        ConfigError: Something fits not; every one is named.
    """
    found = [(one, find(one)) for one in wanted]
    wrong = [f"{name(one)}: {result}" for one, result in found if isinstance(result, str)]
    if wrong:
        more = f"; and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise ConfigError(f"nothing was decided: {'; '.join(wrong[:_NAMED])}{more}")
    return [result for _, result in found if not isinstance(result, str)]
