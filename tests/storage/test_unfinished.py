"""What a killed writer left beside a place is taken away by the next writer there; what is being made is
not.

Belongs here: ``mbr_pipeline.storage.unfinished`` and who uses it, with real processes. Does not: killed
commands (tests/kills).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.storage.sealed_folders import entry

_FILE = """
from mbr_pipeline.storage.atomic_files import replacing
with replacing(place) as handle:
    wait()
"""
_FOLDER = """
from mbr_pipeline.storage.sealed_folders import entry
entry(place.parent, place.name, lambda folder: wait())
"""
_BEGIN = """
import sys
from pathlib import Path
place = Path(sys.argv[1])
def wait():
    print("at work", flush=True)
    sys.stdin.read()
    return {}
"""


def _writer(how: str, place: Path) -> subprocess.Popen[str]:
    """Start a process that is in the middle of making ``place``."""
    command = [sys.executable, "-c", _BEGIN + how, str(place)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "at work\n"
    return process


def _write(how: str, place: Path) -> None:
    if how == _FILE:
        write_text(place, "whole")
    else:
        entry(place.parent, place.name, lambda _: {"whole": True})


@pytest.mark.parametrize("how", [_FILE, _FOLDER], ids=["a file", "a folder"])
def test_what_a_killed_writer_left_is_taken_away_and_what_is_being_made_is_not(
    how: str, tmp_path: Path
) -> None:
    place = tmp_path / "made"
    at_work, killed = _writer(how, place), _writer(how, place)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    (other := tmp_path / ".made.up").write_text("of somebody else's", encoding="utf-8")
    assert len(list(tmp_path.glob(".made.*"))) == 3
    _write(how, place)
    assert [path.name.split(".")[2] for path in tmp_path.glob(".made.*") if path != other] == [
        str(at_work.pid)
    ]
    assert other.exists()
    at_work.communicate("")
    assert at_work.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".made.up", "made"]


def test_a_name_that_the_kernel_gave_to_another_process_is_taken_away_all_the_same(tmp_path: Path) -> None:
    # process numbers come again: this one is of the process that runs now
    (tmp_path / f".made.{os.getppid()}.tmp").write_text("half", encoding="utf-8")
    write_text(tmp_path / "made", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
