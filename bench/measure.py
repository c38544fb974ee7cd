"""Measures one command: wall time, CPU time and memory of its whole process tree.

What belongs here: how the figures are taken, and nothing about which commands are worth measuring
(``run.py``). Linux only: it reads ``/proc``.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measurement:
    """What one run of a command took.

    Attributes:
        returncode: Exit code; negative if a signal ended it.
        stdout: What it printed.
        stderr: Its error output.
        wall_seconds: From start to exit.
        cpu_seconds: User and system time from ``os.wait4``: the process and every descendant that was waited
            for.
        tree_rss_bytes: Largest sum of resident memory over the tree, sampled from ``/proc`` every 50 ms.
            Pages that processes share count once for each of them.
        largest_rss_bytes: Largest peak of any single process of the tree, as the kernel keeps it (``VmHWM``),
            sampled likewise. Not ``ru_maxrss`` of ``os.wait4``: that also remembers the size of whoever
            started the process.
    """

    returncode: int
    stdout: str
    stderr: str
    wall_seconds: float
    cpu_seconds: float
    tree_rss_bytes: int
    largest_rss_bytes: int


def measure(
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str] | None = None,
    helper: int | None = None,
) -> Measurement:
    """Run a command to its end and measure it and its descendants.

    Args:
        command: Program and arguments.
        directory: Working directory.
        environment: Its variables; without them, this process's own.
        helper: A process that does the command's work for it: what it and those that it has waited for take
            meanwhile is counted to the command, and its tree's memory.

    Returns:
        The figures and what the command printed, whatever its exit code.

    Raises:
        OSError: The program cannot be started.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before = _spent(helper)
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        sampler = _Sampler(process.pid, *([helper] if helper else []))
        sampler.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            sampler.stop()
        return Measurement(
            returncode=process.returncode,
            stdout=_text(out),
            stderr=_text(err),
            wall_seconds=wall,
            cpu_seconds=usage.ru_utime + usage.ru_stime + _spent(helper) - before,
            tree_rss_bytes=max(sampler.summed, sampler.largest),
            largest_rss_bytes=sampler.largest,
        )


def rss_of_tree(pid: int) -> int:
    """Return the resident memory of a process and all its descendants now, in bytes."""
    return sum(_resident(each)[0] for each in _tree(pid))


def processor_of_tree(pid: int) -> dict[int, float]:
    """Return the seconds of processor time that a process and each of its descendants have taken so far."""
    return {each: seconds for each in _tree(pid) if (seconds := _processor(each))}


def _processor(pid: int, fields: slice = slice(11, 13)) -> float:
    """Return user and system time of a process in seconds, 0 once it is gone."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, said[fields])) / os.sysconf("SC_CLK_TCK")


def _spent(helper: int | None) -> float:
    """Return the seconds of a process together with those of the processes that it has waited for."""
    return _processor(helper, slice(11, 15)) if helper else 0


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="replace")


class _Sampler(threading.Thread):
    """Keeps the largest memory of processes and their descendants, summed and single."""

    def __init__(self, *pids: int) -> None:
        super().__init__(daemon=True)
        self.summed = 0
        self.largest = 0
        self._pids = pids
        self._stopped = threading.Event()

    def run(self) -> None:
        """Sample until stopped."""
        while not self._stopped.wait(SAMPLE_SECONDS):
            sizes = [_resident(pid) for root in self._pids for pid in _tree(root)]
            self.summed = max(self.summed, sum(now for now, _ in sizes))
            self.largest = max(self.largest, *(peak for _, peak in sizes))

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.join()


def _tree(root: int) -> list[int]:
    """Return a process and all its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for name in (entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        try:
            # The program's name is in brackets and may hold anything; the parent is the
            # second field after it.
            parent = int(Path(f"/proc/{name}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(name))
    tree = [root]
    for pid in tree:
        tree += children.get(pid, [])
    return tree


def _resident(pid: int) -> tuple[int, int]:
    """Return a process's resident memory now and at its peak in bytes, zeros once it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return 0, 0
    sizes = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB$", status, re.MULTILINE))
    return int(sizes.get("VmRSS", 0)) * 1024, int(sizes.get("VmHWM", 0)) * 1024
