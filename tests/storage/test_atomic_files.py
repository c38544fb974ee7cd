"""Atomic writes, replaced folders and locks: a kill at any moment leaves the old file or the new one, and no
lock behind.

Belongs here: ``mbr_pipeline.storage.atomic_files`` and ``locks`` alone, with real processes where one process
cannot show it. Does not: killed runs (tests/e2e).
"""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from mbr_pipeline.storage.atomic_files import replace_folder, sha256_of, write_json, write_text
from mbr_pipeline.storage.locks import locked


def _folder(path: Path, **content: str) -> Path:
    path.mkdir(parents=True)
    for name, text in content.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def _content(path: Path) -> dict[str, str]:
    return {p.name: p.read_text(encoding="utf-8") for p in path.iterdir()}


def test_text_and_json_replace_what_was_there_and_leave_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "deep/er/gate.json"
    write_text(path, "old")
    write_json(path, {"b": 1, "a": "é"})
    assert path.read_text(encoding="utf-8") == '{\n  "b": 1,\n  "a": "é"\n}\n'
    assert [p.name for p in path.parent.iterdir()] == ["gate.json"]


def test_a_text_that_cannot_be_written_leaves_nothing_beside_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()  # a file never takes a folder's place
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path / "index.html", "new")
    write_text(tmp_path / "gate.json", "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "gate.json", "new \ud800")
    assert (tmp_path / "gate.json").read_text(encoding="utf-8") == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["gate.json", "index.html"]


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256_of(tmp_path / "f") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_folder_takes_an_empty_place_and_that_of_an_old_one(tmp_path: Path) -> None:
    place = tmp_path / "2026-10"
    replace_folder(_folder(tmp_path / "one", a="1"), place)
    assert _content(place) == {"a": "1"}
    replace_folder(_folder(tmp_path / "two", b="2"), place)
    assert _content(place) == {"b": "2"}
    assert [p.name for p in tmp_path.iterdir()] == ["2026-10"]


@pytest.mark.parametrize("killed", ["before the new folder came", "before the old one was removed"])
def test_what_a_kill_left_beside_a_folder_is_removed_by_the_next_replacement(
    killed: str, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    _folder(tmp_path / ".place.previous", a="old")
    if killed == "before the old one was removed":
        _folder(place, a="newer")
    replace_folder(_folder(tmp_path / "new", a="newest"), place)
    assert _content(place) == {"a": "newest"}
    assert [p.name for p in tmp_path.iterdir()] == ["place"]


_HOLD = """
import sys
from pathlib import Path
from mbr_pipeline.storage.locks import locked
with locked(Path(sys.argv[1]), lambda: print("waits", flush=True)):
    print("holds", flush=True)
    sys.stdin.read()
"""


def _holder(lock: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _HOLD, str(lock)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_process_waits_says_so_and_goes_on_when_the_first_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "month.lock"
    first = _holder(lock)
    assert _says(first) == "holds"
    second = _holder(lock)
    assert _says(second) == "waits"
    first.kill()
    first.communicate()
    assert _says(second) == "holds"
    second.communicate("")
    assert second.returncode == 0


def test_within_one_process_the_holder_may_lock_again_and_still_holds_afterwards(tmp_path: Path) -> None:
    lock = tmp_path / "month.lock"
    with locked(lock):
        with locked(lock):
            pass
        other = _holder(lock)
        assert _says(other) == "waits"
    assert _says(other) == "holds"
    other.communicate("")


def test_an_error_inside_releases_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "month.lock"
    with pytest.raises(KeyError), locked(lock):
        raise KeyError
    other = _holder(lock)
    assert _says(other) == "holds"
    other.communicate("")


def test_threads_of_one_process_share_the_lock_and_the_last_to_leave_releases_it(tmp_path: Path) -> None:
    lock = tmp_path / "month.lock"
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(lock):
            inside.set()
            leave.wait(30)

    thread = threading.Thread(target=hold)
    with locked(lock):
        thread.start()
        assert inside.wait(30), "a thread waits for its own process"
    other = _holder(lock)
    assert _says(other) == "waits"
    leave.set()
    thread.join()
    assert _says(other) == "holds"
    other.communicate("")


def test_a_file_system_without_locks_is_an_error_and_no_lock_of_another_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> NoReturn:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(OSError, match="not implemented"), locked(tmp_path / "month.lock"):
        pass
