"""Landing files as somebody: whether they may, the files, and the entry in the chain (contract §2.4, §8.1).

What belongs here: the order of the three, for `mbr land` and the page. What does not: checking and moving
files (``mbr_pipeline.ingest.land_files``), the form of entries (``deeds``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mbr_pipeline.decide.command import Scope, allow
from mbr_pipeline.decide.deeds import enter_landing
from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.ingest.land_files import Result, bare_name, land_files
from mbr_pipeline.mirror.landing import enter_landed, pull
from mbr_pipeline.mirror.opening import mirror_of


def land(
    place: Place,
    actor: str,
    files: Sequence[Path],
    replaced: Sequence[str],
    reason: str = "",
    on_wait: Callable[[], None] | None = None,
) -> Result:
    """Land files, all of them or none, and enter who did it.

    Args:
        place: Where they land.
        actor: Who lands them.
        files: The files, under the names that they land under.
        replaced: Landed files that they correct.
        reason: Why, for the chain; it may be empty.
        on_wait: Called where another landing of the month is waited for.

    Returns:
        What was landed; with a warning where the month is closed and has other files by it.

    Raises:
        ConfigError: The actor may not, which is entered, or a file may not land as it is, or another machine
            landed something else under its name.
    """
    month = place.month
    where = f"{month.period.text}/{place.source}"
    meant = ", ".join(f"{where}/{place.name_of(file)}" for file in files)
    allow(place.workspace, actor, "land", {month.msp_id: meant}, Scope(month.msp_id, month.period.text))
    mirror = mirror_of(place.workspace.paths, place.workspace.settings)
    if mirror:
        pull(mirror, month.msp_id, month.period)
    enter = partial(enter_landed, mirror, month, place.source) if mirror else None
    result = land_files(place, files, replaced, on_wait, enter)
    landed = {f"{where}/{file.name}": file.sha256 for file in result.files}
    enter_landing(month, actor, landed, [f"{where}/{bare_name(place, name)}" for name in replaced], reason)
    is_changed = bool(result.replaced) or any(file.is_new for file in result.files)
    if is_changed and (why := closing(month).told(month.msp_id, month.period.text)):
        # what comes late is for the next version; until it is closed, `mbr verify` names what lies there
        warning = f"{why}; its closed version is without these files"
        result = replace(result, warnings=(*result.warnings, warning))
    return result
