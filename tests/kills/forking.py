"""Children of a warm process: everything is imported, they do one thing, and can be killed while they do it.

Belongs here: forking, asking a child, killing by the clock or at a change of a file. Does not: what is done.

A command that starts as a program spends most of its time importing, and most kills would fall there. A child
forked from a process that has imported everything does nothing but the command's own work. The parent itself
never computes: libraries that it has imported have started no threads yet, which a fork would lose.
"""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_CHANGES = frozenset(
    {
        "os.chmod",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.truncate",
        "os.utime",
        "shutil.copyfile",
        "shutil.rmtree",
        "sqlite3.connect",
    }
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Counter:
    """How many changes of files and folders a child has begun, as its parent sees it."""

    def __init__(self) -> None:
        """Start with none; the memory is shared with whatever is forked afterwards."""
        self._memory = mmap.mmap(-1, 8)

    @property
    def value(self) -> int:
        """The count."""
        return int.from_bytes(self._memory[:8], "little")

    def add(self) -> int:
        """Count one more, and return how many there are."""
        value = self.value + 1
        self._memory[:8] = value.to_bytes(8, "little")
        return value


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, minus the signal if one killed it; what it said; the changes of files
    that it had begun; how long it took, in seconds."""

    code: int
    said: str
    changes: int
    seconds: float

    @property
    def was_killed(self) -> bool:
        """Whether a kill ended it."""
        return self.code == -signal.SIGKILL


class Child:
    """A forked process, leader of a group of its own, that does one thing."""

    def __init__(
        self, work: Callable[[], int], log: Path, environment: Mapping[str, str], dies_at: int | None = None
    ) -> None:
        """Start it.

        Args:
            work: What it does; returns its exit code.
            log: Takes what it prints.
            environment: Replaces variables of this process.
            dies_at: The change of a file before which it kills its group.
        """
        self._counter, self._log, self._began = Counter(), log, time.monotonic()
        gc.freeze()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            code = 70
            try:
                os.setpgid(0, 0)
                _redirect(log)
                os.environ.update(environment)
                sys.addaudithook(_watch(self._counter, dies_at))
                code = work()
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        with suppress(OSError):  # whoever comes first
            os.setpgid(self.pid, self.pid)

    def kill_after(self, seconds: float) -> None:
        """Kill its group by the clock, unless it ends before."""
        until = self._began + seconds
        while (left := until - time.monotonic()) > 0:
            if self.has_ended():
                return
            time.sleep(min(left, 0.002))
        self.kill()

    def has_ended(self) -> bool:
        """Whether it has ended; nobody has waited for it yet."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def kill(self) -> None:
        """Kill its group."""
        os.killpg(self.pid, signal.SIGKILL)

    def wait(self) -> Ended:
        """Wait for its end."""
        _, status = os.waitpid(self.pid, 0)
        seconds = time.monotonic() - self._began
        said = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return Ended(os.waitstatus_to_exitcode(status), said, self._counter.value, seconds)


def asked(work: Callable[[], T], environment: Mapping[str, str]) -> T:
    """Let a child compute something and return it.

    Raises:
        RuntimeError: The child failed, with its traceback.
    """
    reading, writing = os.pipe()
    gc.freeze()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            os.environ.update(environment)
            answer: tuple[bool, Any]
            try:
                answer = (True, work())
            except BaseException:
                answer = (False, traceback.format_exc())
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(answer, pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    os.waitpid(pid, 0)
    if not content:
        raise RuntimeError("the child that was asked died")
    is_done, found = pickle.loads(content)
    if not is_done:
        raise RuntimeError(found)
    result: T = found
    return result


def command(*arguments: str) -> Callable[[], int]:
    """Return the work of ``mbr`` with these arguments."""

    def work() -> int:
        from mbr_pipeline.cli import main

        sys.argv = ["mbr", *arguments]
        try:
            main()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
        return 0

    return work


def _redirect(log: Path) -> None:
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(target, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def _watch(counter: Counter, dies_at: int | None) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, facts: tuple[Any, ...]) -> None:
        is_change = event in _CHANGES or (
            event == "open"
            and isinstance(facts[2], int)
            and bool(facts[2] & _WRITING)
            and facts[0] != os.devnull
        )
        if is_change and counter.add() == dies_at:
            os.killpg(os.getpid(), signal.SIGKILL)

    return hook


def learn(work: Callable[[], object], environment: Mapping[str, str]) -> None:
    """Import what a piece of work imports: a child does it and tells. Its children after it need not."""

    def told() -> list[str]:
        _redirect(Path(os.devnull))
        work()
        return list(sys.modules)

    for name in asked(told, environment):
        if name not in sys.modules and name != "__mp_main__":
            with suppress(ImportError):
                import_module(name)
