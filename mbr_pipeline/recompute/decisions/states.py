"""Which decisions hold in a month (contract §8.3), and the table of them (§8.5).

What belongs here: matching decisions with the month's exceptions. What does not: what a decision in force
does to invoice lines (``corrections``).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.decisions.chain import IMPACT_COLUMNS, Entry, Ruling, rulings
from mbr_pipeline.recompute.findings.finding import Finding
from mbr_pipeline.recompute.money import half_up

Row = dict[str, Any]
_NOTHING = Fraction(0)
_COST_CODES = ("UNMAPPED_CUSTOMER", "UNMAPPED_SKU", "USAGE_NOT_METERED")


def _fingerprint(parts: list[str | None]) -> str:
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:24]


@dataclass
class Case:
    """One exception of the month: its ids, its money, and the decision in force on it or waiting.

    ``finding`` is what this engine found; None where the case was read from a month's tables.
    """

    exception_id: str
    issue_id: str
    currency: str | None
    amounts: dict[str, Fraction]
    impact: Fraction
    found: Finding | None = None
    decided: Ruling | None = None
    pending: Ruling | None = None

    @property
    def finding(self) -> Finding:
        """What this engine found.

        Raises:
            ValueError: The case was read from tables.
        """
        if self.found is None:
            raise ValueError(f"{self.exception_id} was read from tables")
        return self.found

    @property
    def is_pending(self) -> bool:
        """Whether a decision on it waits for a second person."""
        return self.pending is not None

    @property
    def columns(self) -> set[str]:
        """The columns that are not 0."""
        return {name for name, amount in self.amounts.items() if amount}


def case_of(finding: Finding, msp_id: str, period: str) -> Case:
    """Return a finding as the case that decisions are about."""
    s, amounts = finding.subject, dict(finding.impacts)
    who = [s.client_id, s.product_code, s.source, s.vendor_customer_id, s.sku_id]
    full = {name: amounts.get(name, Fraction(0)) for name in IMPACT_COLUMNS[:5]}
    full["priced_at_cost"] = finding.priced_at_cost
    weighed = (
        finding.priced_at_cost if finding.code in _COST_CODES else max(full[n] for n in IMPACT_COLUMNS[:5])
    )
    return Case(
        _fingerprint([msp_id, period, finding.code, *who, s.invoice_id, s.line_id, finding.currency]),
        _fingerprint([msp_id, finding.code, *who, finding.currency]),
        finding.currency,
        full,
        weighed,
        finding,
    )


def case_of_row(row: Mapping[str, Any]) -> Case:
    """Return a row of ``fct_exceptions`` as a case."""
    amounts = {name: Fraction(row[name]) if row[name] else _NOTHING for name in IMPACT_COLUMNS}
    is_cost = row["exception_code"] in _COST_CODES
    impact = amounts["priced_at_cost"] if is_cost else Fraction(max(row[n] for n in IMPACT_COLUMNS[:5]))
    return Case(row["exception_id"], row["issue_id"], row["currency"], amounts, impact)


@dataclass
class Judgement:
    """What is decided in a month.

    Attributes:
        cases: The month's exceptions, in the order of the findings.
        rows: The table of decisions, without msp_id and period.
        released: Clients whose keys that could not be compared hold them no longer.
    """

    cases: list[Case]
    rows: list[Row] = field(default_factory=list)
    released: set[str] = field(default_factory=set)


def judge(
    chain: Iterable[Entry], cases: Iterable[Case], not_compared: Mapping[str, set[str]], period: str
) -> Judgement:
    """Match the decisions of a chain with a month.

    Args:
        chain: The MSP's ledger entries.
        cases: The month's exceptions.
        not_compared: Products by client whose invoice lines could not be compared.
        period: ``YYYY-MM``.
    """
    judgement = Judgement(list(cases))
    all_rulings = rulings(chain)
    on_exceptions = [each for each in all_rulings if each.action != "release"]
    own = [each for each in on_exceptions if each.month == period]
    earlier = [each for each in on_exceptions if each.month < period and each.action == "waive"]
    by_issue: dict[str, list[Case]] = defaultdict(list)
    for case in judgement.cases:
        by_issue[case.issue_id].append(case)
    own_by_exception, earlier_by_issue = _by(own, "exception_id"), _by(earlier, "issue_id")
    for case in judgement.cases:
        mine, before = own_by_exception.get(case.exception_id), earlier_by_issue.get(case.issue_id)
        if mine or before:
            _judge_case(judgement, case, mine or [], before or [], by_issue[case.issue_id], period)
    there = {case.exception_id for case in judgement.cases}
    for ruling in own:
        if ruling.about("exception_id") not in there:
            same = own_by_exception[ruling.about("exception_id")]
            gone = "in_force" if ruling.action == "waive" else "stale"
            _tell(judgement, ruling, None, _settled(ruling, _newest(same)) or gone, None)
    for ruling in earlier:
        if ruling.about("issue_id") not in by_issue and period <= ruling.until:
            same = earlier_by_issue[ruling.about("issue_id")]
            _tell(judgement, ruling, None, _settled(ruling, _newest(same)) or "in_force", None)
    _judge_releases(judgement, all_rulings, not_compared, period)
    return judgement


def _by(some: Iterable[Ruling], name: str) -> dict[str, list[Ruling]]:
    found: dict[str, list[Ruling]] = defaultdict(list)
    for each in some:
        found[each.about(name)].append(each)
    return found


def _judge_case(
    judgement: Judgement,
    case: Case,
    mine: list[Ruling],
    before: list[Ruling],
    issue: list[Case],
    period: str,
) -> None:
    """What counts is the newest decision made on the exception; if there is none or it was withdrawn, the
    newest waiver from before.
    """
    newest = _newest(mine)
    for ruling in mine:
        if ruling.action == "waive":
            fits = _covers(ruling, case.columns, case.impact)
        else:
            fits = ruling.seen == case.amounts and ruling.about("currency") == case.currency
        state = _settled(ruling, newest) or ("in_force" if fits else "stale")
        _tell(judgement, ruling, case, state, case.impact)
    if not before:
        return
    total = sum((each.impact for each in issue), Fraction(0))
    columns = set[str]().union(*(each.columns for each in issue))
    for ruling in before:
        is_past = period > ruling.until
        if is_past and period != next_month(ruling.until):
            continue
        settled = _settled(ruling, None if is_past else _newest(before))
        if settled is None and is_past:
            settled = "expired"
        elif settled is None and newest is not None and newest.became == "made":
            settled = "replaced"
        fits = _covers(ruling, columns, total)
        _tell(judgement, ruling, case, settled or ("in_force" if fits else "stale"), total)


def _settled(ruling: Ruling, newest: Ruling | None) -> str | None:
    """Return the state that does not depend on what is there now, if there is one."""
    if ruling.became != "made":
        return ruling.became
    return "replaced" if newest is not None and newest is not ruling else None


def _newest(some: list[Ruling]) -> Ruling | None:
    return max(
        (each for each in some if each.is_settled), key=lambda each: int(each.entry["seq"]), default=None
    )


def _covers(waiver: Ruling, columns: set[str], impact: Fraction) -> bool:
    seen = {name for name, amount in waiver.seen.items() if amount}
    same = not columns or (len(columns) == 1 and (not seen or columns == seen))
    return same and impact <= waiver.most


def _judge_releases(
    judgement: Judgement, all_rulings: list[Ruling], not_compared: Mapping[str, set[str]], period: str
) -> None:
    releases = [each for each in all_rulings if each.action == "release" and each.month == period]
    for ruling in releases:
        client = str(ruling.about("client_id"))
        newest = _newest([each for each in releases if each.about("client_id") == client])
        fits = not_compared.get(client, set()) <= set(ruling.about("keys"))
        state = _settled(ruling, newest) or ("in_force" if fits else "stale")
        if state == "in_force":
            judgement.released.add(client)
        _tell(judgement, ruling, None, state, None)


def _tell(judgement: Judgement, ruling: Ruling, case: Case | None, state: str, now: Fraction | None) -> None:
    if case is not None:
        if state == "pending":
            case.pending = ruling
        if state == "in_force":
            case.decided = ruling
    limit = ruling.about("up_to")
    judgement.rows.append(
        {
            "decision_id": ruling.decision_id or None,
            "exception_id": case.exception_id if case else None,
            **{
                name: ruling.about(name)
                for name in (
                    "issue_id",
                    "exception_code",
                    "client_id",
                    "product_code",
                    "source",
                    "reason",
                    "until",
                )
            },
            "action": ruling.action,
            "state": state,
            "actor": ruling.entry["actor"],
            "confirmed_by": ruling.confirmed_by,
            "up_to": None if limit is None else Fraction(limit),
            "currency": ruling.about("currency"),
            "impact_seen": ruling.impact_seen,
            "impact_now": None if now is None else half_up(now, 4),
        }
    )


def next_month(month: str) -> str:
    """Return the month after a month, both ``YYYY-MM``."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"
