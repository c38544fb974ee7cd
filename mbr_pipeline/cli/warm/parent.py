"""The warm process: it has imported what commands import, and forks one for each that asks.

What belongs here: listening, forking, telling exit codes, and ending. What does not: anything that a command
does. This process computes nothing, opens no workspace and has none of its callers' settings. Libraries that
are only imported have no threads but those that they stop and start around a fork themselves.

Started as ``python -m mbr_pipeline.cli.warm.parent KEY``; it begins when its standard input closes.
"""

from __future__ import annotations

import gc
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mbr_pipeline.cli.warm import child, key
from mbr_pipeline.cli.warm.imports import Imports
from mbr_pipeline.cli.warm.meeting import (
    Files,
    NobodyThereError,
    Order,
    connected,
    is_own,
    place,
    taken_over,
    tell_code,
)
from mbr_pipeline.storage.locks import locked

_IDLE_SECONDS = 300.0
"""So long after the last command it ends."""

_BETWEEN_LOOKS = 20.0
"""Seconds after which it looks whether its code is still what is installed."""

_PATIENCE = 5.0


class Parent:
    """The process, listening."""

    def __init__(
        self, listener: socket.socket, is_current: Callable[[], bool], suits: Callable[[dict[str, str]], bool]
    ) -> None:
        """Begin.

        Args:
            listener: Where commands ask.
            is_current: Whether the code that was imported is still what is installed.
            suits: Whether a command with this environment may be forked.
        """
        self._listener, self._is_current, self._suits = listener, is_current, suits
        self._selector = selectors.PollSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._children: dict[int, tuple[int, socket.socket]] = {}

    def serve(self, idle_seconds: float = _IDLE_SECONDS) -> None:
        """Fork until nobody has asked for so long or the code has changed, and wait for what was forked."""
        last = time.monotonic()
        is_open = True
        while is_open or self._children:
            patience = _BETWEEN_LOOKS if self._children else min(_BETWEEN_LOOKS, idle_seconds)
            for found, _ in self._selector.select(patience):
                if found.fileobj is self._listener:
                    self._answer()
                else:
                    self._bury(found.fd)
                last = time.monotonic()
            is_over = not self._children and time.monotonic() - last >= idle_seconds
            if is_open and (is_over or not self._is_current()):
                self._selector.unregister(self._listener)
                self._listener.close()
                is_open = False

    def _answer(self) -> None:
        connection, _ = self._listener.accept()
        connection.settimeout(_PATIENCE)
        try:
            if is_own(connection) and self._is_current() and threading.active_count() == 1:
                order, files = taken_over(connection)
                try:
                    if self._suits(order.environment):
                        self._fork(connection, order, files)
                        return
                finally:
                    for number in files.all:
                        os.close(number)
        except (OSError, ValueError, TypeError):  # that was no command
            pass
        connection.close()

    def _fork(self, connection: socket.socket, order: Order, files: Files) -> None:
        process = os.fork()
        if process == 0:
            self._listener.close()
            for handle, (_, other) in self._children.items():
                os.close(handle)
                other.close()
            child.become(connection, order, files)
        handle = os.pidfd_open(process)
        self._children[handle] = (process, connection)
        self._selector.register(handle, selectors.EVENT_READ)

    def _bury(self, handle: int) -> None:
        process, connection = self._children.pop(handle)
        self._selector.unregister(handle)
        os.close(handle)
        _, status = os.waitpid(process, 0)
        with suppress(OSError):  # who asked may be gone
            tell_code(connection, os.waitstatus_to_exitcode(status))
        connection.close()


def main() -> None:
    """Become the warm process with this key, unless there is one already or its code is another by now."""
    wanted = sys.argv[1]
    sys.stdin.buffer.read()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    address = place(wanted)
    with locked(address.with_name("lock")):  # one imports, the others wait and see it
        began = time.time()
        remove_stale(address.parent)
        if address.exists() or key.key() != wanted:
            return
        gc.set_threshold(100_000, 50, 50)
        imports = Imports()
        if not imports.are_older_than(began - 1) or key.key() != wanted:
            return
        gc.freeze()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(address))
        listener.listen(64)

    def is_current() -> bool:
        return address.exists() and key.key() == wanted and imports.are_unchanged()

    with suppress(OSError):  # its code may be gone
        Parent(listener, is_current, imports.suit).serve()
    listener.close()
    with locked(address.with_name("lock")):
        remove_stale(address.parent)


def remove_stale(folder: Path) -> None:
    """Remove the sockets at which nobody listens any more."""
    for address in folder.iterdir():
        if address.is_socket():
            try:
                connected(address, _PATIENCE).close()
            except NobodyThereError:
                address.unlink(missing_ok=True)
            except OSError:  # it is busy
                continue


if __name__ == "__main__":
    main()
