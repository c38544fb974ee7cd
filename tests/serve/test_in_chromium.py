"""The pages in a real browser: nothing serious for axe-core, light and dark, wide and narrow.

Belongs here: what holds of every page. Does not: what a page shows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mbr_pipeline.serve.site import Site
from tests.release.months import Month
from tests.serve.browsing import served
from tests.serve.chromium import faults_of, opened
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


def test_no_page_has_a_serious_fault(site: tuple[Site, str]) -> None:
    with opened(*site) as page:
        wide = {"width": 1280, "height": 900}
        narrow = {"width": 390, "height": 800}
        for path in _PAGES:
            page.goto(site[1] + path)
            for size, scheme in ((wide, "light"), (narrow, "dark")):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                assert faults_of(page) == [], (path, scheme)
                across = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert across <= 0, f"{path} at {size}: wider than the screen by {across}"
