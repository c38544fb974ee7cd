"""The list that a billing clerk works through: what a month left unmapped, most money first, each with its
likely client or product and the row that maps it.

What belongs here: putting findings, rules and suggestions together. What does not: reading (``unmapped``),
comparing names (``match_clients``, ``match_products``), writing a row (``accept``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from mbr_pipeline.mapping_help.candidates import Rule, clients_of, products_of, rules_of
from mbr_pipeline.mapping_help.match_clients import Clients
from mbr_pipeline.mapping_help.match_products import Products
from mbr_pipeline.mapping_help.records import Behind, Kind, Use
from mbr_pipeline.mapping_help.suggest import Answer, Suggestion, Unmapped, answer
from mbr_pipeline.mapping_help.unmapped import Finding, read_month
from mbr_pipeline.values import minor_units
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
    """One thing to map. ``terms`` are the commitments it is billed with; ``named_by`` is the other source
    that its names are from, if its own has none. ``place`` is the row that would map it, its target left open
    for a person to choose.
    """

    kind: Kind
    source: str
    id: str
    names: tuple[str, ...]
    named_by: str
    terms: tuple[str, ...]
    costs: tuple[tuple[str, Decimal], ...]
    answer: Answer
    place: Row

    @property
    def row(self) -> Row | None:
        """The row that accepts the best suggestion, where there is one."""
        # no command line can carry a zero character: the shell would cut the id there
        if not self.answer.suggestions or "\0" in self.id:
            return None
        return replace(self.place, target=self.answer.suggestions[0].id)


@dataclass(frozen=True)
class Worklist:
    """What is to do, most money first within each currency; ``waiting`` things were mapped since
    and need a run.
    """

    items: tuple[Item, ...]
    waiting: int


def worklist(workspace: Workspace, month: MonthPaths, threshold: int) -> Worklist:
    """Build the list for one MSP and month."""
    rules = workspace.rules(month.msp_id)
    found = read_month(month, workspace.msp(month.msp_id))
    client_rules = rules_of("client_map", rules["client_map"].to_pylist())
    sku_rules = rules_of("sku_map", rules["sku_map"].to_pylist())
    clients = Clients(clients_of(found, client_rules, month.period))
    catalogue = Products(products_of(found, sku_rules, month.period))
    items: list[Item] = []
    waiting = 0
    behind = {(finding.source, finding.id): (finding, lines) for finding, lines in found.behind}
    for finding in found.findings:
        own = [
            rule for rule in (client_rules if finding.kind == "customer" else sku_rules) if rule.maps(finding)
        ]
        open_ = _unmapped_part(finding, own)
        waiting += not open_.uses
        if finding.kind == "sku":
            more = behind.pop((finding.source, finding.id), None)
            open_ = _together(open_, _unmapped_lines(*more, own)) if more else open_
        if open_.uses and finding.kind == "customer":
            asked = Unmapped(finding.source, finding.id, finding.names)
            items.append(_item(open_, answer(clients.score(asked), threshold, "client"), "", own, month))
        elif open_.uses:
            items += _sku_items(open_, own, catalogue, threshold, month)
    for finding, lines in behind.values():
        own = [rule for rule in sku_rules if rule.maps(finding)]
        open_ = _unmapped_lines(finding, lines, own)
        if open_.uses:
            items += _sku_items(open_, own, catalogue, threshold, month)
    return Worklist(tuple(sorted(items, key=_most_money_first)), waiting)


def _is_mapped(use: Use, own: Iterable[Rule]) -> bool:
    return any(rule.holds_on(use.day) and rule.term in ("", use.term) for rule in own)


def _unmapped_part(finding: Finding, own: Sequence[Rule]) -> Finding:
    """What no row maps yet, of what the run found; without uses, and so without money, if all is mapped."""
    uses = tuple(use for use in finding.uses if not _is_mapped(use, own))
    return replace(finding, uses=uses, costs=finding.costs if uses else ())


def _unmapped_lines(finding: Finding, lines: Behind, own: Sequence[Rule]) -> Finding:
    """What no row maps yet, of a SKU on lines whose customer is unmapped."""
    left = [(use, costs) for use, costs in lines.costs if not _is_mapped(use, own)]
    totals: dict[str, Decimal] = {}
    for _, costs in left:
        for currency, cost in costs:
            totals[currency] = totals.get(currency, Decimal(0)) + cost
    rounded = tuple((currency, _rounded(totals[currency], currency)) for currency in sorted(totals))
    return replace(finding, uses=tuple(use for use, _ in left), costs=rounded)


def _rounded(amount: Decimal, currency: str) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return amount.quantize(Decimal(1).scaleb(-minor_units()[currency]), ROUND_HALF_UP)


def _together(found: Finding, hidden: Finding) -> Finding:
    """One SKU on lines of mapped and of unmapped customers."""
    totals = dict(found.costs)
    for currency, cost in hidden.costs:
        totals[currency] = totals.get(currency, Decimal(0)) + cost
    return replace(
        found,
        uses=tuple(sorted({*found.uses, *hidden.uses})),
        costs=tuple(sorted(totals.items())),
        names=tuple(sorted({*found.names, *hidden.names})),
    )


def _sku_items(
    finding: Finding, own: Sequence[Rule], catalogue: Products, threshold: int, month: MonthPaths
) -> list[Item]:
    """Ask for every commitment: a SKU sold monthly and yearly is two items if these are two products, and one
    if they are not.
    """
    answers: dict[str, Answer] = {}
    groups: dict[tuple[str, str, str], list[str]] = {}
    for term in sorted({use.term for use in finding.uses}):
        asked = Unmapped(finding.source, finding.id, finding.names, term)
        answers[term] = answered = answer(catalogue.score(asked), threshold, "product")
        best = answered.suggestions[0] if answered.suggestions else None
        # a product for one commitment gets a row for that one: a row for all would map the others
        # to it as well
        row_term = term if best and catalogue.is_for_one_term(best.id) else ""
        groups.setdefault((row_term, best.id if best else "", answered.doubt), []).append(term)
    # where commitments differ, each has a row of its own, so that no two rows say different things
    parts = [([term], term) for term in answers] if len(groups) > 1 else []
    parts = parts or [(terms, row_term) for (row_term, _, _), terms in groups.items()]
    return [
        _item(
            replace(finding, uses=tuple(use for use in finding.uses if use.term in terms)),
            answers[terms[0]],
            row_term,
            own,
            month,
        )
        for terms, row_term in parts
    ]


def _item(finding: Finding, answered: Answer, row_term: str, own: Sequence[Rule], month: MonthPaths) -> Item:
    first = min(use.day for use in finding.uses)
    same = [rule for rule in own if rule.term == row_term]
    # published months stay as they are, unless this month's bills reach back
    start = max([min(month.period.start, first), *(r.valid_to for r in same if r.valid_to <= first)])
    end = min((rule.valid_from for rule in same if rule.valid_from > first), default=None)
    if finding.named_by:
        answered = _with_reason(answered, f"; {finding.named_by} calls it so under the same id")
    return Item(
        finding.kind,
        finding.source,
        finding.id,
        finding.names,
        finding.named_by,
        tuple(sorted({use.term for use in finding.uses if use.term})),
        finding.costs,
        answered,
        Row(finding.kind, finding.source, finding.id, "", row_term, start, end),
    )


def _with_reason(answered: Answer, more: str) -> Answer:
    def said(suggestions: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
        return tuple(replace(one, because=one.because + more) for one in suggestions)

    return replace(answered, suggestions=said(answered.suggestions), nearest=said(answered.nearest))


def _most_money_first(item: Item) -> tuple[Any, ...]:
    """Order by money within a currency; currencies are never compared. What only licence counts name has no
    money and comes last.
    """
    currency, cost = item.costs[0] if item.costs else ("", Decimal(0))
    return not item.costs, currency, -cost, item.kind, item.source, item.id, item.terms
