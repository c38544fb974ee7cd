"""A sign-in that ends in the middle of the work: the way back, and what was written before.

Belongs here: what signing in again leads to. Does not: who gets in (``test_signin``).
"""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from mbr_pipeline.serve.signin.sent import own_path
from tests.decide.months import Month
from tests.release.months import PEOPLE
from tests.serve.browsing import Visitor
from tests.serve.chromium import browsing, faults_of
from tests.serve.worklist.desks import HERE, HOSTILE, LIST, Desk, team

OWN = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "the password of clerk1"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with team(Month(tmp_path, PEOPLE), "clerk1") as (found,):
        yield found


def _sign_in_there(visitor: Visitor, password: str = PASSWORD) -> int:
    """Fill in the sign-in of the last page, with what it carries."""
    hidden = [(n, v) for n, v in Desk.form(Desk(None, visitor)) if n in ("next", "kept")]  # type: ignore[arg-type]
    fields = [*hidden, ("name", "clerk1"), ("password", password)]
    return visitor.post("/signin", fields).status_code


def test_signing_in_leads_to_the_page_that_was_asked_for(desk: Desk) -> None:
    visitor = desk.visitor
    visitor.session.cookies.clear()
    wish = f"{LIST}?by=client&q=a%26b"
    assert visitor.get(wish).url == f"{visitor.address}/signin?next={quote(wish, safe='')}"
    assert _sign_in_there(visitor, "wrong") == 403
    assert visitor.session.post and _sign_in_there(visitor) == 200
    assert "Worklist" in visitor.text and 'value="a&amp;b"' in visitor.page


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/a b", "javascript:x", "", "/ü"],
)
def test_it_leads_to_no_other_server(desk: Desk, path: str) -> None:
    assert own_path(path) is None
    visitor = desk.visitor
    visitor.session.cookies.clear()
    visitor.get(f"/signin?next={quote(path, safe='')}")
    answer = visitor.post("/signin", {"name": "clerk1", "password": PASSWORD, "next": path})
    assert answer.url == f"{visitor.address}/"


def test_what_was_written_is_sent_after_signing_in_again(desk: Desk) -> None:
    visitor, reason = desk.visitor, f"counted with the client {HOSTILE}"
    visitor.get(LIST)
    desk.preview("defer", "2")
    visitor.session.cookies.clear()
    assert desk.enter(reason=reason) == 403
    assert "You are not signed in any more, and nothing was changed" in visitor.text
    assert _sign_in_there(visitor, "wrong") == 403
    assert _sign_in_there(visitor) == 200
    assert "Send it again?" in visitor.text and "counted with the client" in visitor.text
    assert "<img" not in visitor.page.replace('<img src="/static', "")
    assert desk.month.kinds() == [], "nothing is sent before they say so"
    assert visitor.post(f"{LIST}/decide", desk.form()).status_code == 200
    assert "1 finding deferred." in visitor.text
    assert desk.month.kinds() == ["defer"]
    assert visitor.get("/again").status_code == 404, "it is sent once"
    assert desk.month.entries()[0].body["reason"] == reason


def test_a_form_of_an_earlier_sign_in_is_offered_again_to_a_browser_alone(desk: Desk) -> None:
    visitor = desk.visitor
    visitor.get(LIST)
    desk.preview("defer", "2")
    form = [*desk.form(), ("reason", "written before"), ("token", "of an earlier sign-in")]
    target = f"{visitor.address}{LIST}/decide"
    plain = visitor.session.post(target, data=form, timeout=10)
    assert plain.status_code == 403 and "Send it again" not in plain.text
    again = visitor.session.post(target, data=form, headers=OWN, timeout=10)
    assert again.status_code == 403
    assert "not of your sign-in" in again.text and "written before" in unescape(again.text)
    assert f'value="{visitor.token}"' in again.text
    assert desk.month.kinds() == []


def test_a_long_form_of_somebody_not_signed_in_any_more_is_not_called_too_long(desk: Desk) -> None:
    visitor = desk.visitor
    visitor.get(LIST)
    visitor.session.cookies.clear()
    answer = visitor.post(f"{LIST}/decide", [("chosen", "x" * 1024)] * 200)
    assert answer.status_code == 403
    assert "You are not signed in any more, and nothing was changed" in visitor.text


def test_what_cannot_be_kept_leads_back_to_its_page(desk: Desk) -> None:
    visitor = desk.visitor
    files = f"{HERE}/files"
    visitor.get(files)
    visitor.session.cookies.clear()
    came_from = {"Referer": f"{visitor.address}{files}"}
    dropped = {"files": ("a.csv", b"a,b\n1,2\n", "text/csv")}
    assert visitor.post(f"{files}/drop", files=dropped, headers=came_from).status_code == 403
    assert "Files are to be chosen again" in visitor.text
    visitor.post("/signin", [*Desk.form(desk), ("name", "clerk1"), ("password", PASSWORD)])
    assert "Files of 2026-10" in visitor.text
    visitor.session.cookies.clear()
    assert visitor.post("/signout", headers={"Referer": "http://evil.example/x"}).status_code == 403
    assert "kept" not in visitor.text and 'name="next"' not in visitor.page


def test_by_the_link_what_was_written_stands_there_to_be_copied(tmp_path: Path) -> None:
    with Desk.alone(Month(tmp_path)) as desk:
        desk.visitor.get(LIST)
        desk.preview("defer", "2")
        desk.visitor.session.cookies.clear()
        assert desk.enter(reason="counted <twice>") == 403
        assert "to be copied" in desk.visitor.text
        assert ">counted &lt;twice&gt;</textarea>" in desk.visitor.page


def test_it_goes_on_in_the_browser_with_scripts(desk: Desk) -> None:
    with browsing(desk.visitor.address) as page:
        page.goto(desk.visitor.address + LIST)
        page.fill("[name=name]", "clerk1")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{LIST}")
        page.keyboard.press("j")
        page.keyboard.press("f")
        page.wait_for_selector("#ask[open] input[name=reason]:focus")
        page.keyboard.type("ten minutes of thought")
        page.context.clear_cookies()
        page.keyboard.press("Enter")
        page.wait_for_selector("main >> text=What you sent is kept")
        assert faults_of(page) == []
        page.fill("[name=name]", "clerk1")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/again")
        assert faults_of(page) == []
        page.click("text=Send it again >> nth=-1")
        page.wait_for_selector("#told >> text=1 finding deferred.")
    assert desk.month.entries()[0].body["reason"] == "ten minutes of thought"
