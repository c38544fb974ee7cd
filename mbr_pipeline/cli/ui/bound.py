"""Running a module in a process that ends when the one that started it does, however that ends.

What belongs here: binding the two (Linux: ``prctl``). What does not: which modules there are (``services``).
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1
_START = f"import sys; from {__name__} import run; run(*sys.argv[1:])"


def bound_to_this(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module until it ends, or this process does: then it gets SIGTERM.

    It must be started by the main thread: what Linux watches is the thread.
    """
    # -P: no file of the current folder may stand in for a module
    # not -m: this module is imported by its package, and would be there twice
    return [sys.executable, "-P", "-c", _START, str(os.getpid()), module, *arguments]


def run(parent: str, module: str, *arguments: str) -> None:
    """Run a module as ``python -m`` does, bound to the process ``parent``."""
    # a shell that starts a command in the background lets it ignore Ctrl+C, and so what that starts
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        return  # it ended before it was watched
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
