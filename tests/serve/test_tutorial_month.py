"""The month of the tutorial "close your first month", wholly in a browser: by mouse without scripts, and by
keyboard alone (contract §8, §9, §10, §12, §13).

Belongs here: the way through the pages. Does not: what a single page shows. A customer and a SKU that the
tutorial's maps name are taken out first, and come back as suggestions that are accepted. So the figures are
the tutorial's: 141.81 and 79.20 USD go back, of 47,063.82 invoiced 46,842.81 may go out.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import MadeOnce
from tests.serve.browsing import served
from tests.serve.chromium import opened
from tests.support.demo import demo, environment

HERE = "/m/northwind/2026-10"
_RUN_SECONDS = 300
_TAKEN_OUT = {"client_map": "huntress,38294,C1001,,\n", "sku_map": "huntress,edr,,EDR,1,,\n"}


class Mouse:
    """Clicks; scripts are switched off."""

    has_scripts = False

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str) -> None:
        """Follow a link, or press a button."""
        self.page.click(selector)

    def tick(self, selector: str) -> None:
        """Tick a box."""
        self.page.check(selector)

    def write(self, selector: str, text: str) -> None:
        """Write into a field."""
        self.page.fill(selector, text)

    def accept_suggestions(self) -> None:
        """Accept the best suggestion of each thing that is not mapped and has one."""
        for suggested in ("Endpoint detection and response", "Alder & Finch Architects"):
            self.tick(f"label:has-text('{suggested}') input")
        self.press("text=Accept what I chose")


class Keyboard(Mouse):
    """Keys alone: Tab to a place, then Enter, Space or letters."""

    has_scripts = True

    def press(self, selector: str) -> None:
        self._to(selector)
        self.page.keyboard.press("Enter")

    def tick(self, selector: str) -> None:
        self._to(selector)
        self.page.keyboard.press("Space")

    def write(self, selector: str, text: str) -> None:
        self._to(selector)
        # a month is a year and a month to Chromium, each typed by itself
        self.page.keyboard.type("December\t2026" if text == "2026-12" else text)

    def accept_suggestions(self) -> None:
        self.page.wait_for_selector("#help:visible")
        for key in ("X", "a"):
            self.page.keyboard.press(key)
        self.page.wait_for_selector("#ask[open] button.primary:focus")
        self.page.keyboard.press("Enter")

    def _to(self, selector: str) -> None:
        wanted = self.page.wait_for_selector(selector)
        for _ in range(300):
            if self.page.evaluate("(it) => it === document.activeElement", wanted):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {selector}")


@pytest.fixture(scope="module")
def not_mapped(made_once: MadeOnce) -> Path:
    """The demo, run without two rows of its maps."""

    def make(folder: Path) -> None:
        root = demo(made_once).copied(folder / "demo")
        for name, row in _TAKEN_OUT.items():
            table = root / f"rules/northwind/{name}.csv"
            rows = table.read_text(encoding="utf-8")
            assert row in rows
            table.write_text(rows.replace(row, ""), encoding="utf-8")
        command = ["mbr", "run", "--workspace", str(root), "--msp", "northwind", "--period", "2026-10"]
        subprocess.run(command, check=True, env=environment(), capture_output=True)

    return made_once("demo not mapped", make) / "demo"


@pytest.mark.parametrize("hand", [Mouse, Keyboard])
def test_a_month_is_mapped_decided_closed_and_handed_over(
    hand: type[Mouse], not_mapped: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(not_mapped, tmp_path / "demo", symlinks=True))
    with (
        served(root, user="anna") as (site, address),
        opened(site, address, java_script_enabled=hand.has_scripts, accept_downloads=True) as page,
    ):
        it = hand(page)
        page.goto(address + HERE)
        it.press("nav.tabs >> text=Mapping")
        it.accept_suggestions()
        page.wait_for_selector("#told >> text=1 row added to sku_map.csv, 1 row added to client_map.csv")
        it.press("nav.tabs >> text=Worklist")

        it.tick("input[name=whole]")
        it.press("#work button[value=approve]")
        assert "221.01 USD refund" in page.inner_text("#panel")
        it.write("#panel input[name=reason]", "counted with the clients")
        it.press("#panel button.primary")
        page.wait_for_selector("#told >> text=2 findings approved.")

        page.goto(f"{address}{HERE}/worklist?code=SOLD_BELOW_COST")
        it.tick("input[name=whole]")
        it.press("#work button[value=waive]")
        it.write("#panel input[name=reason]", "the price is agreed until the new year")
        it.write("#panel input[name=until]", "2026-12")
        it.press("#panel button.primary")
        page.wait_for_selector("#told >> text=1 finding waived.")

        page.goto(address + HERE)
        it.press("text=Run the month")
        page.wait_for_selector("#outcome >> text=published", timeout=_RUN_SECONDS * 1000)
        it.press("text=To the month")
        page.wait_for_selector("main >> text=20 pass")

        it.press("nav.tabs >> text=Close")
        it.press("text=Close 2026-10 as version 1")
        page.wait_for_selector("main >> text=closed v1")
        assert "46,842.81 USD" in page.inner_text("main")

        it.press("main a >> text=CSV")
        it.press("text=Export version 1 to CSV")
        with page.expect_download() as csv_file:
            it.press("main a >> text=invoice_lines.csv")
        page.goto(f"{address}{HERE}/close")
        it.press("form[action$='/evidence'] button")
        with page.expect_download() as pack:
            it.press("main a >> text=evidence-v1.zip")
        page.goto(f"{address}{HERE}/verify")
        assert "46,842.81" in page.goto(f"{address}{HERE}/pack").text()  # type: ignore[union-attr]
        csv_file.value.save_as(tmp_path / "lines.csv")
        pack.value.save_as(tmp_path / "pack.zip")
    with (tmp_path / "lines.csv").open(encoding="utf-8-sig", newline="") as lines:
        amounts = [Decimal(row["amount"]) for row in csv.DictReader(lines)]
    assert sum(amounts) == Decimal("46842.81")
    assert (tmp_path / "pack.zip").read_bytes() == (
        root / "exports/northwind/2026-10/evidence-v1.zip"
    ).read_bytes()
