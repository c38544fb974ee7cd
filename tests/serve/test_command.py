"""`mbr serve` and `mbr people passwd`: what they refuse, and the page as a process of its own.

Belongs here: the commands. Does not: sign-in (``test_signin``), pages.
"""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli import commands
from mbr_pipeline.serve.signin.passwords import is_right
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.e2e.command import started
from tests.release.months import PEOPLE
from tests.serve.browsing import Visitor
from tests.support.small import PERIOD, settings, write, write_msp


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", settings(["acme"], PEOPLE))
    write_msp(tmp_path, "acme")
    return tmp_path


def refused(*arguments: object) -> str:
    done = CliRunner().invoke(commands, [str(each) for each in arguments])
    assert type(done.exception).__name__ == "ConfigError", done.output
    return str(done.exception)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "example.org"])
def test_another_host_needs_a_proxy(root: Path, host: str) -> None:
    assert f"--host {host} is not this machine alone" in refused("serve", "-w", root, "--host", host)


def test_a_proxy_needs_people(root: Path) -> None:
    write(root / "mbr.yml", settings(["acme"]))
    assert "needs `people` in mbr.yml" in refused("serve", "-w", root, "--behind-tls-proxy")


def test_a_taken_port_is_said(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} on 127.0.0.1 cannot be used" in refused("serve", "-w", root, "--port", port)


def test_a_password_comes_from_standard_input(root: Path) -> None:
    done = CliRunner().invoke(
        commands, ["people", "passwd", "clerk1", "-w", str(root)], input="correct horse\nnot this\n"
    )
    assert done.output == "clerk1 has a password\n"
    workspace = Workspace.open(WorkspacePaths(root))
    assert is_right(workspace, "clerk1", "correct horse")
    assert not is_right(workspace, "clerk1", "not this")
    kept = b"".join(path.read_bytes() for path in (root / "ledger").iterdir())
    assert b"$argon2id$" in kept and b"correct horse" not in kept


def test_a_password_is_asked_for_twice_and_not_shown(root: Path) -> None:
    command = [sys.executable, "-P", "-c", "from mbr_pipeline.cli import main; main()"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*command, "people", "passwd", "owner1", "-w", str(root)],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
    )  # fmt: skip
    os.close(theirs)
    said = b""
    for prompt in (b"New password of owner1: ", b"Once more: "):
        while not said.endswith(prompt):
            said += os.read(ours, 1000)
        os.write(ours, b"correct horse\n")
    try:
        while more := os.read(ours, 1000):
            said += more
    except OSError:  # Linux: the other end is closed
        pass
    assert process.wait() == 0
    assert b"owner1 has a password" in said and b"correct horse" not in said
    os.close(ours)


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("nobody", "correct horse", "nobody is not among `people`"),
        ("clerk1", "short", "a password has 8 to 1,000 characters"),
        ("clerk1", "x" * 1001, "a password has 8 to 1,000 characters"),
        ("clerk1", "", "a password has 8 to 1,000 characters"),
    ],
)
def test_a_password_that_cannot_be_set_is_said(root: Path, name: str, password: str, why: str) -> None:
    done = CliRunner().invoke(commands, ["people", "passwd", name, "-w", str(root)], input=f"{password}\n")
    assert why in str(done.exception)
    assert not (root / "ledger").exists()


def test_the_page_is_a_process_that_runs_a_month_and_ends(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = started("serve", "--workspace", tmp_path, "--port", str(port))
    assert process.stderr
    said, end = process.stderr.readline(), process.stderr.readline()
    assert end == "Ctrl+C ends it\n"
    link = said.removeprefix("MBR: ").strip()
    address, _, key = link.partition("/open/")
    assert address == f"http://127.0.0.1:{port}"
    visitor = Visitor(address)
    assert visitor.get(f"/open/{key}").status_code == 200
    visitor.get(f"/m/acme/{PERIOD}")
    shown = visitor.post(f"/m/acme/{PERIOD}/run")
    # the stream ends when the run does
    events = visitor.session.get(f"{shown.url}/events", timeout=300)
    assert events.headers["content-type"].startswith("text/event-stream")
    assert events.text.endswith("event: end\ndata: published\n\n"), events.text
    assert "event: line\ndata: " in events.text
    visitor.get(f"/m/acme/{PERIOD}")
    assert "passed" in visitor.text
    process.send_signal(signal.SIGINT)
    assert (process.wait(timeout=60), process.stderr.read()) == (0, "")
