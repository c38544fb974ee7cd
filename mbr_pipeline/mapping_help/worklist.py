"""The list that a billing clerk works through: what a month left unmapped, most money first, each with its
likely client or product and the row that maps it.

What belongs here: putting findings, rules and suggestions together. What does not: reading (``unmapped``),
comparing names (``match_clients``, ``match_products``), writing a row (``accept``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from mbr_pipeline.mapping_help.company_names import normalise
from mbr_pipeline.mapping_help.match_clients import Clients
from mbr_pipeline.mapping_help.match_products import Products
from mbr_pipeline.mapping_help.suggest import Alias, Answer, Candidate, Unmapped, answer
from mbr_pipeline.mapping_help.unmapped import Finding, Kind, MonthOfFindings, Named, Use, read_month
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class Row:
    """The rule that would map a thing: ``term`` is empty where it holds for all, ``valid_to`` where
    it has no end.
    """

    kind: Kind
    source: str
    id: str
    target: str
    term: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Item:
    """One thing to map. ``terms`` are the commitments it is billed with, ``row`` is there where the best
    suggestion can be accepted.
    """

    kind: Kind
    source: str
    id: str
    names: tuple[str, ...]
    terms: tuple[str, ...]
    costs: tuple[tuple[str, Decimal], ...]
    answer: Answer
    row: Row | None


@dataclass(frozen=True)
class Worklist:
    """What is to do, most money first within each currency; ``waiting`` things were mapped since
    and need a run.
    """

    items: tuple[Item, ...]
    waiting: int


@dataclass(frozen=True)
class _Rule:
    """One row of client_map or sku_map."""

    file: str
    source: str
    id: str
    term: str
    target: str
    valid_from: date
    valid_to: date
    line: int

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day < self.valid_to

    def maps(self, finding: Finding) -> bool:
        return self.source == finding.source and self.id == finding.id

    def said(self, what: str) -> str:
        """The row in words, with its validity if it has one."""
        since = f" from {self.valid_from}" if self.valid_from != date.min else ""
        until = f" until {self.valid_to}" if self.valid_to != date.max else ""
        return f"line {self.line} of {self.file}.csv maps {what} to it{since}{until}"


def worklist(workspace: Workspace, month: MonthPaths, threshold: int) -> Worklist:
    """Build the list for one MSP and month."""
    rules = workspace.rules(month.msp_id)
    found = read_month(month, workspace.msp(month.msp_id))
    client_rules = _rules("client_map", rules["client_map"].to_pylist(), "vendor_customer_id", "client_id")
    sku_rules = _rules("sku_map", rules["sku_map"].to_pylist(), "sku_id", "product_code")
    in_force = [
        r
        for r in (*client_rules, *sku_rules)
        if r.valid_from < month.period.end and r.valid_to > month.period.start
    ]
    clients = Clients(_candidates(_psa_clients(found), client_rules, found.customers, in_force, month))
    catalogue = Products(_candidates(_psa_products(found), sku_rules, found.skus, in_force, month))
    items: list[Item] = []
    waiting = 0
    for finding in found.findings:
        own = [
            rule for rule in (client_rules if finding.kind == "customer" else sku_rules) if rule.maps(finding)
        ]
        uses = [
            use
            for use in finding.uses
            if not any(rule.holds_on(use.day) and rule.term in ("", use.term) for rule in own)
        ]
        if not uses:
            waiting += 1
        elif finding.kind == "customer":
            answered = answer(
                clients.score(Unmapped(finding.source, finding.id, finding.names)), threshold, "client"
            )
            items.append(_item(finding, answered, "", uses, own, month))
        else:
            items += _sku_items(finding, uses, own, catalogue, threshold, month)
    return Worklist(tuple(sorted(items, key=_most_money_first)), waiting)


def _sku_items(
    finding: Finding,
    uses: Sequence[Use],
    own: Sequence[_Rule],
    catalogue: Products,
    threshold: int,
    month: MonthPaths,
) -> list[Item]:
    """Ask for every commitment: a SKU sold monthly and yearly is two items if these are two products, and one
    if they are not.
    """
    answers: dict[tuple[str, str, str], Answer] = {}
    asked: dict[tuple[str, str, str], list[Use]] = {}
    for term in sorted({use.term for use in uses}):
        answered = answer(
            catalogue.score(Unmapped(finding.source, finding.id, finding.names, term)), threshold, "product"
        )
        best = answered.suggestions[0] if answered.suggestions else None
        # a product for one commitment gets a row for that one: a row for all would map the others
        # to it as well
        row_term = term if best and catalogue.is_for_one_term(best.id) else ""
        key = (row_term, best.id if best else "", answered.doubt)
        answers.setdefault(key, answered)
        asked.setdefault(key, []).extend(use for use in uses if use.term == term)
    return [_item(finding, answers[key], key[0], asked[key], own, month) for key in answers]


def _item(
    finding: Finding,
    answered: Answer,
    row_term: str,
    uses: Sequence[Use],
    own: Sequence[_Rule],
    month: MonthPaths,
) -> Item:
    row = None
    if (
        answered.suggestions and "\0" not in finding.id
    ):  # no command line can carry it: the shell would cut the id there
        first = min(use.day for use in uses)
        same = [rule for rule in own if rule.term == row_term]
        # published months stay as they are, unless this month's bills reach back
        start = max(
            [min(month.period.start, first), *(rule.valid_to for rule in same if rule.valid_to <= first)]
        )
        end = min((rule.valid_from for rule in same if rule.valid_from > first), default=None)
        row = Row(finding.kind, finding.source, finding.id, answered.suggestions[0].id, row_term, start, end)
    terms = tuple(sorted({use.term for use in uses if use.term}))
    return Item(finding.kind, finding.source, finding.id, finding.names, terms, finding.costs, answered, row)


def _most_money_first(item: Item) -> tuple[Any, ...]:
    """Order by money within a currency; currencies are never compared. What only licence counts name has no
    money and comes last.
    """
    currency, cost = item.costs[0] if item.costs else ("", Decimal(0))
    return not item.costs, currency, -cost, item.kind, item.source, item.id, item.terms


def _rules(file: str, rows: Iterable[dict[str, Any]], id_column: str, target_column: str) -> list[_Rule]:
    rules = [
        _Rule(
            file,
            row["source"],
            row[id_column],
            row.get("term") or "",
            row[target_column],
            row["valid_from"] or date.min,
            row["valid_to"] or date.max,
            row["line"],
        )
        for row in rows
    ]
    return [rule for rule in rules if rule.valid_from < rule.valid_to]


def _id_alias(rule: _Rule, month: MonthPaths) -> Alias:
    because = rule.said(f"this id of {rule.source}")
    return Alias(rule.id, because, rule.source, rule.term, has_ended=rule.valid_to < month.period.end)


def _psa_clients(found: MonthOfFindings) -> list[Candidate]:
    return [
        Candidate(row["client_id"], row["client_name"] or "", row["status"] != "inactive")
        for row in found.clients
    ]


def _psa_products(found: MonthOfFindings) -> list[Candidate]:
    # what no vendor supplies (labour, hardware) is no vendor's SKU
    return [
        Candidate(row["product_code"], row["product_name"] or "")
        for row in found.products
        if row["vendor_backed"]
    ]


def _candidates(
    landed: Iterable[Candidate],
    rules: Sequence[_Rule],
    named: Iterable[Named],
    in_force: Sequence[_Rule],
    month: MonthPaths,
) -> list[Candidate]:
    """Give every client or product the ids that rules map to it, and the names that bills give those whose
    rules hold in the month.
    """
    bills: dict[tuple[str, str], list[Named]] = {}
    for one in named:
        bills.setdefault((one.source, one.id), []).append(one)
    known = {candidate.id: candidate for candidate in landed}
    own_names = {(candidate.id, normalise(candidate.name)) for candidate in known.values()}
    holding = set(in_force)
    ids: dict[str, list[Alias]] = {}
    names: dict[str, list[Alias]] = {}
    for rule in rules:
        # own seats and what is not billed are no client and no product
        if rule.target.startswith("!"):
            continue
        ids.setdefault(rule.target, []).append(_id_alias(rule, month))
        for one in bills.get((rule.source, rule.id), []) if rule in holding else []:
            if rule.term in ("", one.term) and (rule.target, normalise(one.name)) not in own_names:
                names.setdefault(rule.target, []).append(
                    Alias(one.name, rule.said(f"“{one.name}” of {one.source}"), one.source, rule.term)
                )
    # a person mapped to these before, though the PSA does not list them this month
    everyone = [*known.values(), *(Candidate(target, "") for target in sorted(ids.keys() - known.keys()))]
    return [replace(c, names=tuple(names.get(c.id, ())), ids=tuple(ids.get(c.id, ()))) for c in everyone]
