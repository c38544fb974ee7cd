"""The command as it was started: it hands over what it was given, passes signals on, and ends as the forked
process does.

What belongs here: asking, and being the process that others see. What does not: whether to ask
(``mbr_pipeline.cli.warm``).
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType

from mbr_pipeline.cli.warm.meeting import (
    BEGUN,
    GO,
    READY,
    Files,
    Order,
    connected,
    hand_over,
    place,
    told_code,
)

_PATIENCE = 5.0
"""Seconds after which a process that does not answer is left alone."""

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def ask(wanted: str) -> int | None:
    """Have the command done by the warm process with this key; returns its exit code, minus the signal if
    one killed it. None: it will not; nothing was done.

    Raises:
        NobodyThereError: There is none; nothing was done.
        OSError: It cannot be reached; nothing was done.
    """
    with ExitStack() as open_files:
        connection = open_files.enter_context(connected(place(wanted), _PATIENCE))
        held, given = socket.socketpair()
        open_files.enter_context(held)
        folder = os.open(".", os.O_PATH | os.O_DIRECTORY)
        try:
            hand_over(connection, _order(), Files((0, 1, 2), folder, given.fileno()))
        finally:
            os.close(folder)
            given.close()
        said, numbers, _, _ = socket.recv_fds(connection, len(READY), 1, socket.MSG_CMSG_CLOEXEC)
        if said != READY or len(numbers) != 1:
            return None
        open_files.callback(os.close, numbers[0])
        _pass_signals_on_to(numbers[0], open_files)
        connection.sendall(GO)
        if connection.recv(len(BEGUN)) != BEGUN:
            return None
        connection.settimeout(None)
        code = told_code(connection)
        # the warm process was killed, and what it had forked with it
        return -signal.SIGKILL if code is None else code


def _order() -> Order:
    umask = os.umask(0o077)
    os.umask(umask)
    return Order(
        arguments=sys.argv,
        environment=dict(os.environ),
        umask=umask,
        ignored=[each for each in signal.valid_signals() if signal.getsignal(each) is signal.SIG_IGN],
        blocked=[int(each) for each in signal.pthread_sigmask(signal.SIG_BLOCK, ())],
        streams=[_way_of(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)],
    )


def _way_of(stream: object) -> tuple[str, str, bool, bool]:
    return (
        str(getattr(stream, "encoding", "utf-8")),
        str(getattr(stream, "errors", "strict")),
        bool(getattr(stream, "line_buffering", False)),
        bool(getattr(stream, "write_through", False)),
    )


def _pass_signals_on_to(process: int, until: ExitStack) -> None:
    def pass_on(number: int, _: FrameType | None) -> None:
        _send(process, number)

    def stop(number: int, _: FrameType | None) -> None:
        # a stop by the terminal would not stop a process that has none
        _send(process, signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        _send(process, signal.SIGCONT)

    handlers: dict[int, Callable[[int, FrameType | None], None]] = dict.fromkeys(_PASSED_ON, pass_on)
    for number, handler in {**handlers, signal.SIGTSTP: stop}.items():
        before = signal.getsignal(number)
        if before is not signal.SIG_IGN:
            signal.signal(number, handler)
            until.callback(signal.signal, number, before)


def _send(process: int, number: int) -> None:
    try:
        signal.pidfd_send_signal(process, number)
    except ProcessLookupError:  # it has just ended
        return
