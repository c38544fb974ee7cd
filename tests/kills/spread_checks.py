"""What must hold after a round of kills: it finished by itself, and everything is as one `mbr run` leaves it.

Belongs here: what is read and compared. Does not: killing (``spread``).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mbr_pipeline.mirror.opening import mirror_of
from mbr_pipeline.mirror.pointers import read
from mbr_pipeline.publish.stored import bring_up
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.command import mbr
from tests.kills.spread import Run, Spread, lines_of
from tests.support.launching import published_rows
from tests.support.small import PERIOD, settings, write, write_msp

_ENDED = ("SUCCESS", "FAILURE", "CANCELED")


def expected_rows(folder: Path, msp_ids: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of both states as a single `mbr run` publishes them, on one machine."""
    found = []
    for turn in (0, 1):
        alone = folder / f"alone{turn}"
        write(alone / "mbr.yml", settings(msp_ids))
        for number, msp_id in enumerate(msp_ids):
            write_msp(alone, msp_id, {"psa/invoice_lines.csv": lines_of(number, turn)})
        done = mbr("run", "--workspace", alone, "--period", PERIOD)
        assert done.returncode == 0, done.stderr
        found.append(published_rows(alone))
        assert len(found[-1]) > 10 * len(msp_ids)
    assert found[0] != found[1]
    return found


def has_finished(spread: Spread, asked: int) -> bool:
    """Whether every month succeeded as often as it was asked for, and no run is on its way."""
    runs = spread.runs()
    done = Counter(run.month for run in runs if run.status == "SUCCESS")
    return (
        bool(runs)
        and all(run.status in _ENDED for run in runs)
        and all(done[f"{msp_id}|{PERIOD}"] >= asked for msp_id in spread.msp_ids)
    )


def faults(
    spread: Spread, asked: int, expected: dict[str, str], landed: dict[str, Any], number: int
) -> Iterator[str]:
    """Yield what is wrong after the kills have ended, one line each. ``landed``: before the kills;
    ``number``: of this look.
    """
    runs = spread.runs()
    if spread.landed() != landed:
        yield "what is landed is not what was landed before the kills"
    yield from _of_runs(spread, runs, asked)
    leases = {name: found for name, found in spread.leases().items() if name.endswith(PERIOD)}
    for name, (token, published_token, version, holder) in leases.items():
        if holder is not None:
            yield f"{name}: {holder} still has its lease"
        if published_token != token:
            yield f"{name}: token {token} is the newest, {published_token} has published {version}"
    yield from _of_publications(spread)
    with spread.as_here():
        yield from _of_machines(spread, expected, leases, number)


def _of_runs(spread: Spread, runs: Sequence[Run], asked: int) -> Iterator[str]:
    for run in runs:
        if run.status not in _ENDED:
            yield f"run {run.run_id} of {run.month} is left {run.status}"
    done = Counter(run.month for run in runs if run.status == "SUCCESS")
    for msp_id in spread.msp_ids:
        if (times := done[f"{msp_id}|{PERIOD}"]) != asked:
            yield f"{msp_id}: {times} of its runs succeeded, it was asked for {asked} times"


def _of_publications(spread: Spread) -> Iterator[str]:
    """By an old token: one that was not the newest, or that comes after a newer one."""
    last: dict[str, int] = {}
    for name, newest, token, version in spread.told():
        if token != newest or token <= last.get(name, 0):
            yield f"{name}: {token} published {version} after {last.get(name)}, when {newest} was newest"
        last[name] = token


def _of_machines(
    spread: Spread, expected: dict[str, str], leases: dict[str, tuple[int, int, str, str | None]], number: int
) -> Iterator[str]:
    desk = WorkspacePaths(spread.desk)
    root = spread.desk
    if mirror := mirror_of(desk):  # a machine that was not there yet shows what the store has
        root = spread.machines.folder / f"new{number}"
        spread.machines.link(root)
        bring_up(WorkspacePaths(root))
        for msp_id in spread.msp_ids:
            pointer, _ = read(mirror.store, f"months/{msp_id}/{PERIOD}/month.json")
            token = leases[f"{msp_id} {PERIOD}"][0]
            if not pointer or pointer["token"] != token:
                yield f"{msp_id}: its pointer is not of the newest token {token}: {pointer}"
    else:
        for msp_id in spread.msp_ids:
            place, version = desk.published / msp_id / PERIOD, leases[f"{msp_id} {PERIOD}"][2]
            if Path(os.path.realpath(place)).name != version:
                yield f"{place} leads to {os.path.realpath(place)}, recorded is {version}"
            left = [each.name for each in place.parent.iterdir() if each.name.startswith(".")]
            left += [each.name for each in place.parent.glob("*.versions/*") if "building" in each.name]
            if left:
                yield f"{place.parent} has left {left}"
    if (found := published_rows(root)) != expected:
        wrong = sorted(name for name in found.keys() | expected if found.get(name) != expected.get(name))
        yield f"{len(wrong)} published tables are not those of one `mbr run`: {wrong[:3]}"
    done = mbr("verify", "--workspace", root)
    if done.returncode != 0:
        yield f"mbr verify: {done.stdout[-2000:]} {done.stderr[-500:]}"
