"""The close pack: one page of A4 on a month (contract §12), from the tables of the close report.

Belongs here: its figures, by hand, and that it is one page whatever the month. Does not: how the figures come
about (tests/report).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf

from mbr_pipeline.exception_codes import codes_of
from tests.decide.months import exception
from tests.release.months import Month, gate
from tests.serve.browsing import Visitor, served
from tests.serve.chromium import opened
from tests.serve.close.closing import HOSTILE, gate_json, published
from tests.support.small import PERIOD

HERE = f"/m/acme/{PERIOD}"
CURRENCIES = ("AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "KWD", "USD")
CONTROLS = [
    "SOURCE_MISSING", "SCHEMA_DRIFT", "ROW_REJECTED", "CONTROL_TOTAL_MISMATCH", "SNAPSHOT_MISSING",
    "COVERAGE_BELOW_MINIMUM", "SOURCE_EMPTY", "DUPLICATE_LINE",
]  # fmt: skip
SUITES = [
    {"name": name, "passed": True, "expected": 1, "evaluated": 1}
    for name in ("raw", "marts", "invoice_ready")
]


def decision(letter: str, action: str, actor: str, amount: str, **more: Any) -> dict[str, Any]:
    """A row of fct_decisions in force."""
    made = {"decision_id": letter * 16, "action": action, "actor": actor, "impact_seen": amount}
    return made | {"state": "in_force", "currency": "USD", "exception_id": letter * 24} | more


def test_it_says_what_the_tables_say(tmp_path: Path) -> None:
    month = published(tmp_path)
    month.publish(
        {
            "marts.fct_client_gate": gate(),
            "marts.fct_exceptions": [
                exception("1", "UNDERBILLED_QUANTITY", "C-2", "SEAT", client_recoverable="8.00")
            ],
            "marts.fct_variance_bridge": [
                {
                    "client_id": "C-2", "currency": "USD", "invoiced_amount": "8.00",
                    "expected_amount": "16.00", "classified_variance": "8.00", "residual": "0",
                }
            ],
            "marts.fct_decisions": [
                decision("a", "waive", "clerk1", "3.00"),
                # a waiver that meets another finding of its issue counts once
                decision("a", "waive", "clerk1", "3.00", exception_id="b" * 24),
                decision("c", "waive", "clerk1", "4.50", confirmed_by="owner1"),
                decision("d", "approve", "policy", "0.25"),
                decision("e", "approve", "clerk1", "99.00", state="stale"),
            ],
        }
    )  # fmt: skip
    money = {"currency": "USD", "client_recoverable": "8.00"}
    gate_json(tmp_path, suites=SUITES, exceptions={"UNDERBILLED_QUANTITY": 1}, money=[money])
    with served(tmp_path, user="owner1") as (site, address):
        visitor = Visitor.by_link(site, address)
        visitor.get(f"{HERE}/pack")
        for text in (
            "Not closed", "Invoices may go for 1 client; 1 client is held", "1 may go, 1 held",
            "Ready to invoice 700 JPY 80.00 USD Held back 8.00 USD", "Coverage 50.00 % USD",
            "Compared 2 of 2 product lines", "Residual 0.00",
            "UNDERBILLED_QUANTITY 1 1 1 8.00 USD recoverable",
            "clerk1 confirmed by owner1 waived ×2 7.50 USD", "policy approved ×1 0.25 USD",
            "Head of the chain: nothing is entered yet",
        ):  # fmt: skip
            assert text in visitor.text, text
        assert "99.00" not in visitor.text
        month.told("close", "--except", "C-2", "--reason", "r")
        visitor.get(f"{HERE}/pack")
        [entry] = month.entries()
        assert "Version 1, closed by owner1" in visitor.text and "C-2 left out" in visitor.text
        assert f"Head of the chain: {entry.hash} (entry 1," in visitor.text


def _crowded(month: Month) -> None:
    """More of everything than one page holds, and long words."""
    clients = [f"{text} {'long name ' * 8}{n}" for n in range(12) for text in HOSTILE]
    codes = codes_of("client") + codes_of("vendor")
    month.publish(
        {
            "marts.dim_client": [{"client_id": each, "client_name": each[::-1]} for each in clients],
            "marts.fct_client_gate": [
                {"client_id": each, "currency": c, "verdict": "HOLD", "held_amount": "123456789.12"}
                for each in clients
                for c in CURRENCIES[:3]
            ],
            "marts.fct_exceptions": [
                exception("a", code, client, "SEAT", client_recoverable="987654321.10", currency=currency)
                | {"exception_id": f"{n:024x}"}
                for n, (code, client, currency) in enumerate(
                    (code, clients[n], currency) for n, code in enumerate(codes) for currency in CURRENCIES
                )
            ],
            "marts.fct_decisions": [
                decision("a", "waive", f"{'Somebody with a long name ' * 3}{n}", "1234567.00")
                | {"decision_id": f"{n:016x}", "currency": c, "confirmed_by": "owner with a name " * 4}
                for n, c in enumerate(CURRENCIES * 3)
            ],
        }
    )


def _pages(month: Path, name: str) -> int:
    with served(month) as (site, address), opened(site, address, java_script_enabled=False) as page:
        page.goto(f"{address}/m/{name}/{PERIOD}/pack")
        return len(pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages)


def test_it_is_one_page_however_crowded(tmp_path: Path) -> None:
    month = published(tmp_path)
    _crowded(month)
    covered = [{"currency": c, "mapped": "1", "total": "2", "pct": "50"} for c in CURRENCIES]
    gate_json(tmp_path, gate="blocked", reasons=CONTROLS, coverage=covered)
    assert _pages(tmp_path, "acme") == 1


def test_the_demo_month_is_one_page(demo: Path) -> None:
    assert _pages(demo, "northwind") == 1
