"""Who gets in, and who stays out (contract §12).

Belongs here: links, passwords, sessions, forms of other pages, headers. Does not: what a page shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mbr_pipeline.serve.signin.passwords import set_password
from mbr_pipeline.serve.signin.sessions import IDLE_SECONDS, LONGEST_SECONDS, Sessions
from mbr_pipeline.serve.signin.throttle import SECONDS, TRIES, Throttle
from mbr_pipeline.serve.site import Site
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.release.months import PEOPLE
from tests.serve.browsing import Visitor, served
from tests.support.small import PERIOD, settings, write, write_msp

PASSWORD = "correct horse battery"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    with served(tmp_path) as found:
        yield found


@pytest.fixture
def team(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    write(tmp_path / "mbr.yml", settings(["acme"], PEOPLE))
    write_msp(tmp_path, "acme")
    for name in ("clerk1", "owner1"):
        set_password(Workspace.open(WorkspacePaths(tmp_path)), name, f"{PASSWORD} of {name}")
    with served(tmp_path, user="") as found:
        yield found


def _cookie(address: str) -> str:
    return f"mbr-{address.rpartition(':')[2]}"


def _key_of(visitor: Visitor) -> str:
    return str(visitor.session.cookies[_cookie(visitor.address)])


def test_the_link_opens_the_page_once(alone: tuple[Site, str]) -> None:
    site, address = alone
    link = site.link
    first, second = Visitor(address), Visitor(address)
    assert "Open the link that mbr serve printed" in (first.get("/") and first.text)
    assert first.get(f"/open/{link}").status_code == 200
    assert "Months" in first.text and first.get("/").url == f"{address}/"
    assert second.get(f"/open/{link}").status_code == 403
    assert second.get(f"/m/acme/{PERIOD}").url == f"{address}/signin"
    assert second.get("/open/").status_code == 404


def test_looking_at_the_links_head_does_not_use_it_up(alone: tuple[Site, str]) -> None:
    site, address = alone
    link = site.link
    for given in (link, "not-the-link"):  # which is which is not told either
        answer = requests.head(f"{address}/open/{given}", timeout=10)
        assert (answer.status_code, answer.text) == (200, "")
    visitor = Visitor(address)
    assert visitor.get(f"/open/{link}").status_code == 200
    assert "Months" in visitor.text


def test_a_password_opens_it_and_a_wrong_one_does_not(team: tuple[Site, str]) -> None:
    _, address = team
    visitor = Visitor(address)
    visitor.get("/signin")
    for name, password in (
        ("clerk1", f"{PASSWORD} of owner1"),
        ("nobody", PASSWORD),
        ("clerk1", ""),
        ("", ""),
    ):
        assert visitor.post("/signin", {"name": name, "password": password}).status_code == 403
        assert "The name or the password is wrong." in visitor.text
    assert (
        visitor.post("/signin", {"name": "clerk1", "password": f"{PASSWORD} of clerk1"}).url == f"{address}/"
    )
    assert "clerk1" in visitor.text


def test_signing_in_gives_the_browser_another_key(team: tuple[Site, str]) -> None:
    """Whoever planted the first one knows nothing (session fixation)."""
    _, address = team
    visitor = Visitor(address)
    visitor.get("/signin")
    before = _key_of(visitor)
    visitor.post("/signin", {"name": "clerk1", "password": f"{PASSWORD} of clerk1"})
    after = _key_of(visitor)
    assert before != after
    planted = requests.get(f"{address}/", cookies={_cookie(address): before}, timeout=10)
    assert planted.url == f"{address}/signin"


def test_two_servers_of_one_machine_sign_nobody_out(alone: tuple[Site, str], tmp_path: Path) -> None:
    """Browsers send a cookie to every port of a host."""
    visitor = Visitor.by_link(*alone)
    write(tmp_path / "other/mbr.yml", settings(["acme"]))
    with served(tmp_path / "other") as (site, address):
        second = Visitor(address)
        second.session.cookies = visitor.session.cookies
        assert "Months" in (second.get(f"/open/{site.link}") and second.text)
        assert second.get("/").url == f"{address}/"
    assert visitor.get("/").url == f"{visitor.address}/"


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(team: tuple[Site, str]) -> None:
    _, address = team
    visitor = Visitor.signed_in(address, "clerk1", f"{PASSWORD} of clerk1")
    key = _key_of(visitor)
    assert visitor.post("/signout").url == f"{address}/signin"
    assert requests.get(f"{address}/", cookies={_cookie(address): key}, timeout=10).url == f"{address}/signin"


def test_another_password_or_no_place_in_people_ends_it_too(team: tuple[Site, str]) -> None:
    site, address = team
    clerk = Visitor.signed_in(address, "clerk1", f"{PASSWORD} of clerk1")
    owner = Visitor.signed_in(address, "owner1", f"{PASSWORD} of owner1")
    set_password(site.workspace, "clerk1", "something else")
    assert clerk.get("/").url == f"{address}/signin"
    assert owner.get("/").url == f"{address}/"
    write(site.paths.root / "mbr.yml", settings(["acme"], PEOPLE.replace("owner1", "owner2")))
    assert owner.get("/").url == f"{address}/signin"


def test_ten_thousand_tries_are_not_checked(team: tuple[Site, str], monkeypatch: pytest.MonkeyPatch) -> None:
    _, address = team
    checked = []
    monkeypatch.setattr(
        "mbr_pipeline.serve.signin.views.is_right", lambda *given: checked.append(given) or False
    )
    visitor = Visitor(address)
    visitor.get("/signin")
    form = {"token": visitor.token, "name": "clerk1", "password": "x"}
    codes = [visitor.session.post(f"{address}/signin", data=form, timeout=10).status_code for _ in range(300)]
    assert codes == [403] * TRIES + [429] * (300 - TRIES)
    assert len(checked) == TRIES


def test_tries_come_back_slowly_and_only_ones_own() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    assert [throttle.wait("a") for _ in range(TRIES)] == [0] * TRIES
    assert sum(throttle.wait("a") > 0 for _ in range(10_000)) == 10_000
    assert throttle.wait("b") == 0
    now[0] += SECONDS
    assert (throttle.wait("a"), throttle.wait("a")) == (0, SECONDS)
    throttle.forgive("a")
    assert throttle.wait("a") == 0


def test_a_session_ends_by_itself() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    used, idle = sessions.begin("a"), sessions.begin("b")
    for _ in range(LONGEST_SECONDS // (IDLE_SECONDS - 1)):
        now[0] += IDLE_SECONDS - 1
        assert sessions.find(used.key) is used
    now[0] = LONGEST_SECONDS + 1
    assert sessions.find(used.key) is None
    assert sessions.find(idle.key) is None


def test_strangers_who_open_sessions_sign_nobody_out() -> None:
    sessions = Sessions()
    mine = sessions.begin("clerk1")
    for _ in range(5000):
        sessions.begin()
    assert sessions.find(mine.key) is mine


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
    ],
)
def test_a_form_of_another_page_is_refused(alone: tuple[Site, str], headers: dict[str, str]) -> None:
    site, address = alone
    visitor = Visitor.by_link(site, address)
    visitor.get(f"/m/acme/{PERIOD}")
    answer = visitor.post(f"/m/acme/{PERIOD}/run", headers=headers)
    assert answer.status_code == 403
    assert site.runs.newest("acme", PERIOD) is None


def test_a_form_without_the_token_of_its_session_is_refused(alone: tuple[Site, str]) -> None:
    site, address = alone
    visitor = Visitor.by_link(site, address)
    for data in ({}, {"token": ""}, {"token": site.sessions.begin().token}):
        answer = visitor.session.post(f"{address}/m/acme/{PERIOD}/run", data=data, timeout=10)
        assert answer.status_code == 403
    assert site.runs.newest("acme", PERIOD) is None


def test_every_answer_carries_the_headers(alone: tuple[Site, str]) -> None:
    site, address = alone
    visitor = Visitor.by_link(site, address)
    for path in ("/", f"/m/acme/{PERIOD}", "/static/mbr.css", "/nothing", "/m/none/2026-01", "/signin"):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
    cookie = requests.get(f"{address}/signin", timeout=10).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie


def test_a_form_of_any_length_fills_nothing(team: tuple[Site, str]) -> None:
    """A stranger's is cut at 64 KiB, somebody's at what the page takes: 8 MiB where it takes no files."""
    _, address = team
    stranger = Visitor(address)
    stranger.get("/signin")
    longest = {"token": stranger.token, "name": "x" * 65_536}
    assert stranger.session.post(f"{address}/signin", data=longest, timeout=10).status_code == 413
    clerk = Visitor.signed_in(address, "clerk1", f"{PASSWORD} of clerk1")
    many = [("ids", "x" * 1024)] * 8192
    assert clerk.post("/signout", many).status_code == 413
    assert "nothing was changed" in clerk.text
    assert clerk.get("/").url == f"{address}/"


def test_what_is_not_there_is_said_without_a_trace(alone: tuple[Site, str]) -> None:
    site, address = alone
    visitor = Visitor.by_link(site, address)
    for path in (
        "/m/other/2026-01", "/m/acme/2026-13", "/m/acme/..%2f..", "/runs/1", "/runs/x", f"/runs/{'9' * 5000}",
    ):  # fmt: skip
        assert visitor.get(path).status_code == 404, path
        assert "There is no such page." in visitor.text


def test_a_demo_shows_to_everybody_and_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"], PEOPLE))
    write_msp(tmp_path, "acme")
    with served(tmp_path, user="", is_demo=True) as (site, address):
        visitor = Visitor(address)
        assert "demo, read only" in (visitor.get("/") and visitor.text)
        visitor.get(f"/m/acme/{PERIOD}")
        assert visitor.post(f"/m/acme/{PERIOD}/run").status_code == 403
        assert "nothing can be changed" in visitor.text
        assert site.runs.newest("acme", PERIOD) is None
