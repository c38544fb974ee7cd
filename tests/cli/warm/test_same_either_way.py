"""Whoever is asked, a warm process or nobody, a command is given the same, prints the same and ends alike."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.warm.asking import asks, done, here, with_path
from tests.cli.warm.conftest import Start

IGNORED = (
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)


def _told(command: list[str], **how: Any) -> Any:
    ended = done(command, **how)
    assert (ended.returncode, ended.stderr) == (0, "told\n")
    return json.loads(ended.stdout)


def test_a_command_is_given_what_it_was_started_with_and_nothing_else(
    listen: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_PROCESS", "its own")
    listen()
    monkeypatch.delenv("OF_THE_PROCESS")
    how = {
        "cwd": tmp_path,
        "umask": 0o027,
        "input": "ä line\n",
        "env": with_path(
            {"SOMETHING": "ä\udcff", "PYTHONIOENCODING": "latin-1:replace", "TZ": "Asia/Kolkata"}
        ),
    }
    before = [command[:1] for command in (asks("tell"), here("tell"))]
    assert before[0] == before[1]
    ignoring = [here("tell")[0], "-c", IGNORED]
    by_it, without = (_told([*ignoring, *command], **how) for command in (asks("tell"), here("tell")))
    open_by_it, open_without = by_it.pop("open"), without.pop("open")
    # beside those: the socket at whose end the command is killed
    assert open_by_it == open_without + 1
    assert by_it == without
    assert by_it["environment"]["SOMETHING"] == "ä\udcff"
    assert (by_it["folder"], by_it["umask"], by_it["read"]) == (
        str(tmp_path),
        0o027,
        "\u00c3\u00a4 line\n",  # UTF-8 read as Latin-1
    )
    assert by_it["signals"][str(signal.SIGHUP)] == "1" and by_it["hour"] == "00 GMT05 IST"


def test_it_works_in_a_folder_that_is_gone(listen: Start, tmp_path: Path) -> None:
    listen()
    gone = tmp_path / "gone"
    gone.mkdir()
    removing = ["bash", "-c", 'rmdir "$0"; exec "$@"', str(gone), *asks("leave", "4")]
    assert done(removing, cwd=gone).returncode == 4


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (("leave", "0"), 0),
        (("leave", "3"), 3),
        (("leave", "in words"), 1),
        (("fail",), 1),
        (("interrupted",), -signal.SIGINT),
        (("die", str(int(signal.SIGTERM))), -signal.SIGTERM),
        (("die", str(int(signal.SIGKILL))), -signal.SIGKILL),
        (("die", str(int(signal.SIGABRT))), -signal.SIGABRT),
    ],
)
def test_a_command_ends_alike(listen: Start, deed: tuple[str, ...], code: int) -> None:
    listen()
    by_it, without = done(asks(*deed)), done(here(*deed))
    assert by_it.returncode == without.returncode == code
    assert by_it.stdout == without.stdout == ""
    # above the last lines are those of whoever called it
    assert by_it.stderr.splitlines()[-1:] == without.stderr.splitlines()[-1:]


def test_what_cannot_be_written_at_the_end_is_an_error_as_ever(listen: Start) -> None:
    listen()
    buffered = {name: value for name, value in with_path().items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("wb") as full:
        ends = [
            subprocess.run(
                command,
                stdout=full,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                env=buffered,
                check=False,
            ).returncode
            for command in (asks("tell"), here("tell"))
        ]
    assert ends == [120, 120]


def test_a_variable_of_one_command_is_not_there_for_the_next(listen: Start) -> None:
    process = listen()
    secret = "hush-5b1e"
    assert _told(asks("tell"), env=with_path({"SECRET": secret}))["environment"]["SECRET"] == secret
    assert "SECRET" not in _told(asks("tell"))["environment"]
    assert secret.encode() not in Path(f"/proc/{process.pid}/environ").read_bytes()


def test_nothing_of_a_command_stays_open(listen: Start) -> None:
    process = listen()
    before = sorted(each.name for each in Path(f"/proc/{process.pid}/fd").iterdir())
    # `done` reads both pipes to their ends: who held one open would make it wait
    done(asks("tell"))
    assert sorted(each.name for each in Path(f"/proc/{process.pid}/fd").iterdir()) == before
