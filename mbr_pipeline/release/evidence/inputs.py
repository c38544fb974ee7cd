"""The inputs of a closed version as they lie in the workspace now.

What belongs here: which of them are still those that were recorded, and may be packed. What does not: the
other parts of a pack (``contents``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mbr_pipeline.errors import GateClosed
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.settings import FILE_NAME


@dataclass(frozen=True)
class Input:
    """One recorded input: ``kind`` is landed, rules or settings; ``packed`` its name in the pack, None where
    it is not in it; ``note`` says why.
    """

    file: str
    kind: str
    sha256: str
    size: int
    packed: str | None
    note: str


def recorded_inputs(root: Path, manifest: Mapping[str, Any], *, with_files: bool) -> list[Input]:
    """Return the inputs that a version's manifest records, with what is packed of each.

    Landed files are packed if they are asked for. Rules and settings may change when a month is closed: they
    are packed where they are still what they were.

    Raises:
        GateClosed: A landed file that is to be packed is no longer the one that was recorded.
    """
    return [_input(root, recorded, with_files) for recorded in manifest["inputs"]]


def settings_of(mbr_yml: str, msp_id: str) -> bytes:
    """Return what ``mbr.yml`` says of one MSP and of all, every value as it is written there, as JSON: other
    MSPs are nobody's business here.
    """
    content = yaml.load(mbr_yml, Loader=yaml.BaseLoader)  # noqa: S506 - builds text, lists and mappings only
    document = {"msp": content["msps"][msp_id]} | {
        name: content[name] for name in ("policies", "people", "exports") if content.get(name)
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _input(root: Path, recorded: Mapping[str, Any], with_files: bool) -> Input:
    name, sha256 = str(recorded["file"]), str(recorded["sha256"])
    kind = "settings" if name == FILE_NAME else "rules" if name.startswith("rules/") else "landed"
    packed, note = None, ""
    is_same = _is_same(root / name, sha256)
    if kind == "landed":
        if with_files and not is_same:
            raise GateClosed(
                f"{name} is not the file that was closed: `mbr verify` names all that changed;"
                " restore it from a backup, or leave out --with-files"
            )
        packed = f"inputs/{name}" if with_files else None
        note = "" if with_files else "the file is not in this pack, its hash is"
    elif not is_same:
        note = "changed after the month was closed: only its hash is known"
    else:
        packed = "settings.json" if kind == "settings" else f"inputs/{name}"
        note = "what it says of this MSP; the hash is of the whole file" if kind == "settings" else ""
    return Input(name, kind, sha256, int(recorded["bytes"]), packed, note)


def _is_same(path: Path, sha256: str) -> bool:
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False
