"""A month worked by keyboard from sign-in to closed, and what it takes:
`python -m tools.clerk_trial WORKSPACE MSP PERIOD`.

What belongs here: a person in a real Chromium who maps what is not mapped and runs the month with that,
decides kind by kind (the most money first, all of a kind at once, a reason once), releases who could not be
compared, runs the month and closes it; keys, characters and pages counted. What does not: whether decisions
are right: each kind is approved or disputed where that can be, else deferred.

The workspace is changed: give it a copy of a month that was run. `mbr world` makes one of any size.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Page, TimeoutError

from mbr_pipeline.serve.signin.passwords import set_password
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.serve.browsing import served
from tests.serve.chromium import browsing

_NAME, _PASSWORD = "owner1", "correct horse battery"
_PEOPLE = f"people:\n  {_NAME}: {{name: Head of finance, roles: [clerk, approver]}}\n"
_VENDORS = ("VENDOR_", "DUPLICATE_", "USAGE_")
_RUN_SECONDS = 900


class Hand:
    """A keyboard that counts.

    Attributes:
        count: Keys, characters of texts, pages and answers, by what for.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, Counter[str]()
        self.stage = ""
        page.on("response", self._answered)

    def _answered(self, response: object) -> None:
        if "text/html" in response.headers.get("content-type", ""):  # type: ignore[attr-defined]
            self.count[f"{self.stage}: pages"] += response.status != 303  # type: ignore[attr-defined]

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.count[f"{self.stage}: keys"] += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text."""
        self.count[f"{self.stage}: characters"] += len(text)
        self.page.keyboard.type(text)

    def to(self, selector: str) -> None:
        """Go to a place by Tab, forwards or backwards, whichever is shorter."""
        wanted = self.page.wait_for_selector(selector)
        steps = self.page.evaluate(_STEPS, wanted)
        self.press(*(["Tab"] * steps if steps >= 0 else ["Shift+Tab"] * -steps))
        for _ in range(5):  # a browser has a stop or two more than the page
            if self.page.evaluate("(it) => it === document.activeElement", wanted):
                return
            self.press("Tab" if steps >= 0 else "Shift+Tab")
        wanted.focus()  # type: ignore[union-attr]


_STEPS = """(wanted) => {
  const stops = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter((each) => !each.disabled && each.offsetParent !== null);
  const at = stops.indexOf(document.activeElement), to = stops.indexOf(wanted);
  return at < 0 ? to + 1 : to - at;
}"""


def main() -> None:
    """Work the month and print the counts."""
    root, msp_id, period = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    settings = root / "mbr.yml"
    if _PEOPLE not in settings.read_text(encoding="utf-8"):
        settings.write_text(settings.read_text(encoding="utf-8") + _PEOPLE, encoding="utf-8")
    set_password(Workspace.open(WorkspacePaths(root)), _NAME, _PASSWORD)
    since = time.monotonic()
    with served(root, user="") as (_, address), browsing(address) as page:
        hand = Hand(page)
        _work(hand, f"{address}/m/{msp_id}/{period}", address)
    print(f"{'':44}{'keys':>7}{'characters':>12}{'pages':>7}")
    stages = dict.fromkeys(name.partition(":")[0] for name in hand.count)
    for stage in [*stages, "together"]:
        found = [
            sum(
                n
                for name, n in hand.count.items()
                if name.endswith(what) and stage in (name.partition(":")[0], "together")
            )
            for what in ("keys", "characters", "pages")
        ]
        print(f"{stage:44}{found[0]:7}{found[1]:12}{found[2]:7}")
    print(f"the machine took {time.monotonic() - since:.0f} s, the runs of the month among them")


def _work(hand: Hand, here: str, address: str) -> None:
    page = hand.page
    hand.stage = "sign in"
    page.goto(f"{address}/signin")
    hand.to("input[name=name]")
    hand.type(_NAME)
    hand.press("Tab")
    hand.type(_PASSWORD)
    hand.press("Enter")
    page.wait_for_selector("h1 >> text=Months")
    hand.stage = "map"
    page.goto(f"{here}/mapping")
    if page.locator("input[data-best]").count():
        hand.press("X", "a")
        page.wait_for_selector("#ask[open] button.primary:focus")
        with page.expect_response("**/mapping?*"):
            hand.press("Enter")
        page.wait_for_selector("#told >> text=added to")
        _run(hand, here)  # what was not mapped is compared now
    for turn in ("decide", "what the run left"):
        hand.stage = turn
        page.goto(f"{here}/worklist")
        total = page.inner_text(".pills [aria-current]")
        print(f"{turn}: {' '.join(total.split())}")
        if turn != "decide" and not page.locator("tr.item, form[action$='/release']").count():
            break
        _decide(hand)
        hand.stage = "release who could not be compared"
        while page.locator("form[action$='/release'] button").count():
            hand.press("r")
            page.wait_for_selector("#ask[open] input[name=reason]:focus")
            hand.type("billed as agreed")
            hand.press("Enter")
            page.wait_for_selector("#told >> text=is released")
        _run(hand, here)
    hand.stage = "close"
    page.goto(f"{here}/close")
    if page.locator("input[name=except_all], input[name=except]").count():
        hand.to("input[name=except_all], input[name=except]")
        hand.press("Space")
        hand.to("textarea[name=reason]")
        hand.type("not settled yet")
    hand.to("button.primary >> text=/Close .* as version/")
    hand.press("Enter")
    page.wait_for_selector("#told >> text=is closed")
    print(page.inner_text("#told"))


def _run(hand: Hand, here: str) -> None:
    hand.stage, page = "run", hand.page
    page.goto(here)
    hand.to("button >> text=Run the month")
    hand.press("Enter")
    page.wait_for_selector("#outcome >> text=/published|blocked|failed/", timeout=_RUN_SECONDS * 1000)
    print(f"run: {page.inner_text('#outcome')}")


def _decide(hand: Hand) -> None:
    """Decide kind by kind: stand on the first finding, all of its kind, an action, a reason, Enter."""
    page, tried = hand.page, Counter[str]()
    while True:
        rows = [row for row in page.locator("tr.item").all() if row.locator("input[name=chosen]").count()]
        if not rows:
            break
        hand.press("j")
        kind = (
            page.evaluate("document.querySelector('tr.item.on').dataset.kind")
            .partition("code=")[2]
            .partition("&")[0]
        )
        _narrow(hand)
        for action in ("d" if kind.startswith(_VENDORS) else "a", "f"):
            if not page.locator("tr.item").count():
                break
            hand.press("X", action)
            page.wait_for_selector("#ask[open] #panel")
            if page.locator("#ask button.primary").count():
                hand.type("as agreed" if action == "a" else "asked for")
                hand.press("Enter")
                page.wait_for_selector("#ask", state="hidden")
                page.wait_for_load_state("networkidle")
            else:
                hand.press("Escape")
                page.wait_for_selector("#ask", state="hidden")
                hand.press("X")
        tried[kind] += 1
        if tried[kind] > 2:
            raise SystemExit(f"{kind} cannot be decided")
        _narrow(hand)


def _narrow(hand: Hand) -> None:
    """Only this kind, or all again."""
    with suppress(TimeoutError), hand.page.expect_navigation(timeout=10_000):
        hand.press("n")


if __name__ == "__main__":
    main()
