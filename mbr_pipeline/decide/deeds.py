"""What people did outside of decisions and the chain keeps: files landed, rows of maps accepted, sources
added (contract §8.1).

What belongs here: entering them, once. What does not: doing them (``mbr_pipeline.ingest.land_files``,
``mbr_pipeline.mapping_help``, ``mbr_pipeline.setup.settings_edit``). They are entered after they are done; a
command that died in between is repeated, finds them done, and enters what the chain lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.paths import MonthPaths


def enter_landing(
    month: MonthPaths, actor: str, files: Mapping[str, str], replaced: Sequence[str], reason: str = ""
) -> list[Entry]:
    """Enter files that lie in the landing zone now.

    Args:
        month: Whose files they are.
        actor: Who landed them.
        files: SHA-256 by name, as gate.json has it: month/source/file.
        replaced: The names of those that they replace.
        reason: Why; left out of the entry where it is empty.
    """
    why = {"reason": reason} if reason else {}
    with appending(open_database(month.workspace.ledger)) as chains:
        there = _landed(chains.entries(month.msp_id))
        drafts = [
            Draft(
                "land",
                month.period.text,
                {"file": name, "sha256": digest, "replaces": _one(replaced), **why},
                actor,
            )
            for name, digest in files.items()
            if there.get(name) != digest
        ]
        return chains.append(month.msp_id, drafts)


def enter_mapping(
    month: MonthPaths, actor: str, rows: Iterable[tuple[str, Mapping[str, str]]]
) -> list[Entry]:
    """Enter rows that stand in the MSP's maps now, each a file's name and its cells by column."""
    with appending(open_database(month.workspace.ledger)) as chains:
        known = [
            (entry.body["file"], entry.body["row"])
            for entry in chains.entries(month.msp_id)
            if entry.kind == "map_accept"
        ]
        drafts = []
        for file, cells in rows:
            row = {column: cell for column, cell in cells.items() if cell}
            if (file, row) not in known:
                known.append((file, row))
                drafts.append(Draft("map_accept", month.period.text, {"file": file, "row": row}, actor))
        return chains.append(month.msp_id, drafts)


def enter_source(month: MonthPaths, actor: str, name: str, settings: Mapping[str, Any]) -> list[Entry]:
    """Enter a source that stands in ``mbr.yml`` now.

    Args:
        month: For whose file it was added.
        actor: Who added it.
        name: The source's.
        settings: What stands below it, all of it text, lists and mappings.
    """
    body = {"source": name, "settings": settings}
    with appending(open_database(month.workspace.ledger)) as chains:
        added = [entry.body for entry in chains.entries(month.msp_id, kinds=("source_add",))]
        newest = next((each for each in reversed(added) if each["source"] == name), None)
        drafts = [] if newest == body else [Draft("source_add", month.period.text, body, actor)]
        return chains.append(month.msp_id, drafts)


def _landed(entries: Iterable[Entry]) -> dict[str, Any]:
    """Return what lies there as far as the chain knows: SHA-256 by name."""
    there: dict[str, Any] = {}
    for entry in entries:
        if entry.kind == "land":
            replaced = entry.body["replaces"]
            for name in [replaced] if isinstance(replaced, str) else replaced or []:
                there.pop(name, None)
            there[entry.body["file"]] = entry.body["sha256"]
    return there


def _one(names: Sequence[str]) -> str | list[str] | None:
    if len(names) > 1:
        return list(names)
    return names[0] if names else None
