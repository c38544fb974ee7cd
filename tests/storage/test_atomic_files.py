"""Atomic writes, swaps and locks: a kill at any moment leaves the old file or the new one, and no lock
behind.

Belongs here: ``mbr_pipeline.storage.atomic_files`` alone, with real processes where one process cannot show
it. Does not: killed runs (tests/e2e).
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mbr_pipeline.storage import folder_swap
from mbr_pipeline.storage.atomic_files import sha256_of, write_json, write_text
from mbr_pipeline.storage.folder_swap import repair_swap, swap_folder
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


def test_a_folder_is_swapped_into_an_empty_place_and_over_an_old_one(tmp_path: Path) -> None:
    place = tmp_path / "published/2026-10"
    swap_folder(_folder(tmp_path / "one", a="1"), place)
    assert _content(place) == {"a": "1"}
    swap_folder(_folder(tmp_path / "two", b="2"), place)
    assert _content(place) == {"b": "2"}
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["2026-10", "b", "published"]


def test_readers_find_the_old_folder_or_the_new_one_at_every_moment_of_many_swaps(tmp_path: Path) -> None:
    place = _folder(tmp_path / "place", name="0", again="0")
    seen, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            descriptor = None
            try:
                seen.append(len(list(place.iterdir())))
                descriptor = True
            finally:
                assert descriptor, "for a moment there was no folder"

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(200):
        swap_folder(_folder(tmp_path / f"n{number}", name=str(number), again=str(number)), place)
    stop.set()
    reader.join()
    assert _content(place) == {"name": "199", "again": "199"}
    assert len(seen) > 20


def test_without_the_kernels_exchange_the_swap_still_ends_with_the_new_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_swap.sys, "platform", "elsewhere")
    place = _folder(tmp_path / "place", a="old")
    swap_folder(_folder(tmp_path / "new", a="new"), place)
    assert _content(place) == {"a": "new"}
    assert [p.name for p in tmp_path.iterdir()] == ["place"]


def test_a_swap_killed_after_the_old_folder_was_moved_aside_is_undone(tmp_path: Path) -> None:
    _folder(tmp_path / ".place.previous", a="old")
    repair_swap(tmp_path / "place")
    assert _content(tmp_path / "place") == {"a": "old"}
    assert not (tmp_path / ".place.previous").exists()


def test_a_swap_killed_before_its_cleaning_up_keeps_the_new_folder(tmp_path: Path) -> None:
    _folder(tmp_path / ".place.previous", a="old")
    _folder(tmp_path / "place", a="new")
    repair_swap(tmp_path / "place")
    assert _content(tmp_path / "place") == {"a": "new"}
    assert not (tmp_path / ".place.previous").exists()


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
