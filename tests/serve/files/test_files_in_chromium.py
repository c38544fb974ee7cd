"""Mapping and files in a real browser: no serious fault on any of their pages, and a file dropped and landed.

Belongs here: what only a browser shows. Does not: what the pages say (``test_mapping``, ``test_files``).
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.mapping_help.month import CHARGES, charge, land, lone, ran, unmapped
from tests.serve.browsing import served
from tests.serve.chromium import faults_of, opened
from tests.serve.files.test_new_sources import BILL
from tests.support.small import PERIOD, write

HERE = f"/m/acme/{PERIOD}"


def _month(root: Path) -> None:
    """A blocked month with something unmapped and a row rejected."""
    bill = charge(1, "T-1", "Alder Architects", "K1", "Backup") + charge(2, "T-2", "Nobody", "K2" * 40)
    wrong = charge(3, "T-1", "").replace("10.00,10.00", "10.00,x")
    land(root, "pax8", "vendor_charges", CHARGES + bill + wrong)
    write(root / "rules/acme/client_map.csv", "source,vendor_customer_id,client_id\n")
    lines = [("T-1", "vendor_charges.csv:2"), ("T-2", "vendor_charges.csv:3")]
    found = [unmapped("customer", "pax8", name, [line]) for name, line in lines]
    ran(root, [*found, lone("EDR")], keys=[("EDR", "USD", "12.00")])
    write(
        root / f"reports/acme/{PERIOD}/rejected.csv",
        f"file,line,column,value,reason\n{PERIOD}/pax8/vendor_charges.csv,4,amount,x,not a plain number\n",
    )


def _is_sound(page: Page, what: str) -> None:
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert faults_of(page) == [], (what, scheme)
        across = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert across <= 0, f"{what} at {width}: wider than the screen by {across}"


def test_a_month_is_mapped_and_its_files_are_landed(tmp_path: Path) -> None:
    _month(tmp_path)
    drops = {"invoice_lines.csv": "a,b\n1,2\n", "novavendor-bill.csv": BILL}
    for name, text in drops.items():
        write(tmp_path / "drop" / name, text)
    with served(tmp_path) as (site, address), opened(site, address) as page:
        page.goto(f"{address}{HERE}/mapping")
        _is_sound(page, "mapping")
        page.get_by_label("Alder Architects C1").check()
        page.get_by_text("Show what it changes first").click()
        _is_sound(page, "look")
        page.get_by_text("Accept 1 row").click()
        page.wait_for_selector("#told >> text=1 row added to client_map.csv")
        page.goto(f"{address}{HERE}/files/rejected")
        _is_sound(page, "rejected")
        page.goto(f"{address}{HERE}/files")
        _is_sound(page, "files")
        page.set_input_files("#files", [tmp_path / "drop" / name for name in drops])
        page.get_by_text("Take them").click()
        _is_sound(page, "new")
        page.get_by_text("See how MBR would read it").last.click()
        page.get_by_label("{constant: recurring}").check()
        page.get_by_label("{constant: EUR}").check()
        _is_sound(page, "proposal")
        page.get_by_text("Note the answers").click()
        page.get_by_text("Add the source to mbr.yml").click()
        _is_sound(page, "ready")
        page.get_by_text("Land them").click()
        assert re.search("novavendor-bill.csv landed as", page.inner_text("#told"))
    assert [path.name for path in (tmp_path / f"landing/acme/{PERIOD}/novavendor").iterdir()] == [
        "vendor_charges.novavendor-bill.csv"
    ]
