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
from mbr_pipeline.serve.signin.passwords import set_password
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.release.months import PEOPLE, Month
from tests.serve.browsing import Visitor, served
from tests.serve.close.closing import published
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


def test_settings_that_cannot_be_read_are_said_on_every_page(tmp_path: Path) -> None:
    with served(Month(tmp_path).root) as (site, address):
        visitor = Visitor.by_link(site, address)
        settings = tmp_path / "mbr.yml"
        good = settings.read_text()
        settings.write_text(f"{good}\nnonsense: 3\n")
        for path in ("/", HERE, f"{HERE}/worklist", f"{HERE}/close", "/trends/acme"):
            assert visitor.get(path).status_code == 422, path
            assert "nonsense: unknown key" in visitor.text
        settings.unlink()
        assert visitor.get(f"{HERE}/worklist").status_code == 422
        assert "mbr.yml: not found" in visitor.text
        settings.write_text(good)
        assert visitor.get(f"{HERE}/worklist").status_code == 200


def test_a_ledger_that_cannot_be_read_is_said_and_signs_nobody_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    month = Month(tmp_path, PEOPLE)
    set_password(Workspace.open(WorkspacePaths(month.root)), "clerk1", "the password of clerk1")
    with served(month.root, user="") as (_, address):
        visitor = Visitor.signed_in(address, "clerk1", "the password of clerk1")
        ledger = tmp_path / "ledger/ledger.sqlite"
        good = ledger.read_bytes()
        ledger.write_bytes(b"no database " * 100)
        for path in ("/", f"{HERE}/worklist", "/nothing"):
            answer = visitor.get(path)
            assert answer.status_code == 500 and answer.headers["cache-control"] == "no-store"
            assert "restore it from a backup" in visitor.text
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        ledger.write_bytes(good)
        assert visitor.get(f"{HERE}/worklist").url == f"{address}{HERE}/worklist"
    assert "Traceback" not in capfd.readouterr().err


def test_a_page_that_cannot_read_published_tables_says_what_to_do(tmp_path: Path) -> None:
    month = published(tmp_path)
    with served(month.root, user="owner1") as (site, address):
        visitor = Visitor.by_link(site, address)
        (month.paths.published / "fct_variance_bridge.parquet").write_bytes(b"PAR1garbage")
        assert visitor.get(f"{HERE}/close").status_code == 500
        assert f"are damaged: run `mbr run --period {PERIOD} --msp acme`" in visitor.text


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
