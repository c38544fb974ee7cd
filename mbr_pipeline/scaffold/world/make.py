"""Makes a world: clean books, then injections, then tied-out totals, then control faults, then files.

What belongs here: the order of the steps. What does not: the steps themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from mbr_pipeline.scaffold.world.clean_books import choose_periods, make_book
from mbr_pipeline.scaffold.world.inject.client import CLIENT_CODES
from mbr_pipeline.scaffold.world.inject.control import CONTROL_CODES, PREPARED_CODES
from mbr_pipeline.scaffold.world.inject.site import InjectionSite
from mbr_pipeline.scaffold.world.inject.vendor import VENDOR_CODES
from mbr_pipeline.scaffold.world.invoice_totals import tie_out
from mbr_pipeline.scaffold.world.model import Injection, Workspace, World
from mbr_pipeline.scaffold.world.writer import write_workspace

_MSPS = (("northwind", "Northwind IT"), ("suedwind", "Südwind: Netze & Söhne"))

EXCEPTION_CODES = tuple(CLIENT_CODES) + tuple(VENDOR_CODES)
"""Codes that yield findings while the gate passes."""
INJECTABLE = EXCEPTION_CODES + tuple(PREPARED_CODES) + tuple(CONTROL_CODES)
"""Every code an ``Injection`` may name."""


def make_workspace(
    seed: int, clients: int = 8, periods: int = 3, inject: Sequence[Injection] = (), msps: int = 1
) -> Workspace:
    """Build a world in memory.

    Args:
        seed: Same seed and arguments, same world.
        clients: Clients per MSP, at least 1 (a reassigned customer needs 2).
        periods: Consecutive months, at least 1.
        inject: Findings to bring into the last period of the first MSP, each on a client and product of its
            own.
        msps: Number of MSPs, 1 or 2.

    Raises:
        ValueError: An unknown code, or a fault that leaves keys unreconciled mixed with findings it would
            hide (contract §4.9: keys of a failed dataset yield no finding).
    """
    _check(inject)
    chosen = choose_periods(Random(f"{seed}/periods"), periods)
    books = [
        make_book(msp_id, name, Random(f"{seed}/{msp_id}"), chosen, clients, Random(f"{seed}/{msp_id}/aside"))
        for msp_id, name in _MSPS[:msps]
    ]
    workspace = Workspace(seed, chosen, books, {"min_coverage_pct": "0", "materiality": "0.00"})
    exceptions = CLIENT_CODES | VENDOR_CODES | PREPARED_CODES
    for index, injection in enumerate(inject):
        if injection.code in exceptions:
            exceptions[injection.code](_site(workspace, index), injection.size)
    for book in books:
        tie_out(book)
    for index, injection in enumerate(inject):
        if injection.code in CONTROL_CODES:
            site = _site(workspace, index)
            CONTROL_CODES[injection.code](site, injection.size)
            site.block(injection.code)
    return workspace


def make_world(
    directory: Path,
    seed: int,
    clients: int = 8,
    periods: int = 3,
    inject: Sequence[Injection] = (),
    msps: int = 1,
) -> World:
    """Write a world to a folder and return its answer key; arguments as for ``make_workspace``."""
    workspace = make_workspace(seed, clients, periods, inject, msps)
    write_workspace(workspace, directory)
    msp_ids = [book.msp_id for book in workspace.books]
    return World(directory, seed, msp_ids, workspace.periods, workspace.answers, workspace.blocked, workspace)


def _site(workspace: Workspace, index: int) -> InjectionSite:
    return InjectionSite(workspace, index, Random(f"{workspace.seed}/injection/{index}"))


def _check(inject: Sequence[Injection]) -> None:
    codes = {injection.code for injection in inject}
    unknown = codes - set(INJECTABLE)
    if unknown:
        raise ValueError(f"cannot inject {sorted(unknown)}; known codes are {sorted(INJECTABLE)}")
    if codes & set(CONTROL_CODES) and codes - set(CONTROL_CODES):
        raise ValueError(
            f"{sorted(codes & set(CONTROL_CODES))} leave keys unreconciled; inject findings in another world"
        )
