"""What breaks off in the middle: an answer that is being sent, and a form that is.

Belongs here: that a page ends with what happened and what to do, and that the log stays quiet about who went
away. Does not: what verifying finds (``close/test_hand_over``).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.release.verify import workspace as verified
from tests.release.months import Month
from tests.serve.browsing import Visitor, served
from tests.support.small import PERIOD

HERE = f"/m/acme/{PERIOD}"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MbrError("the ledger's database is gone: start it"), "the ledger's database is gone: start it"),
        (
            PermissionError(13, "Permission denied", "/srv/published"),
            f"published/acme/{PERIOD} cannot be read: Permission denied: see that its disk is there and that"
            " MBR may read it, then verify again",
        ),
        (KeyError("x"), "This is a fault of MBR; what the server printed says more: please report it."),
    ],
)
def test_verifying_that_stops_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def stopping(*_: object) -> Iterator[str]:
        yield f"published/acme/{PERIOD}"
        raise error

    monkeypatch.setattr(verified, "check_published", stopping)
    with served(Month(tmp_path).root) as (site, address):
        visitor = Visitor.by_link(site, address)
        assert visitor.get(f"{HERE}/verify").status_code == 200
    assert f"published/acme/{PERIOD} Not looked at to the end {said} Looked at:" in visitor.text
    assert "All is as recorded" not in visitor.text
    assert visitor.page.rstrip().endswith("</html>")


def test_who_goes_away_while_sending_leaves_the_log_quiet(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with served(Month(tmp_path).root) as (site, address):
        visitor = Visitor.by_link(site, address)
        host = urlsplit(address)
        cookies = "; ".join(f"{each.name}={each.value}" for each in visitor.session.cookies)
        with socket.create_connection((str(host.hostname), int(host.port or 0))) as connection:
            connection.sendall(
                f"POST {HERE}/worklist/decide HTTP/1.1\r\nHost: {host.netloc}\r\nCookie: {cookies}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n".encode()
            )
        assert visitor.get(HERE).status_code == 200
    # the server ended what it had begun before it went down
    assert capfd.readouterr().err == ""
