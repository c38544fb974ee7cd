"""The pages in a real browser: no fault for axe-core, light and dark, wide and narrow.

Belongs here: what holds of every page. Does not: what a page shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mbr_pipeline.serve.site import Site
from tests.decide.months import EXCEPTIONS
from tests.decide.months import Month as Decided
from tests.release.months import Month
from tests.serve.browsing import served
from tests.serve.chromium import faults_of, opened
from tests.serve.close.closing import published
from tests.support.small import PERIOD

_MONTH = f"/m/acme/{PERIOD}"
_OF_MONTH = (
    "worklist", "worklist?by=client", f"findings/{'1' * 24}", "decisions",
    "close", "clients", "clients/C-2", "pack", "export/csv", "restatement", "verify",
)  # fmt: skip
_PAGES = ("/", _MONTH, *(f"{_MONTH}/{name}" for name in _OF_MONTH))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    with served(Month(tmp_path_factory.mktemp("pages")).root) as found:
        yield found


def test_no_page_has_a_fault(site: tuple[Site, str]) -> None:
    with opened(*site) as page:
        wide = {"width": 1280, "height": 900}
        narrow = {"width": 390, "height": 800}
        zoomed = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %, WCAG 1.4.10
        titles: set[str] = set()
        for path in _PAGES:
            page.goto(site[1] + path)
            assert page.title() not in titles or "?" in path, f"{path}: another page is called so"
            titles.add(page.title())
            for size, scheme in ((wide, "light"), (narrow, "dark"), (zoomed, "light")):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                assert faults_of(page) == [], (path, scheme)
                across = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert across <= 0, f"{path} at {size}: wider than the screen by {across}"


def test_at_400_percent_nothing_is_wider_than_the_screen(tmp_path: Path) -> None:
    decided, closed = Decided(tmp_path / "decided"), published(tmp_path / "published")
    decided.decide("defer", "2" * 24, "--reason", "asked")
    for root, names in ((decided.root, ("decisions", "worklist")), (closed.root, ("pack", "close"))):
        with served(root) as site, opened(*site, viewport={"width": 320, "height": 256}) as page:
            for name in names:
                page.goto(f"{site[1]}{_MONTH}/{name}")
                across = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert across <= 0, f"{name}: wider than the screen by {across}"


def test_a_long_name_leaves_money_and_state_in_sight(tmp_path: Path) -> None:
    month = Decided(tmp_path)
    long = {"client_id": "N" * 300, "product_code": "P" * 300}
    month.audit(exceptions=[{**each, **long} for each in EXCEPTIONS])
    with served(month.root) as site, opened(*site, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{site[1]}{_MONTH}/worklist")
        across = page.evaluate(
            "(e => e.scrollWidth - e.clientWidth)(document.querySelector('#work .scroll'))"
        )
        assert across <= 0


def test_without_scripts_no_button_is_there_that_needs_them(tmp_path: Path) -> None:
    month = Decided(tmp_path)
    with served(month.root) as site, opened(*site, java_script_enabled=False) as page:
        page.goto(f"{site[1]}{_MONTH}/worklist")
        assert page.get_by_role("button", name="Approve").is_visible()
        assert not page.locator("#help").is_visible()
