"""Work that is spread over several machines: the leases that keep two of them from one month, or from one
vendor's interface (docs/decisions/0022).

What belongs here: whether work is spread at all, what is leased and for how long. What does not: how a lease
works (``mbr_pipeline.storage.database.leases``). On one machine nothing of this happens: files are locked
(``mbr_pipeline.storage.locks``), and no database is asked.
"""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.storage.database.leases import Found, HeldElsewhere, Leases
from mbr_pipeline.storage.database.opening import SPREAD_VARIABLE, URL_VARIABLE, open_database
from mbr_pipeline.storage.keeping import Kept
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths

SECONDS_VARIABLE = "MBR_LEASE_SECONDS"
_SECONDS = 60
_ASKED_EVERY = 1.0

_kept: dict[str, Kept] = {}
"""The months that this process works on, until its run ends."""


def is_distributed(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether several machines work on this workspace: the deployment says so, with the ledger in PostgreSQL.

    Raises:
        ConfigError: It says so, and the ledger is a file, which other machines do not see.
    """
    if environment.get(SPREAD_VARIABLE, "0") == "0":
        return False
    if not environment.get(URL_VARIABLE):
        raise ConfigError(
            f"{SPREAD_VARIABLE} is set, and {URL_VARIABLE} is not: workers on several machines need the"
            f" ledger in PostgreSQL: set both, or neither"
        )
    return True


def leases_of(workspace: WorkspacePaths, environment: Mapping[str, str] = os.environ) -> Leases:
    """Return the leases in a workspace's ledger.

    Raises:
        ConfigError: MBR_LEASE_SECONDS is no whole number of seconds.
        MbrError: The database cannot be reached.
    """
    text = environment.get(SECONDS_VARIABLE, str(_SECONDS))
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ConfigError(f"{SECONDS_VARIABLE} is {text!r}: write whole seconds, 1 or more")
    return Leases(open_database(workspace.ledger, environment), int(text))


def month_name(month: MonthPaths, part: str = "") -> str:
    """Return what a month's lease is called; a part of a month's work has one of its own."""
    return f"{month.msp_id} {month.folder.name}{part}"


def keep(month: MonthPaths, part: str = "", run: str | None = None) -> Kept | None:
    """Have the month's lease from here on until :func:`end`, for a run of Dagster if one is named; None where
    work is not spread.

    Raises:
        HeldElsewhere: Another process works on the month, and was heard of while this one waited.
        LeaseLost: This one did, was silent for too long, and another took it over.
    """
    if not is_distributed():
        return None
    name = month_name(month, part)
    if name in _kept:
        _kept[name].check()
    else:
        _kept[name] = _taken(leases_of(month.workspace), name, run)
    return _kept[name]


def _taken(leases: Leases, name: str, run: str | None) -> Kept:
    """Take a lease, if need be after the time in which its holder, who may have died, could be heard of."""
    before: Found | None = None
    while True:
        try:
            return Kept(leases, name, run)
        except HeldElsewhere:
            found = leases.find(name)
            if before and found and (found.token, found.until) != (before.token, before.until):
                raise
            before = found
            time.sleep(_ASKED_EVERY)


def end() -> None:
    """Give back what this process has: its run has ended, however."""
    while _kept:
        _kept.popitem()[1].give_back()


atexit.register(end)


@contextmanager
def working_on(month: MonthPaths) -> Iterator[None]:
    """Hold a month's lock, against other machines too, for one piece of work beside runs.

    Raises:
        HeldElsewhere: A process on another machine works on it.
    """
    with locked(month.lock_file):
        if month_name(month) in _kept or not is_distributed():
            yield
            return
        kept = Kept(leases_of(month.workspace), month_name(month))
        try:
            yield
        finally:
            kept.give_back()


@contextmanager
def speaking_to(
    workspace: WorkspacePaths, vendor: str, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Let one process of all machines speak to a vendor; the others call ``on_wait`` and wait."""
    with locked(workspace.warehouse / f"fetch-{vendor}.lock", on_wait):
        kept = _waited_for(workspace, f"vendor {vendor}", on_wait) if is_distributed() else None
        try:
            yield
        finally:
            if kept:
                kept.give_back()


def _waited_for(workspace: WorkspacePaths, name: str, on_wait: Callable[[], None] | None) -> Kept:
    leases = leases_of(workspace)
    while True:
        try:
            return Kept(leases, name)
        except HeldElsewhere:
            if on_wait:
                on_wait()
                on_wait = None
            time.sleep(_ASKED_EVERY)
