"""The commands by which people decide, close and release, and the points of a month's life at which they are
given.

Belongs here: which commands there are. Does not: what happens to them (``operate``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.kills.workspaces import Points, landing

_REASON = ("--reason", "as agreed")


@dataclass(frozen=True)
class Deed:
    """A command at a point: its arguments for a workspace, and what it exits with once it is done already."""

    name: str
    point: str
    arguments: Callable[[Points, Path], tuple[str, ...]]
    again: int = 0


def _of_month(*words: str) -> Callable[[Points, Path], tuple[str, ...]]:
    return lambda points, root: (
        *words,
        *("--msp", points.msp_id, "--period", points.period, "--workspace", str(root)),
    )


def _decide(*words: str) -> Callable[[Points, Path], tuple[str, ...]]:
    return lambda points, root: (*("decide", *words, "--workspace", str(root)),)


def _rule(what: str, of: str, *words: str) -> Callable[[Points, Path], tuple[str, ...]]:
    return lambda points, root: (
        *("decide", what, *getattr(points, of), *words, "--as", "owner1", "--workspace", str(root)),
    )


def _landing(name: str) -> Callable[[Points, Path], tuple[str, ...]]:
    return lambda points, root: (
        *("land", *landing(name, root, points.msp_id, points.period), "--as", "clerk1"),
    )


def _accept_table(points: Points, root: Path) -> tuple[str, ...]:
    of_month = _of_month("map", "accept", "--from", f"{root}/inputs/to-map.csv", "--as", "clerk1")
    return of_month(points, root)


def _accept_one(points: Points, root: Path) -> tuple[str, ...]:
    source, customer, client = points.customer
    return (*_of_month("map", "accept", "--as", "clerk1")(points, root), "customer", source, customer, client)


def _export(target: str, point: str) -> Deed:
    word = "again " if point == "closed_again" else ""
    return Deed(
        f"export {word}{target}", point, _of_month("export", "--to", target, "--as", "clerk1"), again=2
    )


DEEDS = (
    Deed("decide by filter", "audited",
         lambda p, root: _of_month("decide", "approve", *_REASON, "--as", "clerk1")(p, root)),
    Deed("decide by csv", "audited",
         lambda p, root: _decide("--csv", f"{root}/inputs/decisions.csv", "--as", "clerk1")(p, root)),
    Deed("map accept customer", "audited", _accept_one),
    Deed("map accept table", "audited", _accept_table),
    Deed("land", "audited", _landing("late")),
    Deed("land --replaces", "audited", _landing("corrected")),
    Deed("decide confirm", "decided", _rule("confirm", "pending")),
    Deed("decide refuse", "decided", _rule("refuse", "pending", *_REASON)),
    Deed("decide withdraw", "decided", _rule("withdraw", "in_force", *_REASON)),
    Deed("close", "ready", _of_month("close", "--as", "owner1")),
    Deed("close again", "again", _of_month("close", "--as", "owner1")),
    Deed("reopen", "closed", _of_month("reopen", *_REASON, "--as", "owner1")),
    Deed("seal", "closed", _of_month("seal", "--as", "owner1")),
    *(_export(t, "closed") for t in ("xero", "quickbooks", "csv", "xlsx", "psa", "claims", "focus")),
    *(_export(t, "closed_again") for t in ("xero", "quickbooks")),
    Deed("evidence", "closed", _of_month("evidence")),
    Deed("evidence again", "closed_again", _of_month("evidence", "--with-files")),
)  # fmt: skip
