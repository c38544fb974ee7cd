"""What `mbr setup` enters in the ledger: the files that it landed, as `mbr land` does (contract §8.1).

What belongs here: who landed what, and whether they may. What does not: landing (``mbr_pipeline.setup``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mbr_pipeline.decide.command import Scope, allow
from mbr_pipeline.decide.deeds import enter_landing
from mbr_pipeline.decide.who import refusal
from mbr_pipeline.ingest.landing import scan
from mbr_pipeline.periods import Period
from mbr_pipeline.setup.next_month import Arrival, NextMonth
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.workspace import Workspace


def enter_first(workspace: Workspace, msp_id: str, period: str, who: str) -> None:
    """Enter the files of a workspace that was made just now."""
    landing = scan(workspace.paths, msp_id, workspace.msp(msp_id), Period.parse(period))
    files = [*landing.current, *(each.file for each in landing.superseded)]
    enter_landing(workspace.month(msp_id, period), who, {file.name: file.sha256 for file in files}, [])


def allow_landing(workspace: Workspace, msp_id: str, found: NextMonth, who: str) -> None:
    """Let somebody land another month's files who may.

    Raises:
        ConfigError: They may not: the attempt is entered.
    """
    if found.arrivals:
        meant = ", ".join(f"{each.month}/{each.known.source}/{each.name}" for each in found.arrivals)
        allow(workspace, who, "land", {msp_id: meant}, Scope(msp_id, found.period))


def enter_arrival(
    workspace: Workspace, msp_id: str, arrival: Arrival, name: str, sha256: str, who: str
) -> None:
    """Enter one file under the name that it landed under."""
    where = f"{arrival.month}/{arrival.known.source}"
    replaced = [f"{where}/{arrival.replaces}"] if arrival.replaces else []
    enter_landing(workspace.month(msp_id, arrival.month), who, {f"{where}/{name}": sha256}, replaced)


def enter_what_lay_there(workspace: Workspace, msp_id: str, names: Iterable[str], who: str) -> None:
    """Enter files that were landed already, as far as the chain lacks them: an earlier command may have died
    before it entered them.
    """
    if refusal(workspace.settings.people, who, "land") is not None:
        return
    by_month: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        by_month[name.split("/")[0]][name] = sha256_of(workspace.paths.landing / msp_id / name)
    for month, files in sorted(by_month.items()):
        enter_landing(workspace.month(msp_id, month), who, files, [])
