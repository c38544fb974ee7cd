"""The close report in a real browser: as wide as the screen and no wider, nothing serious for axe-core, light
and dark, wide and narrow, and on paper.

Belongs here: what holds of the whole page. Does not: what it says.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.serve.chromium import browsing, faults_of
from tests.support.close_page import close_page

_WIDER = "document.documentElement.scrollWidth - innerWidth"
_OFF_THE_PAGE = """[...document.querySelectorAll("body *")]
  .filter((each) => !each.closest(".scroll") && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 80))"""


def _show(page: Page, html: str, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(html)


@pytest.mark.parametrize("month", ["rich", "blocked"])
@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
)
def test_only_tables_are_wider_than_the_screen_and_scroll_in_their_own_box(
    request: pytest.FixtureRequest, month: str, width: int, scheme: str
) -> None:
    html = close_page(*request.getfixturevalue(month))
    with browsing("about:blank") as page:
        _show(page, html, width, scheme)
        assert (page.evaluate(_WIDER), page.evaluate(_OFF_THE_PAGE)) == (0, [])
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
        assert faults_of(page) == []


def test_paper_is_white_and_cuts_no_table_off(rich) -> None:
    with browsing("about:blank") as page:
        _show(page, close_page(*rich), 700, "dark")  # A4 less its margins is 710 px wide
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(_WIDER) <= 0
        assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
