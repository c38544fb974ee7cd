"""The board of months (contract §12): what it shows of many, what it leaves out, and that it says so.

Belongs here: which months are on a page. Does not: where a month stands (tests/release/test_status).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from mbr_pipeline.decide.closed import Closing
from mbr_pipeline.periods import month_before
from mbr_pipeline.release import status
from mbr_pipeline.release.next_step import Step
from mbr_pipeline.serve.months.next import NEXT
from mbr_pipeline.serve.months.views import _ROWS
from mbr_pipeline.workspace.paths import MonthPaths
from tests.release.months import Month
from tests.serve.browsing import Visitor, served
from tests.support.small import PERIOD, settings, write

MSPS = [f"msp{n:02}" for n in range(25)]
PERIODS = ("2026-08", "2026-09", "2026-10")
_MONTH = re.compile(r'<th scope="row"><a href="/m/(\w+)/([0-9-]+)">')


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("many")
    write(root / "mbr.yml", settings(MSPS))
    for msp_id in MSPS:
        for period in PERIODS:
            (root / "warehouse" / msp_id / period).mkdir(parents=True)
    (root / "landing/msp03/2026-11/psa").mkdir(parents=True)  # a folder alone is no month
    with served(root, user="", is_demo=True) as (_, found):
        yield found


def _shown(address: str, query: str = "") -> tuple[list[tuple[str, str]], str]:
    visitor = Visitor(address)
    assert visitor.get(f"/{query}").status_code == 200
    return _MONTH.findall(visitor.page), visitor.text


def test_the_newest_months_come_first_and_the_rest_is_told(address: str) -> None:
    newest_first = [(msp_id, period) for period in reversed(PERIODS) for msp_id in MSPS]
    first, said = _shown(address)
    assert first == newest_first[:_ROWS]
    assert f"1 to {_ROWS} of 75 months" in said
    rest, said = _shown(address, "?page=2")
    assert rest == newest_first[_ROWS:]
    assert "2026-08 continued" in said and f"{_ROWS + 1} to 75 of 75 months" in said


def test_they_are_narrowed_by_msp_and_month(address: str) -> None:
    assert _shown(address, "?q=MSP07")[0] == [("msp07", period) for period in reversed(PERIODS)]
    assert _shown(address, "?period=2026-09&q=msp07")[0] == [("msp07", "2026-09")]
    found, said = _shown(address, "?q=nobody")
    assert found == [] and "No month is so." in said


def test_a_month_off_the_page_is_not_looked_at_and_a_damaged_one_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write(tmp_path / "published/acme/2026-09/fct_exceptions.parquet", "no table")
    (tmp_path / "warehouse/acme/2026-10").mkdir(parents=True)
    looked_at: list[str] = []
    tables_folder = status.tables_folder

    def recorded(month: MonthPaths, closing: Closing) -> Path | None:
        looked_at.append(month.period.text)
        return tables_folder(month, closing)

    monkeypatch.setattr(status, "tables_folder", recorded)
    with served(tmp_path, user="", is_demo=True) as (_, address):
        assert "cannot be read" not in _shown(address, "?period=2026-10")[1]
        assert looked_at == ["2026-10"]
        found, said = _shown(address, "")
        assert found == [("acme", "2026-10"), ("acme", "2026-09")]
        assert said.count("Something of it cannot be read") == 1


def test_every_next_step_has_words_and_leads_to_a_page(tmp_path: Path) -> None:
    assert set(NEXT) == set(get_args(Step))
    with served(Month(tmp_path).root) as (site, address):
        visitor = Visitor.by_link(site, address)
        for step, (_, path) in NEXT.items():
            assert visitor.get(f"/m/acme/{PERIOD}{path}").status_code == 200, step


def test_the_next_step_is_said_without_commands_and_beside_it_as_at_a_terminal(tmp_path: Path) -> None:
    month = Month(tmp_path)
    with served(month.root) as (site, address):
        visitor = Visitor.by_link(site, address)
        link = f'<a href="/m/acme/{PERIOD}">Run it</a>'
        assert link in (visitor.get("/") and visitor.page) and "mbr run" not in visitor.page
        assert link in (visitor.get(f"/m/acme/{PERIOD}") and visitor.page)
        assert f"At a terminal: run it: mbr run --period {PERIOD} --msp acme" in visitor.text
        assert f'<span class="option">--period {PERIOD}</span>' in visitor.page, "no line ends within it"


def test_a_month_is_begun_where_nothing_is_landed_and_after_the_newest(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme", "other"]))
    with served(tmp_path) as (site, address):
        visitor = Visitor.by_link(site, address)
        assert "Nothing is landed yet. Begin a month below" in visitor.text
        before = f"{month_before(datetime.now(UTC).date()).text}"
        assert f'type="month" value="{before}"' in visitor.page
        (tmp_path / "warehouse/acme/2026-12").mkdir(parents=True)
        assert 'type="month" value="2027-01"' in (visitor.get("/") and visitor.page)
        assert visitor.get("/begin?msp=other&period=2027-01").url == f"{address}/m/other/2027-01/files"
        assert "deliveries are missing" in visitor.text
        for wrong in ("", "?msp=other", "?msp=nobody&period=2027-01", "?msp=//evil&period=2027-13"):
            assert visitor.get(f"/begin{wrong}").url == f"{address}/"
            assert "Choose an MSP, and a month" in visitor.text
    with served(tmp_path, user="", is_demo=True) as (_, address):
        assert "Begin a month" not in _shown(address)[1]
