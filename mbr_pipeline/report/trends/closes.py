"""How months were closed: findings, repeats, ages, first pass, leakage, days to close.

What belongs here: measures that take more than one month's inputs: earlier months, or the ledger. What does
not: counts and sums of one month, which are ``fct_close_metrics``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import duckdb

from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.periods import Period
from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.report.trends.margin import percent
from mbr_pipeline.report.trends.months import PublishedMonths, before, query


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def pct(self) -> Decimal | None:
        """In percent with one place, half up; None of nothing."""
        return percent(Fraction(self.part), Fraction(self.whole))


@dataclass(frozen=True)
class Leakage:
    """One currency's revenue that was about to be lost, and what came back; ``to_date`` sums the months shown
    up to and with this one.
    """

    found: Decimal
    approved: Decimal
    recovered: Decimal
    recovered_to_date: Decimal


@dataclass(frozen=True)
class CloseMonth:
    """How one published month was closed.

    Attributes:
        found: Findings by what became of them: open, decided, auto_cleared; and of the open ones blocking
            and pending, of the decided ones approved, waived, disputed, deferred.
        repeated: Issues (one cause each, whatever the line) that the calendar month before had too, of all
            issues but rounding; None where that month is not published.
        ages: Issues that are open or deferred, by how many months in a row they have been there: 1 is new.
        ages_reach_back: How many months in a row are published up to this one: no issue can be seen to be
            older.
        first_pass: Clients that pass without anybody having decided anything about them, of all clients.
            What policies approve by themselves is no person's work.
        days_to_close: From the first day after the month to the day of its first close, in UTC; below zero
            if it was closed before its end. None where the ledger has no close.
        leakage: By currency.
    """

    period: str
    found: Mapping[str, int]
    repeated: Share | None
    ages: Mapping[int, int]
    ages_reach_back: int
    first_pass: Share
    days_to_close: int | None
    leakage: Mapping[str, Leakage]


_STATES = (
    "open", "blocking", "pending", "decided", "approved", "waived", "disputed", "deferred", "auto_cleared",
)  # fmt: skip


def close_months(
    connection: duckdb.DuckDBPyConnection, months: PublishedMonths, entries: Iterable[Entry]
) -> list[CloseMonth]:
    """Return how the months were closed, oldest first.

    Args:
        connection: Where the published tables have their names.
        months: The months.
        entries: The MSP's ledger entries.
    """
    counts = _counts(connection, months)
    issues, unsettled = _issues(connection, months)
    first_pass = _first_pass(connection, months)
    leakage = _leakage(connection, months)
    chain = list(entries)
    return [
        CloseMonth(
            period,
            counts[period],
            _repeated(period, issues),
            _ages(period, issues, unsettled[period]),
            _reach(period, issues),
            first_pass[period],
            days_to_close(chain, period),
            leakage[period],
        )
        for period in months.periods
    ]


def days_to_close(entries: Iterable[Entry], period: str) -> int | None:
    """Return the days from the first day after a month to its first close; None where it never was."""
    versions = closing_of(entries, period).versions
    if not versions:
        return None
    return (date.fromisoformat(versions[0].at[:10]) - Period(period).end).days


def _counts(connection: duckdb.DuckDBPyConnection, months: PublishedMonths) -> dict[str, dict[str, int]]:
    summed = ", ".join(f"sum(exceptions_{name})::bigint as {name}" for name in _STATES)
    rows = query(
        connection,
        f"select period, {summed} from fct_close_metrics"
        " where msp_id = $msp_id and list_contains($periods, period) group by period order by period",
        months,
    )
    return {row["period"]: {name: row[name] for name in _STATES} for row in rows}


def _issues(
    connection: duckdb.DuckDBPyConnection, months: PublishedMonths
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the issues of every month but those that cleared themselves, and those that are not settled."""
    issues: dict[str, set[str]] = {period: set() for period in months.periods}
    unsettled: dict[str, set[str]] = {period: set() for period in months.periods}
    for row in query(
        connection,
        "select exceptions.period, exceptions.issue_id,"
        " bool_or(exceptions.status = 'open' or decisions.exception_id is not null) as is_unsettled"
        " from fct_exceptions as exceptions left join fct_decisions as decisions"
        " on exceptions.msp_id = decisions.msp_id and exceptions.period = decisions.period"
        " and exceptions.exception_id = decisions.exception_id"
        " and decisions.action = 'defer' and decisions.state = 'in_force'"
        " where exceptions.msp_id = $msp_id and list_contains($periods, exceptions.period)"
        " and exceptions.status <> 'auto_cleared'"
        " group by all order by all",
        months,
    ):
        issues[row["period"]].add(row["issue_id"])
        if row["is_unsettled"]:
            unsettled[row["period"]].add(row["issue_id"])
    return issues, unsettled


def _repeated(period: str, issues: Mapping[str, set[str]]) -> Share | None:
    earlier = issues.get(before(period))
    if earlier is None:
        return None
    return Share(len(issues[period] & earlier), len(issues[period]))


def _ages(period: str, issues: Mapping[str, set[str]], unsettled: set[str]) -> dict[int, int]:
    ages: Counter[int] = Counter()
    for issue in unsettled:
        age, month = 1, before(period)
        while issue in issues.get(month, ()):
            age, month = age + 1, before(month)
        ages[age] += 1
    return dict(sorted(ages.items()))


def _reach(period: str, issues: Mapping[str, set[str]]) -> int:
    reach, month = 1, before(period)
    while month in issues:
        reach, month = reach + 1, before(month)
    return reach


def _first_pass(connection: duckdb.DuckDBPyConnection, months: PublishedMonths) -> dict[str, Share]:
    rows = query(
        connection,
        "select gate.period, count(distinct gate.client_id) as whole,"
        " count(distinct gate.client_id) filter (where gate.verdict = 'PASS'"
        " and decided.client_id is null) as part"
        " from fct_client_gate as gate left join (select distinct msp_id, period, client_id"
        " from fct_decisions where state = 'in_force' and actor <> 'policy'"
        # a waiver that meets nothing this month is no work of this month
        " and (exception_id is not null or action = 'release')) as decided"
        " on gate.msp_id = decided.msp_id and gate.period = decided.period"
        " and gate.client_id = decided.client_id"
        " where gate.msp_id = $msp_id and list_contains($periods, gate.period)"
        " group by gate.period order by gate.period",
        months,
    )
    return {row["period"]: Share(row["part"], row["whole"]) for row in rows}


def _leakage(connection: duckdb.DuckDBPyConnection, months: PublishedMonths) -> dict[str, dict[str, Leakage]]:
    found: dict[str, dict[str, Leakage]] = {period: {} for period in months.periods}
    to_date: dict[str, Decimal] = defaultdict(Decimal)
    for row in query(
        connection,
        "select period, currency, leakage_found, leakage_approved, leakage_recovered"
        " from fct_close_metrics where msp_id = $msp_id and list_contains($periods, period)"
        " and currency is not null order by period, currency",
        months,
    ):
        currency = row["currency"]
        to_date[currency] = exact_sum((to_date[currency], row["leakage_recovered"]))
        found[row["period"]][currency] = Leakage(
            row["leakage_found"], row["leakage_approved"], row["leakage_recovered"], to_date[currency]
        )
    return found


def leakage_recovered(months: Sequence[CloseMonth]) -> dict[str, Decimal]:
    """Return what came back in all months, by currency."""
    found: dict[str, Decimal] = {}
    for month in months:
        for currency, leakage in month.leakage.items():
            found[currency] = leakage.recovered_to_date
    return dict(sorted(found.items()))
