"""Rows and sections of findings as the report's templates read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mbr_pipeline.exception_codes import place_of


@dataclass(frozen=True)
class Money:
    """An amount of one direction in one currency; ``open`` is the part that is
    neither decided nor cleared.
    """

    direction: str
    currency: str | None
    amount: Decimal
    open: Decimal


@dataclass(frozen=True)
class CurrencyMoney:
    """The five directions of one currency; None where nothing was compared that could
    have produced a figure.
    """

    currency: str | None
    amounts: tuple[Money | None, ...]


@dataclass(frozen=True)
class CodeRow:
    """All exceptions of one code and severity."""

    code: str
    meaning: str
    severity: str
    count: int
    open: int
    blocking: int
    money: tuple[Money, ...]
    at_cost: tuple[Money, ...]


@dataclass(frozen=True)
class ClientRow:
    """All exceptions of one client in one currency; ``client_id`` None is "not mapped to a client"."""

    client_id: str | None
    client_name: str | None
    count: int
    blocking: int
    amounts: tuple[Decimal, ...]


@dataclass(frozen=True)
class ClientSection:
    """The clients of one currency, largest sums first."""

    currency: str | None
    rows: tuple[ClientRow, ...]
    total: int


@dataclass(frozen=True)
class Finding:
    """One exception, with its client's name."""

    row: Mapping[str, Any]
    client_name: str | None
    money: tuple[Money, ...]


@dataclass(frozen=True)
class IndexedClient:
    """One client of the index: where each of its listed findings is on the page, with its code."""

    client_id: str | None
    client_name: str | None
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class IndexedCode:
    """One kind of finding of the index: where each listed one is on the page, and whom it concerns."""

    code: str
    findings: tuple[tuple[str, Finding], ...]


@dataclass(frozen=True)
class FindingSection:
    """Exceptions that can be ranked by money: those of one currency, or (``with_money``
    false) those without any.
    """

    currency: str | None
    with_money: bool
    rows: tuple[Finding, ...]
    total: int


def client_index(sections: Sequence[FindingSection]) -> tuple[IndexedClient, ...]:
    """Return the clients of the findings that are listed, by name; what is mapped to none comes last."""
    found: dict[str | None, list[tuple[str, str]]] = {}
    names: dict[str | None, str | None] = {}
    for number, section in enumerate(sections, start=1):
        for place, finding in enumerate(section.rows, start=1):
            client = finding.row["client_id"]
            names[client] = finding.client_name
            found.setdefault(client, []).append((f"f{number}-{place}", finding.row["exception_code"]))

    def by_name(client: str | None) -> tuple[bool, str, str]:
        return client is None, (names[client] or client or "").casefold(), client or ""

    return tuple(IndexedClient(each, names[each], tuple(found[each])) for each in sorted(found, key=by_name))


def code_index(sections: Sequence[FindingSection]) -> tuple[IndexedCode, ...]:
    """Return the kinds of the findings that are listed, in the order of the codes; of each the findings as
    they are listed, most money first.
    """
    found: dict[str, list[tuple[str, Finding]]] = {}
    for number, section in enumerate(sections, start=1):
        for place, finding in enumerate(section.rows, start=1):
            found.setdefault(finding.row["exception_code"], []).append((f"f{number}-{place}", finding))
    return tuple(IndexedCode(code, tuple(found[code])) for code in sorted(found, key=place_of))
