"""Findings of one page in groups, and their money together.

What belongs here: groups, sums, and what there is to choose from. What does not: which findings (``items``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mbr_pipeline.exception_codes import meaning_of, place_of
from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.serve.worklist.asked import NONE, PAGE, Asked
from mbr_pipeline.serve.worklist.findings import TITLES, Amount, Findings
from mbr_pipeline.serve.worklist.items import Item

_COLUMNS = {
    "client": "client_id", "code": "exception_code", "product": "product_code", "source": "source",
}  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Findings of one client, code or source; ``items`` are those of the page, count and money are of all."""

    key: str
    title: str | None
    count: int
    money: Sequence[Amount]
    items: Sequence[Item]


@dataclass(frozen=True)
class Choice:
    """What findings can be narrowed to, and how many there are."""

    key: str
    title: str
    count: int


def grouped(items: Sequence[Item], asked: Asked, found: Findings) -> list[Group]:
    """Return the groups of which the page asked for shows something, in the order of their first findings;
    without a group asked for, all are one.
    """
    by_key: dict[str, list[Item]] = {}
    for item in items:
        by_key.setdefault(_key(item, asked.by) if asked.by else "", []).append(item)
    first, at, groups = (asked.page - 1) * PAGE, 0, list[Group]()
    for key, whole in by_key.items():
        shown = whole[max(0, first - at) : max(0, first + PAGE - at)]
        at += len(whole)
        if shown:
            groups.append(Group(key, _title(asked.by, key, found), len(whole), money_of(whole), shown))
    return groups


def choices(found: Findings) -> Mapping[str, Sequence[Choice]]:
    """Return what the findings can be narrowed to: codes in their order, the rest by name."""
    made = {}
    for by, column in _COLUMNS.items():
        counted = {key or NONE: n for key, n in found.counted[column].items()}
        options = [Choice(key, _title(by, key, found) or key, n) for key, n in counted.items()]
        made[by] = sorted(options, key=lambda each: _place(by, each))
    return made


def money_of(items: Iterable[Item]) -> list[Amount]:
    """Add up by direction and currency."""
    found: dict[tuple[str, str | None], list[Decimal]] = {}
    for item in items:
        for each in item.finding.money:
            found.setdefault((each.title, each.currency), []).append(each.amount)
    return in_order(
        Amount(title, exact_sum(amounts), currency) for (title, currency), amounts in found.items()
    )


def in_order(amounts: Iterable[Amount]) -> list[Amount]:
    """Return amounts by currency and then direction."""
    order = list(TITLES.values())
    return sorted(amounts, key=lambda each: (each.currency or "", order.index(each.title)))


def _place(by: str, each: Choice) -> tuple[bool, int, str, str]:
    return each.key == NONE, place_of(each.key) if by == "code" else 0, each.title.casefold(), each.key


def _key(item: Item, by: str) -> str:
    return str(item.finding.row[_COLUMNS[by]] or NONE)


def _title(by: str, key: str, found: Findings) -> str | None:
    if key == NONE:
        return {"client": "not mapped to a client", "product": "no product", "source": "no source"}.get(by)
    if by == "code":
        return meaning_of(key) or key
    return {"client": found.clients, "product": found.products}.get(by, {}).get(key)
