"""A forked process that becomes the command: it takes over what the command was started with, and ends when
the command does.

What belongs here: taking over, and ending as Python ends. What does not: forking (``parent``) and the
command.
"""

from __future__ import annotations

import atexit
import fcntl
import io
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

from mbr_pipeline.cli.warm.meeting import BEGUN, GO, READY, Files, Order

_NOT_BEGUN = 70


def become(connection: socket.socket, order: Order, files: Files) -> NoReturn:
    """Do the command, and end."""
    try:
        _end_with(files.lifeline)
        _take_over(order, files)
        handle = os.pidfd_open(os.getpid())
        socket.send_fds(connection, [READY], [handle])
        os.close(handle)
        if connection.recv(1) != GO:
            os._exit(_NOT_BEGUN)
        connection.sendall(BEGUN)
        connection.close()
    except BaseException:  # noqa: BLE001 - the command is then done in the ordinary way
        os._exit(_NOT_BEGUN)
    from mbr_pipeline.cli import done_here

    _end(_code_of(done_here))


def _end_with(lifeline: int) -> None:
    """Be killed when the command ends: by the kernel, while it closes that process's files, before anybody
    can have learnt of its end.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    poll = select.poll()
    poll.register(lifeline, select.POLLIN)
    if poll.poll(0):  # it ended before it was watched
        os._exit(_NOT_BEGUN)


def _take_over(order: Order, files: Files) -> None:
    os.setsid()
    for number, given in enumerate(files.streams):
        os.dup2(given, number)
        os.close(given)
    os.fchdir(files.folder)
    os.close(files.folder)
    os.umask(order.umask)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    sys.argv[:] = order.arguments
    sys.orig_argv[:] = [sys.executable, *order.arguments]
    sys.stdin, sys.stdout, sys.stderr = map(_stream, (0, 1, 2), order.streams)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        of_python = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN if number in order.ignored else of_python)
    signal.pthread_sigmask(signal.SIG_SETMASK, order.blocked)


def _stream(number: int, way: tuple[str, str, bool, bool]) -> io.TextIOWrapper:
    """Return a stream as Python makes it at its start."""
    encoding, errors, by_lines, at_once = way
    is_written = number > 0
    return io.TextIOWrapper(
        open(number, "wb" if is_written else "rb", buffering=0 if at_once else -1, closefd=False),
        encoding=encoding,
        errors=errors,
        newline="\n" if is_written else None,
        line_buffering=by_lines,
        write_through=at_once,
    )


def _code_of(command: Callable[[], Any]) -> int:
    """Do it, and return the exit code that Python would end with."""
    try:
        command()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException as error:  # noqa: BLE001 - as Python does with what nobody catches
        sys.excepthook(type(error), error, error.__traceback__)
        return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _end(code: int) -> NoReturn:
    """End as Python does, but for unloading some thousand modules, and for what libraries in C++ take down at
    the end of a process: threads among it that a forked one has not.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or 120
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
