"""Moving files in and out of a landing folder: a kill at any moment leaves all of a set or none of it.

Belongs here: ``mbr_pipeline.ingest.landing_moves``. Does not: which files may land (``test_land_files``).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.ingest.landing import UNFINISHED
from mbr_pipeline.ingest.landing_moves import LandingFolder
from tests.support.launching import bytes_below

_CHANGES = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "shutil.copyfile", "shutil.rmtree"}

BEFORE = {"a.csv": b"old", "b.csv": b"other"}
AFTER = {"a.csv": b"new", "c.csv": b"more", ".superseded/a.csv": b"old", ".superseded/b.csv": b"other"}


@pytest.fixture
def folder(tmp_path: Path) -> LandingFolder:
    folder = tmp_path / "2026-10/vendor"
    folder.mkdir(parents=True)
    for name, content in BEFORE.items():
        (folder / name).write_bytes(content)
    for name, content in {"a.csv": b"new", "c.csv": b"more"}.items():
        (tmp_path / "desk").mkdir(exist_ok=True)
        (tmp_path / "desk" / name).write_bytes(content)
    return LandingFolder(folder)


def _land(folder: LandingFolder) -> dict[str, str]:
    desk = folder.path.parents[1] / "desk"
    folder.recover()
    staged = [folder.stage(desk / name, name) for name in ("a.csv", "c.csv")]
    return folder.move(staged, ["a.csv", "b.csv"])


def _killed_at(moment: int, work: Callable[[], Any]) -> bool:
    """Do work in a child that is killed just before its n-th change of a file; say whether it was."""
    child = os.fork()
    if child == 0:
        left = moment

        def count(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal left
            is_change = event in _CHANGES and (event != "open" or "w" in str(arguments[1]))
            left -= is_change
            if is_change and left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        work()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_files_take_their_places_and_replaced_ones_are_kept_under_a_free_name(folder: LandingFolder) -> None:
    assert _land(folder) == {"a.csv": ".superseded/a.csv", "b.csv": ".superseded/b.csv"}
    assert bytes_below(folder.path) == AFTER
    staged = folder.stage(folder.path.parents[1] / "desk/c.csv", "a.csv")
    assert staged.relative_to(folder.superseded / ".incoming").as_posix() == "2026-10/vendor/a.csv"
    assert folder.move([staged], ["a.csv"]) == {"a.csv": ".superseded/a.csv.2"}
    assert bytes_below(folder.path) == AFTER | {"a.csv": b"more", ".superseded/a.csv.2": b"new"}


def test_what_was_staged_and_not_moved_leaves_nothing(folder: LandingFolder) -> None:
    folder.stage(folder.path / "a.csv", "x.csv")
    folder.discard()
    assert bytes_below(folder.path) == BEFORE
    assert not folder.superseded.exists()


def test_killed_at_any_moment_all_or_none_is_landed_and_a_rerun_lands_all(
    folder: LandingFolder, tmp_path: Path
) -> None:
    moment, seen = 0, set()
    while True:
        moment += 1
        was_killed = _killed_at(moment, lambda: _land(folder))
        visible = {p.name: p.read_bytes() for p in folder.path.glob("*.csv")}
        if not (folder.path / UNFINISHED).exists():
            assert visible in (BEFORE, {"a.csv": b"new", "c.csv": b"more"})
        seen.add(tuple(sorted(visible)))
        folder.recover()
        if bytes_below(folder.path) == BEFORE:
            _land(folder)
        assert bytes_below(folder.path) == AFTER
        if not was_killed:
            break
        for name, content in BEFORE.items():
            (folder.path / name).write_bytes(content)
            (folder.superseded / name).unlink()
        (folder.path / "c.csv").unlink()
        folder.superseded.rmdir()
    assert moment > 8
    assert len(seen) > 3, "it was never killed between two moves"


def test_what_is_to_be_moved_is_kept_when_moving_it_fails(
    folder: LandingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: LandingFolder) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(LandingFolder, "_finish", full)
        try:
            _land(folder)
        finally:
            folder.discard()
    assert (folder.path / UNFINISHED).exists()
    folder.recover()
    assert bytes_below(folder.path) == AFTER
