"""The page of sources says what the declarations say, and the worked example on its how-to is the one that
passes the suite.

Belongs here: pages about sources. Does not: the sources (``tests/connectors/sources``).
"""

from __future__ import annotations

from connectors.testing.hostile import BEHAVIOURS
from tests.docs.pages import ROOT, blocks
from tests.docs.sources_page import PAGE, render

EXAMPLE = ROOT / "tests/connectors/sources/example"
HOW_TO = ROOT / "docs/how-to/add-a-source.md"


def test_the_page_is_what_the_declarations_say() -> None:
    assert render(len(BEHAVIOURS)) == PAGE.read_text(encoding="utf-8"), (
        "wanted? `python -m tests.docs.sources_page` writes it anew"
    )


def test_the_worked_example_is_the_code_that_passes_the_suite() -> None:
    shown = [block.text.strip() for block in blocks(HOW_TO) if block.language == "python"]
    for name in ("licenta.py", "fake_licenta.py"):
        code = (EXAMPLE / name).read_text(encoding="utf-8")
        assert [text for text in shown if text in code], f"{name} is not on the page as it is"
    assert len(shown) == 2


def test_the_how_to_is_short() -> None:
    assert len(HOW_TO.read_text(encoding="utf-8").splitlines()) < 150
