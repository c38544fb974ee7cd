"""Trends of an MSP in a browser (contract §12): figures of the published tables, and the table behind each
picture.

Belongs here: that the page shows them. Does not: the measures (tests/report/trends) and places in pictures
(tests/report/pictures). Worked by hand: C-1 is billed 80.00 for what costs 50.00, a margin of 30.00, 37.5 %;
C-2 20.00 for 25.00, a loss of 5.00, 25.0 %; together 25.00 of 100.00.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.publish.versions import switch_to
from mbr_pipeline.serve.site import Site
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.release.months import READY, Month
from tests.serve.browsing import Visitor, served
from tests.serve.chromium import faults_of, opened
from tests.support.small import PERIOD, settings, write, write_msp

HOSTILE = '<img src=x onerror="alert(1)">'


def _margin(client_id: str, source: str | None, billed: str, cost: str) -> dict[str, Any]:
    amounts = {"billed_amount": billed, "cost_amount": cost, "unmatched_billed": "0", "unmatched_cost": "0"}
    about = {"client_id": client_id, "product_code": "SEAT", "source": source, "currency": "USD"}
    return about | amounts | {"margin_state": "earned", "billed_unit_days": "31"}


TABLES = READY | {
    "marts.fct_margin": [_margin("C-1", "pax8", "80.00", "50.00"), _margin("C-2", None, "20.00", "25.00")],
    "marts.fct_close_metrics": [
        dict.fromkeys(
            ("exceptions_blocking", "exceptions_pending", "exceptions_decided", "exceptions_approved",
             "exceptions_waived", "exceptions_disputed", "exceptions_deferred", "exceptions_auto_cleared"), 0,
        ) | {"currency": "USD", "exceptions_open": 1, "leakage_found": "8.00", "leakage_approved": "0",
             "leakage_recovered": "0"}
    ],
    "marts.dim_client": [{"client_id": "C-1", "client_name": HOSTILE}],
}  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    month = Month(tmp_path)
    month.publish(TABLES)
    with served(month.root) as found:
        yield found


def test_margins_are_shown_by_client_product_and_vendor(site: tuple[Site, str]) -> None:
    visitor = Visitor.by_link(*site)
    assert visitor.get("/trends/acme").status_code == 200
    assert f"1 published month, {PERIOD}" in visitor.text
    assert f"{PERIOD} 100.00 75.00 25.00 25.0 %" in visitor.text
    assert f"{HOSTILE} C-1 80.00 50.00 30.00 37.5 %" in visitor.text
    assert "C-2 20.00 25.00 -5.00 -25.0 %" in visitor.text
    assert "<img src=x" not in visitor.page
    visitor.get("/trends/acme?by=vendor")
    assert "pax8 80.00 50.00 30.00 37.5 %" in visitor.text
    assert "no one vendor 20.00 25.00 -5.00 -25.0 %" in visitor.text
    visitor.get("/trends/acme?by=product")
    assert "SEAT 100.00 75.00 25.00 25.0 %" in visitor.text
    visitor.get("/trends/acme?by=<script>")
    assert "by client" in visitor.text and "<script>" not in visitor.page.partition("<body>")[2]


def test_closes_are_shown(site: tuple[Site, str]) -> None:
    visitor = Visitor.by_link(*site)
    visitor.get("/trends/acme")
    assert f"{PERIOD} 1 0 0 1 of 2 – 1 or more not closed 8.00, 0.00 USD" in visitor.text
    assert "Leakage recovered in these months: 0.00 USD" in visitor.text


def _damage(root: Path, period: str) -> None:
    table = root / "published/acme" / period / "fct_margin.parquet"
    table.write_bytes(b"x" * 100)


def test_a_closed_month_whose_tables_were_damaged_is_restored_and_shown_at_once(tmp_path: Path) -> None:
    month = Month(tmp_path)
    month.publish(TABLES)
    month.told("close", "--except", "C-2", "--reason", "r")
    _damage(tmp_path, PERIOD)
    with served(tmp_path) as found:
        visitor = Visitor.by_link(*found)
        assert visitor.get("/trends/acme").status_code == 200
        assert f"{PERIOD} 100.00 75.00 25.00 25.0 %" in visitor.text


def test_an_open_month_whose_tables_are_damaged_is_left_out_by_name(tmp_path: Path) -> None:
    month = Month(tmp_path)
    later = {name: [{**row, "period": "2026-11"} for row in rows] for name, rows in TABLES.items()}
    folder = month.audit(later).paths.candidate
    hashes = {path.stem: sha256_of(path) for path in folder.glob("*.parquet")}
    switch_to(tmp_path / "published/acme/2026-11", folder, hashes)
    month.publish(TABLES)
    _damage(tmp_path, PERIOD)
    with served(tmp_path) as found:
        visitor = Visitor.by_link(*found)
        for _ in range(2):
            assert visitor.get("/trends/acme").status_code == 200
            assert "2026-11 100.00 75.00 25.00 25.0 %" in visitor.text
        _damage(tmp_path, "2026-11")
        assert visitor.get("/trends/acme").status_code == 200
        assert f"Left out, as their published tables are damaged: {PERIOD}, 2026-11." in visitor.text


def test_the_page_has_no_serious_fault_in_a_browser(site: tuple[Site, str]) -> None:
    with opened(*site, color_scheme="dark") as page:
        page.goto(f"{site[1]}/trends/acme")
        page.wait_for_selector("svg.picture")
        assert faults_of(page) == []
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_an_msp_without_published_months_says_so(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    with served(tmp_path) as (site, address):
        visitor = Visitor.by_link(site, address)
        visitor.get("/trends/acme")
        assert "none has the tables of margin and closes yet" in visitor.text
        assert visitor.get("/trends/other").status_code == 404
