"""The worklist with scripts, in a real browser: keys, dialogs, the list in place, the place kept.

Belongs here: what scripts add. Does not: what the page does without them (``test_worklist``).
"""

from __future__ import annotations

from pathlib import Path

from tests.decide.months import EXCEPTIONS, Month
from tests.serve.browsing import served
from tests.serve.chromium import faults_of, opened
from tests.serve.worklist.desks import LIST


def test_a_list_is_worked_by_keys_alone(tmp_path: Path) -> None:
    month = Month(tmp_path)
    with served(month.root) as (site, address), opened(site, address) as page:
        page.goto(address + LIST)
        stands_on = "document.activeElement.id"
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.evaluate(stands_on) == "f" + "6" * 24
        # left without deciding: nothing is chosen any more, and the place is kept
        page.keyboard.press("w")
        page.wait_for_selector("#ask[open] input[name=reason]:focus")
        assert faults_of(page) == []
        page.keyboard.press("Escape")
        page.wait_for_selector("#ask", state="hidden")
        assert page.locator("input[name=chosen]:checked").count() == 0
        assert page.evaluate(stands_on) == "f" + "6" * 24
        # what does not fit says so; a reason, Enter, and the list is without it
        page.keyboard.press("a")
        assert "no price is agreed" in page.wait_for_selector("#ask[open] #panel").inner_text()  # type: ignore[union-attr]
        page.keyboard.press("Escape")
        page.keyboard.press("f")
        page.wait_for_selector("#ask[open] input[name=reason]:focus")
        page.keyboard.type("agree a price first")
        page.keyboard.press("Enter")
        page.wait_for_selector("#told >> text=1 finding deferred.")
        assert page.evaluate(stands_on) == "f" + "4" * 24  # the next one
        assert page.url == address + LIST
        # two chosen, decided together
        for key in ("x", "j", "x", "d"):
            page.keyboard.press(key)
        page.wait_for_selector("#ask[open] >> text=Dispute 1 finding?")  # 2 is no vendor's
        page.keyboard.type("billed twice")
        page.keyboard.press("Enter")
        page.wait_for_selector("#told >> text=1 finding disputed.")
        # taken back
        page.keyboard.press("u")
        page.keyboard.press("Enter")
        page.wait_for_selector("#told >> text=1 decision withdrawn.")
        # help, and keys that do nothing while somebody writes
        page.keyboard.press("?")
        page.wait_for_selector("#keys[open]")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("jax")
        assert page.locator("#q").input_value() == "jax"
    assert month.kinds() == ["defer", "dispute", "withdraw"]


def test_all_of_a_kind_are_decided_by_keys(tmp_path: Path) -> None:
    month = Month(tmp_path)
    more = [{**EXCEPTIONS[3], "exception_id": letter * 24, "issue_id": letter * 24} for letter in "89"]
    month.audit(exceptions=[*EXCEPTIONS, *more])
    with served(month.root) as (site, address), opened(site, address) as page:
        page.goto(f"{address}{LIST}?q=7.00&code=VENDOR_AMOUNT_MISMATCH")
        page.keyboard.press("n")  # all again
        page.wait_for_url(f"{address}{LIST}?")
        while "VENDOR_AMOUNT" not in (
            page.evaluate("document.querySelector('tr.item.on')?.dataset.kind") or ""
        ):
            page.keyboard.press("j")
        page.keyboard.press("n")
        page.wait_for_url("**code=VENDOR_AMOUNT_MISMATCH")
        assert page.locator("tr.item").count() == 3
        page.keyboard.press("X")
        assert page.locator("input[name=whole]").is_checked()
        page.keyboard.press("d")
        page.wait_for_selector("#ask[open] >> text=Dispute 3 findings?")
        page.keyboard.type("billed twice")
        page.keyboard.press("Enter")
        page.wait_for_selector("#told >> text=3 findings disputed.")
        page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
        page.keyboard.press("n")
        page.wait_for_url(f"{address}{LIST}?")
        page.keyboard.press("r")
        page.wait_for_selector("#ask[open] >> text=Release C-4")
        page.keyboard.type("billed as agreed")
        page.keyboard.press("Enter")
        page.wait_for_selector("#told >> text=C-4 is released.")
    assert month.kinds() == [*["dispute"] * 3, "release"]


def test_a_sign_in_that_ended_is_told_in_place(tmp_path: Path) -> None:
    month = Month(tmp_path)
    with served(month.root) as (site, address), opened(site, address) as page:
        page.goto(address + LIST)
        page.context.clear_cookies()
        page.keyboard.press("j")
        page.keyboard.press("a")
        page.wait_for_selector("main >> text=You are not signed in any more, and nothing was changed")
    assert month.kinds() == []


def test_a_server_that_does_not_answer_is_told_and_nothing_written_is_lost(tmp_path: Path) -> None:
    month = Month(tmp_path)
    with served(month.root) as (site, address), opened(site, address) as page:
        page.goto(address + LIST)
        page.keyboard.press("j")
        page.keyboard.press("f")
        page.wait_for_selector("#ask[open] input[name=reason]:focus")
        page.keyboard.type("long thought")
        page.route("**/worklist/decide", lambda route: route.abort())
        page.keyboard.press("Enter")
        page.wait_for_selector("#ask [role=alert] >> text=The server did not answer")
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        assert page.locator("#ask [role=alert]").count() == 1
        assert page.locator("#ask input[name=reason]").input_value() == "long thought"
        assert faults_of(page) == []
        page.unroute("**/worklist/decide")
        page.keyboard.press("Enter")
        page.wait_for_selector("#told >> text=1 finding deferred.")
    assert month.kinds() == ["defer"]
