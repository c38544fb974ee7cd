"""A refresh token that changes at each use: it is never lost, never seen, and used by one at a time.

Belongs here: the file and the exchange. Does not: access tokens (``test_tokens``).
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from requests import Request

from connectors.http.errors import CredentialsRefused
from connectors.http.redaction import Secret
from connectors.http.signing.token_file import TokenFile
from connectors.http.signing.tokens import RefreshToken
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendor import basic_header
from tests.connectors.http.wire import everything_in, opened

FIRST = "canary-refresh-0"


class Vendor:
    """Gives a new refresh token with each access token, and takes no old one."""

    def __init__(self, path: Path) -> None:
        self.path, self.number, self.exchanges = path, 0, 0
        self.rotates, self.status, self.seen = True, 200, ""
        self.turn, self.pause = threading.Lock(), 0.0

    def __call__(self, asked: Asked) -> Reply:
        time.sleep(self.pause)
        with self.turn:
            if asked.path != "/token":
                is_good = asked.headers.get("authorization") == f"Bearer access-{self.exchanges}"
                return Reply.json([] if is_good else {"error": "expired"}, 200 if is_good else 401)
            self.seen = self.path.read_text().strip()
            expected = {"grant_type": "refresh_token", "refresh_token": f"canary-refresh-{self.number}"}
            assert asked.headers["authorization"] == basic_header("client-1:canary-word-1")
            if asked.form() != expected or self.status != 200:
                return Reply.json({"error": "invalid_grant"}, self.status if self.status != 200 else 400)
            self.exchanges += 1
            self.number += self.rotates
            new = {"refresh_token": f"canary-refresh-{self.number}"} if self.rotates else {}
            return Reply.json({"access_token": f"access-{self.exchanges}", "expires_in": 3600, **new})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "token"
    found.write_text(f"{FIRST}\n")
    found.chmod(0o600)
    return found


def asked(vendor: Vendor) -> None:
    """Send one request with a client of its own, as a process does."""
    with serving(vendor) as server:
        basic = (Secret("client-1"), Secret("canary-word-1"))
        auth = RefreshToken(server.url, f"{server.url}/token", basic, TokenFile(str(vendor.path)))
        with opened(server.url, auth=auth) as client:
            client.send(f"{server.url}/data")


def test_the_new_token_is_kept_before_anything_else_is_asked(path: Path) -> None:
    vendor = Vendor(path)
    for number in (1, 2):
        asked(vendor)
        assert (vendor.exchanges, path.read_text()) == (number, f"canary-refresh-{number}\n")
        assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in path.parent.iterdir()) == ["token", "token.lock"]


def test_the_old_token_stands_until_the_vendor_has_given_the_new_one(path: Path) -> None:
    vendor = Vendor(path)
    asked(vendor)
    assert vendor.seen == FIRST  # while the vendor was asked


def test_a_token_that_the_vendor_leaves_as_it_is_stays(path: Path) -> None:
    vendor = Vendor(path)
    vendor.rotates = False
    asked(vendor)
    assert path.read_text().strip() == FIRST


def test_a_refused_token_stays_and_is_not_shown(path: Path) -> None:
    vendor = Vendor(path)
    vendor.status = 400
    with pytest.raises(CredentialsRefused) as caught:
        asked(vendor)
    assert path.read_text().strip() == FIRST
    assert FIRST not in everything_in(caught.value)


@pytest.mark.parametrize("text", [None, "", "two words\nand lines", "ümlaut"])
def test_a_file_without_one_token_is_refused_before_the_vendor_is_asked(path: Path, text: str | None) -> None:
    vendor = Vendor(path)
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(CredentialsRefused, match=str(path)):
        asked(vendor)
    assert vendor.exchanges == 0


def test_a_file_that_others_can_read_is_refused(path: Path) -> None:
    path.chmod(0o640)
    with pytest.raises(CredentialsRefused, match="chmod 600"):
        asked(Vendor(path))


def test_a_file_that_cannot_be_replaced_is_refused_before_the_old_token_is_given_up(path: Path) -> None:
    (path.parent / "token.new").mkdir()  # nothing can be put in its place
    vendor = Vendor(path)
    with pytest.raises(CredentialsRefused, match="cannot be read or replaced"):
        asked(vendor)
    assert vendor.exchanges == 0


def test_processes_take_turns(path: Path) -> None:
    vendor = Vendor(path)
    vendor.pause = 0.1  # whoever does not wait sends the token that another is exchanging
    failures: list[BaseException] = []

    def one() -> None:
        try:
            with serving(vendor) as server:
                basic = (Secret("client-1"), Secret("canary-word-1"))
                auth = RefreshToken(server.url, f"{server.url}/token", basic, TokenFile(str(path)))
                with opened(server.url, auth=auth) as client:
                    auth.sign(client._prepared(Request("GET", server.url)), client._token_endpoint, "")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures, vendor.exchanges, path.read_text().strip()) == ([], 6, "canary-refresh-6")
