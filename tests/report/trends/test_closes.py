"""How months were closed, and every client's way from expected to invoiced, on tables written by hand.

Belongs here: measures over several months. Does not: counts of one month, which dbt's unit tests hold.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.report.trends.client_waterfall import Cause, client_waterfalls
from mbr_pipeline.report.trends.closes import (
    Leakage,
    Share,
    close_months,
    days_to_close,
    leakage_recovered,
)
from mbr_pipeline.report.trends.months import PublishedMonths
from tests.report.trends.conftest import Open

MARCH, APRIL, JUNE = "2026-03", "2026-04", "2026-06"
MONTHS = PublishedMonths("northwind", (MARCH, APRIL, JUNE))


def entry(kind: str, period: str, at: str) -> Entry:
    return Entry("northwind", 1, "e", f"{at}.000000Z", "owner1", kind, period, {}, "", "")


def finding(period: str, number: int, issue: str, status: str = "open", **more: Any) -> dict[str, Any]:
    return {
        "period": period,
        "exception_id": f"{period} {number}",
        "issue_id": issue,
        "status": status,
        "exception_code": "LATE_CHARGE",
    } | more


def decision(period: str, client: str, **more: Any) -> dict[str, Any]:
    given = {"exception_id": f"{period} of {client}", "actor": "clerk1", "action": "approve"}
    return {"period": period, "client_id": client, "state": "in_force"} | given | more


TABLES: dict[str, list[dict[str, Any]]] = {
    "fct_close_metrics": [
        {"period": MARCH, "currency": "USD", "exceptions_found": 3, "exceptions_open": 3,
         "leakage_found": 50, "leakage_approved": 40, "leakage_recovered": 30},
        {"period": APRIL, "currency": "USD", "exceptions_found": 3, "exceptions_open": 2,
         "exceptions_blocking": 1, "exceptions_decided": 1, "exceptions_waived": 1,
         "leakage_recovered": "1.5"},
        {"period": APRIL, "currency": None, "exceptions_found": 1, "exceptions_open": 1},
        {"period": APRIL, "currency": "EUR", "leakage_recovered": 4},
        {"period": JUNE, "currency": "USD", "exceptions_auto_cleared": 1},
    ],
    # old: in March and April; gone: decided in April; two lines of one issue are one issue; penny is rounding
    "fct_exceptions": [
        finding(MARCH, 1, "old"),
        finding(MARCH, 2, "gone"),
        finding(MARCH, 3, "penny", "auto_cleared"),
        finding(APRIL, 1, "old"),
        finding(APRIL, 2, "old"),
        finding(APRIL, 3, "gone", "decided"),
        finding(APRIL, 4, "put off", "decided"),
        finding(APRIL, 5, "penny", "auto_cleared"),
        finding(APRIL, 6, "new"),
        finding(JUNE, 1, "old"),
        finding(JUNE, 2, "elsewhere", msp_id="harbour"),
    ],
    "fct_decisions": [
        decision(APRIL, "A", exception_id=f"{APRIL} 4", action="defer"),
        decision(APRIL, "B", actor="policy"),
        decision(APRIL, "C", state="stale"),
        decision(APRIL, "D", exception_id=None, action="waive"),
        decision(APRIL, "E", exception_id=None, action="release"),
        decision(MARCH, "C"),
    ],
    "fct_client_gate": [
        {"period": MARCH, "client_id": "A", "verdict": "PASS", "currency": "USD"},
        *({"period": APRIL, "client_id": client, "verdict": "PASS", "currency": "USD"} for client in "ABCDE"),
        {"period": APRIL, "client_id": "B", "verdict": "PASS", "currency": "EUR"},
        {"period": APRIL, "client_id": "F", "verdict": "HOLD", "currency": "EUR"},
        {"period": JUNE, "client_id": "A", "verdict": "PASS_WITH_WAIVER", "currency": "USD"},
    ],
}  # fmt: skip


def test_months_are_measured_against_the_months_before_them(published: Open) -> None:
    march, april, june = close_months(published(TABLES), MONTHS, [])
    # April has the issues old, gone, put off and new; two of them were in March. May is not published.
    assert (march.repeated, april.repeated, june.repeated) == (None, Share(2, 4), None)
    assert april.repeated is not None
    assert april.repeated.pct == 50
    # old is open for the second month in a row, new and what was put off for the first; gone is decided
    assert (march.ages, april.ages, june.ages) == ({1: 2}, {1: 2, 2: 1}, {1: 1})
    assert (march.ages_reach_back, april.ages_reach_back, june.ages_reach_back) == (1, 2, 1)


def test_a_client_passes_first_where_nobody_had_to_decide(published: Open) -> None:
    march, april, june = close_months(published(TABLES), MONTHS, [])
    # B by policy alone, C has a stale decision, D a waiver that met nothing: three of six
    assert (march.first_pass, april.first_pass, june.first_pass) == (Share(1, 1), Share(3, 6), Share(0, 1))


def test_counts_are_added_over_currencies_and_money_is_not(published: Open) -> None:
    months = close_months(published(TABLES), MONTHS, [])
    april = months[1]
    wanted = {"open": 3, "blocking": 1, "decided": 1, "waived": 1}
    assert {name: number for name, number in april.found.items() if number} == wanted
    assert april.leakage == {
        "EUR": Leakage(Decimal(0), Decimal(0), Decimal(4), Decimal(4)),
        "USD": Leakage(Decimal(0), Decimal(0), Decimal("1.5"), Decimal("31.5")),
    }
    assert leakage_recovered(months) == {"EUR": 4, "USD": Decimal("31.5")}


def test_days_to_close_are_those_to_the_first_close() -> None:
    entries = [
        entry("close", MARCH, "2026-04-08T23:59:59"),
        entry("reopen", MARCH, "2026-04-20T08:00:00"),
        entry("close", MARCH, "2026-04-21T08:00:00"),
        entry("close", JUNE, "2026-06-30T12:00:00"),
        entry("export", APRIL, "2026-05-03T12:00:00"),
    ]
    assert [days_to_close(entries, period) for period in MONTHS.periods] == [7, None, -1]


def test_a_clients_way_from_expected_to_invoiced_adds_up(published: Open) -> None:
    of_a = {"period": APRIL, "client_id": "A", "currency": "USD"}
    connection = published(
        {
            "fct_variance_bridge": [
                of_a | {"expected_amount": 130, "invoiced_amount": 105},
                {"period": APRIL, "client_id": "B", "currency": "EUR", "expected_amount": 7,
                 "invoiced_amount": 7},
                {"period": MARCH, "client_id": "A", "currency": "USD"},
            ],
            "fct_exceptions": [
                of_a | {"exception_code": "INVOICE_PRICE_MISMATCH", "client_recoverable": 10},
                of_a | {"exception_code": "INVOICE_PRICE_MISMATCH", "client_refund": 5},
                of_a | {"exception_code": "UNDERBILLED_QUANTITY", "client_recoverable": 12},
                of_a | {"exception_code": "UNDERBILLED_QUANTITY", "client_recoverable": 8},
                of_a | {"exception_code": "LATE_CHARGE", "client_recoverable": 99},
                of_a | {"exception_code": "SOLD_BELOW_COST"},
                of_a | {"period": MARCH, "exception_code": "UNDERBILLED_QUANTITY", "client_recoverable": 1},
            ],
        }
    )  # fmt: skip
    first, second = client_waterfalls(connection, MONTHS, APRIL)
    # late charges belong to earlier months and are in no bridge
    assert (first.client_id, first.currency, first.expected, first.invoiced) == ("A", "USD", 130, 105)
    assert first.causes == (
        Cause("UNDERBILLED_QUANTITY", Decimal(-20)),
        Cause("INVOICE_PRICE_MISMATCH", Decimal(-10)),
        Cause("INVOICE_PRICE_MISMATCH", Decimal(5)),
    )
    assert first.unexplained == 0
    assert (second.causes, second.unexplained) == ((), 0)
