"""The leases that this process has, kept alive by a thread while it works.

What belongs here: taking, saying that one lives, and giving back. What does not: the rows
(``mbr_pipeline.storage.database.leases``) and what they stand for (``mbr_pipeline.workspace.spread``). A
process that stands still says nothing, nor does one whose machine is gone: that is what others go by.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from contextlib import suppress

from mbr_pipeline.errors import MbrError
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.storage.database.leases import Lease, Leases

_LOG = logging.getLogger(__name__)

_BEATS = 6
"""So often a holder says that he lives before others may think that he does not."""


class Kept:
    """A lease of this process."""

    def __init__(self, leases: Leases, name: str, run: str | None = None) -> None:
        """Take it, and begin to say that this process lives.

        Raises:
            HeldElsewhere: Another process has it.
            MbrError: The database cannot be reached or written.
        """
        self._leases = leases
        self._lease: Lease = leases.take(name, f"{socket.gethostname()} process {os.getpid()}", run)
        self._is_over = threading.Event()
        self._changing = threading.Lock()
        threading.Thread(target=self._say_that_it_lives, daemon=True).start()

    @property
    def token(self) -> int:
        """The fencing token: larger than that of everybody who had the lease before."""
        return self._lease.token

    def check(self) -> None:
        """Raise :class:`LeaseLost` if somebody else took the lease since."""
        if not self._leases.beat(self._lease):
            raise self._leases.lost(self._lease)

    def grow(self, beyond: int) -> None:
        """Have a token beyond a number that was given elsewhere; raises :class:`LeaseLost` if somebody else
        took the lease since.
        """
        with self._changing:  # or the other thread would take its own older token for a lost lease
            self._lease = self._leases.grow(self._lease, beyond)

    def record(self, version: str) -> None:
        """Record a publication; raises :class:`LeaseLost` if somebody else took the lease since."""
        self._leases.record(self._lease, version)

    def lost(self) -> MbrError:
        """Return the error of a holder whose token is old."""
        return self._leases.lost(self._lease)

    def give_back(self) -> None:
        """Stop, and let others take it at once; where the database does not answer, after a while."""
        self._is_over.set()
        with suppress(MbrError):
            self._leases.give_back(self._lease)

    def _say_that_it_lives(self) -> None:
        while not self._is_over.wait(self._leases.seconds / _BEATS):
            try:
                with self._changing:
                    is_mine = self._leases.beat(self._lease)
                if not is_mine:
                    return  # who asks next is told
            except MbrError as error:  # the next one may get through
                _LOG.warning("%s: %s", self._lease.name, one_line(error))
