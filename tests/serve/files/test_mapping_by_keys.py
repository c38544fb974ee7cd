"""The page of mapping with scripts, in a real browser: worked by keys alone, as the worklist is.

Belongs here: what keys do. Does not: what the page does without scripts (``test_mapping``). The month is that
of ``unmapped``: K1 (best suggestion BP), T-1 (best suggestion C1) and T-2 (none), in this order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.serve.browsing import served
from tests.serve.chromium import browsing, faults_of
from tests.serve.files.unmapped import HERE, unmapped_month
from tests.support.small import write

_CHECKED = "[...document.querySelectorAll('.item input[type=radio]:checked')].map((each) => each.value)"
_STANDS_ON = "document.activeElement.closest('.item').querySelector('.under .id').textContent"
_OUTLINE = "getComputedStyle(document.activeElement).outlineStyle"


@contextmanager
def _opened(root: Path) -> Iterator[Page]:
    unmapped_month(root)
    write(root / "reports/acme/2026-10/gate.json", "{}")
    with served(root) as (site, address), browsing(address) as page:
        page.request.get(f"{address}/open/{site.link}", max_redirects=0)
        page.goto(address + HERE)
        yield page


def _maps(root: Path) -> list[str]:
    return [
        line
        for name in ("client_map", "sku_map")
        for line in (root / f"rules/acme/{name}.csv").read_text(encoding="utf-8").splitlines()
        if ",T-" in line or ",K1," in line
    ]


def test_suggestions_are_accepted_by_keys_alone(tmp_path: Path) -> None:
    with _opened(tmp_path) as page:
        keys = page.keyboard
        # what one stands on is seen, and nothing is chosen by standing there
        keys.press("j")
        assert (page.evaluate(_STANDS_ON), page.evaluate(_OUTLINE)) == ("K1", "solid")
        keys.press("j")
        assert page.evaluate(_STANDS_ON) == "T-1"
        assert page.evaluate(_CHECKED) == ["", "", ""]
        # left without accepting: nothing is chosen any more, and the place is kept
        keys.press("a")
        page.wait_for_selector("#ask[open] >> text=1 row would be added")
        assert faults_of(page) == []
        keys.press("Escape")
        page.wait_for_selector("#ask", state="hidden")
        assert (page.evaluate(_CHECKED), page.evaluate(_STANDS_ON)) == (["", "", ""], "T-1")
        # one alone, by its best suggestion
        keys.press("a")
        page.wait_for_selector("#ask[open] button.primary:focus")
        keys.press("Enter")
        page.wait_for_selector("#told >> text=1 row added to client_map.csv")
        assert page.evaluate(_STANDS_ON) == "T-2"  # where it stood
        assert _maps(tmp_path) == ["pax8,T-1,C1,2026-10-01,"]
        # the best of each, and another one written: together
        keys.press("X")
        assert page.evaluate(_CHECKED) == ["is BP", ""]
        keys.press("o")
        keys.type("!ignore")
        assert page.evaluate(_CHECKED) == ["is BP", "other"]
        keys.press("Escape")
        assert page.evaluate(_STANDS_ON) == "T-2"
        keys.press("a")
        page.wait_for_selector("#ask[open] >> text=2 rows would be added")
        keys.press("Enter")
        page.wait_for_selector("text=Everything of this month is mapped.")
    assert _maps(tmp_path) == [
        "pax8,T-1,C1,2026-10-01,",
        "pax8,T-2,!ignore,2026-10-01,",
        "pax8,K1,,BP,,2026-10-01,",
    ]
    assert [entry.kind for entry in chain(WorkspacePaths(tmp_path), "acme")] == ["map_accept"] * 3


def test_what_is_chosen_is_left_again_and_narrowed(tmp_path: Path) -> None:
    with _opened(tmp_path) as page:
        keys = page.keyboard
        keys.press("j")
        keys.press("1")
        assert page.evaluate(_CHECKED) == ["is BP", "", ""]
        keys.press("x")
        assert page.evaluate(_CHECKED) == ["", "", ""]
        keys.press("9")  # there is no such suggestion
        keys.press("X")
        assert page.evaluate(_CHECKED) == ["is BP", "is C1", ""]
        keys.press("X")
        assert page.evaluate(_CHECKED) == ["", "", ""]
        keys.press("n")
        page.wait_for_url("**kind=sku")
        assert page.locator(".item").count() == 1
        # what was narrowed stays so behind an answer
        keys.press("j")
        keys.press("a")
        page.wait_for_selector("#ask[open] button.primary:focus")
        keys.press("Enter")
        page.wait_for_selector("text=Nothing fits.")
        page.reload()
        keys.press("n")
        page.wait_for_selector(".item >> nth=1")
        # help, a search, and keys that do nothing while somebody writes or that are switched off
        keys.press("?")
        page.wait_for_selector("#keys[open]")
        assert faults_of(page) == []
        page.locator("#keys-on").focus()
        keys.press("Space")
        keys.press("Escape")
        keys.press("j")
        assert page.locator(".item.on").count() == 0
        page.reload()
        page.evaluate("localStorage.clear()")
        keys.press("/")
        keys.type("jax1")
        assert page.locator("#q").input_value() == "jax1"
        assert page.evaluate(_CHECKED) == ["", ""]
    assert _maps(tmp_path) == ["pax8,K1,,BP,,2026-10-01,"]


def test_a_wrong_row_is_named_in_place(tmp_path: Path) -> None:
    with _opened(tmp_path) as page:
        keys = page.keyboard
        keys.press("k")  # the last
        assert page.evaluate(_STANDS_ON) == "T-2"
        keys.press("o")
        keys.type("C9")
        keys.press("Enter")
        page.wait_for_selector("[role=alert] >> text=client 'C9' is not in the PSA of acme 2026-10")
        assert page.evaluate("document.querySelector('.other input:not([type])').value") == "C9"
    assert _maps(tmp_path) == []
