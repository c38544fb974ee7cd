"""The clients and products that something may be mapped to, with every other id and name they go by.

What belongs here: rules as evidence: which ids they map to a candidate, and what records call those. What
does not: comparing (``match_clients``, ``match_products``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mbr_pipeline.mapping_help.company_names import normalise
from mbr_pipeline.mapping_help.records import Named
from mbr_pipeline.mapping_help.suggest import Alias, Candidate
from mbr_pipeline.mapping_help.unmapped import Finding, MonthOfFindings
from mbr_pipeline.periods import Period

_COLUMNS = {"client_map": ("vendor_customer_id", "client_id"), "sku_map": ("sku_id", "product_code")}


@dataclass(frozen=True)
class Rule:
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
        """Whether it is in force on a day."""
        return self.valid_from <= day < self.valid_to

    def maps(self, finding: Finding) -> bool:
        """Whether it speaks of the finding's thing, on whatever day."""
        return self.source == finding.source and self.id == finding.id

    def said(self, what: str) -> str:
        """The row in words, with its validity if it has one."""
        since = f" from {self.valid_from}" if self.valid_from != date.min else ""
        until = f" until {self.valid_to}" if self.valid_to != date.max else ""
        return f"line {self.line} of {self.file}.csv maps {what} to it{since}{until}"


def rules_of(file: str, rows: Iterable[dict[str, Any]]) -> list[Rule]:
    """Return the rows of client_map or sku_map that hold on some day."""
    identifier, target = _COLUMNS[file]
    rules = [
        Rule(
            file,
            row["source"],
            row[identifier],
            row.get("term") or "",
            row[target],
            row["valid_from"] or date.min,
            row["valid_to"] or date.max,
            row["line"],
        )
        for row in rows
    ]
    return [rule for rule in rules if rule.valid_from < rule.valid_to]


def clients_of(found: MonthOfFindings, rules: Sequence[Rule], period: Period) -> list[Candidate]:
    """Return the PSA's clients, and those that only rules name."""
    landed = [
        Candidate(row["client_id"], row["client_name"] or "", row["status"] != "inactive")
        for row in found.clients
    ]
    return _candidates(landed, rules, found.customers, period)


def products_of(found: MonthOfFindings, rules: Sequence[Rule], period: Period) -> list[Candidate]:
    """Return the PSA's products that a vendor stands behind, and those that only rules name."""
    # what no vendor supplies (labour, hardware) is no vendor's SKU
    landed = [
        Candidate(row["product_code"], row["product_name"] or "")
        for row in found.products
        if row["vendor_backed"]
    ]
    return _candidates(landed, rules, found.skus, period)


def _id_alias(rule: Rule, period: Period) -> Alias:
    because = rule.said(f"this id of {rule.source}")
    return Alias(rule.id, because, rule.source, rule.term, has_ended=rule.valid_to < period.end)


def _candidates(
    landed: Iterable[Candidate],
    rules: Sequence[Rule],
    named: Iterable[Named],
    period: Period,
) -> list[Candidate]:
    """Give every client or product the ids that rules map to it, and the names that bills give those whose
    rules hold in the month.
    """
    bills: dict[tuple[str, str], list[Named]] = {}
    for one in named:
        bills.setdefault((one.source, one.id), []).append(one)
    known = {candidate.id: candidate for candidate in landed}
    own_names = {(candidate.id, normalise(candidate.name)) for candidate in known.values()}
    holding = {r for r in rules if r.valid_from < period.end and r.valid_to > period.start}
    ids: dict[str, list[Alias]] = {}
    names: dict[str, list[Alias]] = {}
    for rule in rules:
        ids.setdefault(rule.target, []).append(_id_alias(rule, period))
        for one in bills.get((rule.source, rule.id), []) if rule in holding else []:
            if rule.term in ("", one.term) and (rule.target, normalise(one.name)) not in own_names:
                names.setdefault(rule.target, []).append(
                    Alias(one.name, rule.said(f"“{one.name}” of {one.source}"), one.source, rule.term)
                )
    # a person mapped to these before, though the PSA does not list them this month; a word such as !internal
    # is nobody
    others = sorted(target for target in ids.keys() - known.keys() if not target.startswith("!"))
    everyone = [*known.values(), *(Candidate(target, "") for target in others)]
    return [replace(c, names=tuple(names.get(c.id, ())), ids=tuple(ids.get(c.id, ()))) for c in everyone]
