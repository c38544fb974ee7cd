"""The same commands while something they need fails: room on the disk, folders to write in, file handles,
memory, the clock, the server of the ledger; then the trouble is over, and they are run once more.

Belongs here: making trouble, and ending it. Does not: what must hold afterwards, which is what must hold
after a kill (``operate``). A disk of its own and folders that cannot be written need the rights to mount, a
clock that jumps needs libfaketime; without them these are left out, and said so.

A command that fails in trouble must say so in one line and an exit code; one that has finished before it, or
needed less, has done its work."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.kills.deeds import Deed
from tests.kills.forking import Child, Ended, command
from tests.kills.operate import Kill, Operating
from tests.kills.workspaces import Points

_FOLDERS = ("ledger", "warehouse", "published", "exports", "landing", "rules")
_ROOM_FOR_ALL = "1g"
_ABORTED = 127
"""What a program ends with when its loader finds no room for a library's own."""

_IMPORTING = 3
"""Seconds, about, before a program of its own begins with its work."""

FAKE_TIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
"""Debian's libfaketime, which tells a program another time."""


class Troubled(Operating):
    """Runs commands in trouble on copies of the points."""

    def __init__(self, points: Points, place: Path) -> None:
        """``place``: an empty folder to work in."""
        super().__init__(points, place)
        self.kinds: dict[str, Callable[[Deed, Mapping[str, str], Random], tuple[Ended, str]]] = {
            "few file handles": self._few_handles,
            "little memory": self._little_memory,
        }
        if FAKE_TIME is None:
            print("left out, libfaketime is not installed: clock jumps", flush=True)
        else:
            self.kinds["clock jumps"] = self._clock_jumps
        if points.ledger.server is not None:
            self.kinds["server stopped"] = self._server_stopped
        if _may_mount(place):
            self.kinds |= {"disk full": self._disk_full, "read-only folder": self._read_only}

    def trouble(self, deed: Deed, kind: str, chance: Random) -> Kill:
        """Run a command in trouble, once more without, and say what is wrong."""
        self._reference(deed)
        with self._own_disk() if kind == "disk full" else _nothing():
            environment = self._points.copy(deed.point, self._root)
            ended, how = self.kinds[kind](deed, environment, chance)
            found = self._judged(deed, environment, how)
        found.deed, found.how = kind, f"{deed.name}, {how}"
        # what libraries end with where memory is short is like a kill: nobody is left to say anything
        is_dead = kind == "little memory" and (ended.code < 0 or ended.code == _ABORTED)
        if ended.code and not is_dead and not _is_one_line(ended.said):
            said = ended.said.strip()[-1500:]
            found.faults.append(f"in trouble it exited with {ended.code} and said: {said}")
        if not ended.code and found.where != "done":
            found.faults.append(f"in trouble it exited with 0 and is not done: {ended.said.strip()[-500:]}")
        return found

    def _few_handles(self, deed: Deed, environment: Mapping[str, str], chance: Random) -> tuple[Ended, str]:
        more = chance.randint(-3, 5)

        def work() -> int:
            open_now = len(list(Path("/proc/self/fd").iterdir()))
            resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + more, open_now + more))
            return command(*self._arguments(deed))()

        return Child(work, self._log, environment).wait(), f"{more:+} handles beside those that are open"

    def _little_memory(self, deed: Deed, environment: Mapping[str, str], chance: Random) -> tuple[Ended, str]:
        more = 2 ** chance.randint(0, 9)

        def work() -> int:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + more * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            return command(*self._arguments(deed))()

        return Child(work, self._log, environment).wait(), f"{more} MiB beside what importing took"

    def _clock_jumps(self, deed: Deed, environment: Mapping[str, str], chance: Random) -> tuple[Ended, str]:
        """A program of its own, since the library that tells the time is loaded with it."""
        first, then = (f"{chance.choice('+-')}{chance.randint(1, 72)}h" for _ in range(2))
        seconds = chance.uniform(0, _IMPORTING + self._reference(deed).ended.seconds)
        told = self._place / "clock"
        told.write_text(first)
        faked = {
            "LD_PRELOAD": str(FAKE_TIME),
            "FAKETIME_TIMESTAMP_FILE": str(told),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        mbr = Path(sys.executable).with_name("mbr")

        def work() -> int:
            os.execve(mbr, [str(mbr), *self._arguments(deed)], os.environ | faked)

        child = Child(work, self._log, environment)
        time.sleep(seconds)
        told.write_text(then)
        return child.wait(), f"{first}, and {then} after {seconds:.3f} s"

    def _server_stopped(
        self, deed: Deed, environment: Mapping[str, str], chance: Random
    ) -> tuple[Ended, str]:
        server, seconds = self._points.ledger.server, chance.uniform(0, self._reference(deed).ended.seconds)
        assert server is not None
        child = Child(command(*self._arguments(deed)), self._log, environment)
        time.sleep(seconds)
        server.stop()
        try:
            ended = child.wait()
        finally:
            server.start()
        return ended, f"stopped after {seconds:.3f} s"

    def _disk_full(self, deed: Deed, environment: Mapping[str, str], chance: Random) -> tuple[Ended, str]:
        room = 4096 * 2 ** chance.randint(0, 9)
        _mount("-o", f"remount,size={shutil.disk_usage(self._root).used + room}", str(self._root))
        ended = self._run(self._arguments(deed), environment)
        _mount("-o", f"remount,size={_ROOM_FOR_ALL}", str(self._root))
        return ended, f"{room // 1024} KiB left"

    def _read_only(self, deed: Deed, environment: Mapping[str, str], chance: Random) -> tuple[Ended, str]:
        folder = self._root / chance.choice([name for name in _FOLDERS if (self._root / name).is_dir()])
        _mount("--bind", str(folder), str(folder))
        try:
            _mount("-o", "remount,ro,bind", str(folder))
            ended = self._run(self._arguments(deed), environment)
        finally:
            _unmount(folder)
        return ended, f"{folder.name}/"

    @contextmanager
    def _own_disk(self) -> Iterator[None]:
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={_ROOM_FOR_ALL}", "tmpfs", str(self._root))
        try:
            yield
        finally:
            _unmount(self._root)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _is_one_line(said: str) -> bool:
    lines = [line for line in said.splitlines() if line.strip()]
    return bool(lines) and lines[-1].startswith("mbr: ") and "Traceback" not in said


def _may_mount(place: Path) -> bool:
    """Whether this process may mount; tried at a folder of its own."""
    tried = place / "mounted"
    tried.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tried))
        _unmount(tried)
    except (OSError, subprocess.CalledProcessError):
        print("left out, this user may not mount: disk full, read-only folder", flush=True)
        return False
    return True


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def _unmount(place: Path) -> None:
    subprocess.run(["umount", str(place)], check=True, capture_output=True)
