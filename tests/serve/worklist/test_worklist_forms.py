"""What comes to the worklist from outside: hostile text, forms of nobody's page, much at once, a kill.

Belongs here: that it shows as text, changes nothing it should not, and is whole. Does not: working the list
(``test_worklist``).
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.decide.months import Month, exception
from tests.serve.worklist.desks import HERE, HOSTILE, LIST, Desk
from tests.support.small import PERIOD

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk.alone(Month(tmp_path)) as made:
        yield made


def test_hostile_text_shows_as_text(tmp_path: Path) -> None:
    rows = [
        exception("1", "UNDERBILLED_QUANTITY", HOSTILE, HOSTILE, source=HOSTILE, client_recoverable="1")
        | {"explanation": HOSTILE, "line_id": HOSTILE, "sku_id": HOSTILE, "vendor_customer_id": HOSTILE}
    ]
    month = Month(tmp_path)
    month.audit(exceptions=rows)
    with Desk.alone(month) as desk:
        desk.visitor.get(f"{LIST}?by=client&q=onerror")
        desk.preview("defer", "1")
        seen = [desk.visitor.page]
        desk.enter(reason=HOSTILE)
        for path in (f"{LIST}?show=all&by=source", f"{HERE}/findings/{'1' * 24}", f"{HERE}/decisions"):
            assert desk.visitor.get(path).status_code == 200
            seen.append(desk.visitor.page)
    for page in seen:
        assert "<img src=x" not in page and "\u202e" not in page
        assert "⟨U+202E⟩" in page and "{{7*7}}" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "approve"},
        {"action": "release", "chosen": "1" * 24 + ":a:b"},
        {"action": "approve", "chosen": "../../etc/passwd"},
        {"action": "approve", "chosen": "1" * 24},
        {"chosen": "1" * 24 + ":a:b"},
    ],
)
def test_a_form_that_no_page_of_ours_has_changes_nothing(desk: Desk, fields: dict[str, Any]) -> None:
    desk.visitor.get(LIST)
    desk.visitor.post(
        f"{LIST}/decide", {**fields, "step": "enter", "back": "http://elsewhere/", "list": "\n"}
    )
    assert "Choose findings first" in desk.visitor.text
    desk.visitor.post(f"{LIST}/decide", {"chosen": "9" * 24 + ":a:b", "action": "approve", "step": "enter"})
    assert "it is gone" in desk.visitor.text
    assert desk.month.entries() == []


def test_other_msps_and_months_are_not_there(desk: Desk) -> None:
    desk.visitor.get(LIST)
    for path in (f"/m/other/{PERIOD}/worklist", "/m/acme/2026-13/worklist", f"{HERE}/findings/{'9' * 24}",
                 f"{HERE}/findings/111111"):  # fmt: skip
        assert desk.visitor.get(path).status_code == 404
    assert desk.visitor.get("/m/acme/2020-01/worklist").status_code == 200
    assert "never run" in desk.visitor.text


KILLED = """
import os, signal, sys
from pathlib import Path
import sqlalchemy
from tests.decide.months import Month
from tests.serve.worklist.desks import LIST, Desk

class There(Month):
    def __init__(self, root):
        self.root = root

with Desk.alone(There(Path(sys.argv[1]))) as desk:
    desk.visitor.get(LIST)
    desk.preview("defer", "1", "2", "4")
    sqlalchemy.event.listen(sqlalchemy.Engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
    desk.enter(reason="ask")
"""


def test_a_page_killed_while_it_enters_many_has_entered_none(tmp_path: Path) -> None:
    """It dies when all are written and nothing is kept yet; then the same is decided again."""
    month = Month(tmp_path)
    died = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    assert month.entries() == []
    with Desk.alone(month) as desk:
        desk.visitor.get(LIST)
        desk.preview("defer", "1", "2", "4")
        desk.enter(reason="ask")
    assert month.kinds() == ["defer", "defer", "defer"]


def test_what_a_form_carries_back_is_whole_and_unchanged(tmp_path: Path) -> None:
    """Hundreds of findings, a long reason, a client whose id has hidden characters."""
    odd = "C-\u202e\u00ad" + "x" * 700
    rows = [
        exception("1", "UNDERBILLED_QUANTITY", odd, "SEAT", client_recoverable="1.00")
        | {"exception_id": f"{n:024x}", "issue_id": f"{n + 4096:024x}"}
        for n in range(700)
    ]
    month = Month(tmp_path)
    month.audit(exceptions=rows)
    reason = "because " * 100
    with Desk.alone(month) as desk:
        desk.visitor.get(LIST)
        assert "\u202e" not in desk.visitor.page
        [client] = set(re.findall(r'<option value="(C-[^"]*)"', desk.visitor.page))
        assert unescape(client) == odd
        desk.visitor.post(f"{LIST}/decide", {"whole": "1", "action": "waive"})
        assert desk.enter(reason=reason, until="never") == 422
        kept = re.search(r'name="reason" value="([^"]*)"', desk.visitor.page)
        assert kept and kept.group(1) == reason.strip()
        assert desk.enter(reason=reason, until="2027-03") == 200
        assert "700 findings waived." in desk.visitor.text
    assert len(month.entries()) == 700
