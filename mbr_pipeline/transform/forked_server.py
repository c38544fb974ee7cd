"""The dbt process as a fork of this one, where this one was forked itself from a process that had imported
everything (``mbr_pipeline.cli.warm``): importing it all again would take longer than a small month's models.

What belongs here: forking it, and being to its client what ``subprocess.Popen`` is. What does not: what it
does (``mbr_pipeline.transform.dbt_server``), and its client (``mbr_pipeline.transform.dbt_client``).
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import TextIO

_SERVER = "mbr_pipeline.transform.dbt_server"
_PR_SET_PDEATHSIG = 1
_OF_ALLOCATORS = "jemalloc_bg_thd"
"""Stopped before a fork, and started again where it is needed, by the library that has it."""


def can_be_forked() -> bool:
    """Whether this process has imported what the dbt process imports, and has no thread that a fork would
    lose.
    """
    return _SERVER in sys.modules and threading.current_thread() is threading.main_thread() and _is_alone()


def _is_alone() -> bool:
    tasks = Path("/proc/self/task").glob("*/comm")
    others = [task.read_text().strip() for task in tasks if task.parent.name != str(os.getpid())]
    return all(name == _OF_ALLOCATORS for name in others)


class ForkedServer:
    """The process, with the part of ``subprocess.Popen`` that its client uses."""

    stdin: TextIO
    stdout: TextIO

    def __init__(self) -> None:
        """Fork it. It is killed when this process ends, however it ends."""
        asked, asks = os.pipe()
        answers, answered = os.pipe()
        own = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _serve(own, asked, answered)
        os.close(asked)
        os.close(answered)
        self._handle = os.pidfd_open(self.pid)
        self.returncode: int | None = None
        self.stdin = os.fdopen(asks, "w", encoding="utf-8")
        self.stdout = os.fdopen(answers, "r", encoding="utf-8")

    def poll(self) -> int | None:
        """Return its exit code, minus the signal if one killed it; None while it lives."""
        if self.returncode is None and select.select([self._handle], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its exit code.

        Raises:
            subprocess.TimeoutExpired: It has not ended after so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._handle], [], [], timeout)[0]:
                assert timeout is not None
                raise subprocess.TimeoutExpired(_SERVER, timeout)
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._handle)
        return self.returncode

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if self.returncode is None:
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)


def _serve(parent: int, asked: int, answered: int) -> None:
    code = 1
    try:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(code)
        # of a process group of its own: Ctrl+C on the terminal is for the command that forked it
        os.setpgid(0, 0)
        os.dup2(asked, 0)
        os.dup2(answered, 1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # locks among them, which end when all who hold them do
        sys.modules[_SERVER].main()
        code = 0
    except BaseException:  # noqa: BLE001 - as Python ends a process, whatever went wrong
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
