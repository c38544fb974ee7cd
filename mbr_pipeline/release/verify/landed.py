"""Landed files: those of a closed month are the recorded ones and no others; of an open one, changed files
are said.

What belongs here: everything below ``landing/<msp_id>/<period>/``. What does not: rules and settings, which
go on changing when a month is closed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.closed_folders import MANIFEST
from mbr_pipeline.release.verify.chain import Chain
from mbr_pipeline.release.verify.files import Folder, hold_one
from mbr_pipeline.release.verify.findings import Checked, files_below
from mbr_pipeline.workspace.paths import WorkspacePaths


def check_landed(
    checked: Checked, workspace: WorkspacePaths, chain: Chain, only: str | None = None
) -> Iterator[str]:
    """Check the landed files of an MSP, or of one month; yield each place before it."""
    closed = set[str]()
    for period in sorted({e.period for e in chain.entries if e.kind == "close" and e.period}):
        closing = closing_of(chain.entries, period)
        folder = workspace.published / chain.msp_id / f"{period}.versions" / str(closing.version)
        recorded = _of_version(folder / MANIFEST)
        if recorded is None:
            continue  # said where the version is checked
        closed.add(period)
        if only not in (None, period):
            continue
        yield f"landing/{chain.msp_id}/{period}"
        _hold(checked, workspace, chain, period, recorded, is_open=closing.state == "open")
    reports = workspace.reports / chain.msp_id
    for report in sorted(reports.iterdir()) if reports.is_dir() else []:
        is_asked = only in (None, report.name)
        if is_asked and Period.is_written(report.name) and report.name not in closed:
            yield f"landing/{chain.msp_id}/{report.name}"
            recorded = _of_gate(report / "gate.json", chain.msp_id)
            _hold(checked, workspace, chain, report.name, recorded, is_open=True)


def _hold(
    checked: Checked,
    workspace: WorkspacePaths,
    chain: Chain,
    period: str,
    recorded: Mapping[str, str],
    *,
    is_open: bool,
) -> None:
    """Hold landed files against recorded ones. Earlier months' files that the month used are among them: they
    are as free to change as their own month is.
    """
    files = Folder(workspace.landing, "landing")
    for name, sha256 in sorted(recorded.items()):
        is_free = is_open or _is_of_open_month(chain, period, name)
        if (workspace.landing / name).is_file():
            hold_one(checked, files, name, sha256, is_warning=is_free)
        else:
            said = "the month was computed from it and it is gone"
            checked.add(f"landing/{name}", "missing", said, is_warning=is_free)
    month = f"{chain.msp_id}/{period}"
    if is_open:
        return
    for name in _names(workspace.landing / month):
        if f"{month}/{name}" not in recorded:
            checked.add(
                f"landing/{month}/{name}",
                "added",
                "the month is closed and was computed without it: reopen the month, or move it to its own",
            )


def _is_of_open_month(chain: Chain, period: str, name: str) -> bool:
    """Whether a file lies in the folder of another month, which is open."""
    other = name.split("/")[1] if name.count("/") > 1 else period
    return other != period and closing_of(chain.entries, other).state == "open"


def _names(folder: Path) -> list[str]:
    """Return the files of a month's landing folder; a source's folder may be a link."""
    found = list[str]()
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_dir():
            found += [f"{path.name}/{file.relative_to(path).as_posix()}" for file in files_below(path)]
        else:
            found.append(path.name)
    return found


def _of_version(manifest: Path) -> dict[str, str] | None:
    try:
        document: Any = json.loads(manifest.read_text(encoding="utf-8"))
        inputs = [(str(each["file"]), str(each["sha256"])) for each in document["inputs"]]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return {name.removeprefix("landing/"): sha256 for name, sha256 in inputs if name.startswith("landing/")}


def _of_gate(gate: Path, msp_id: str) -> dict[str, str]:
    try:
        document: Any = json.loads(gate.read_text(encoding="utf-8"))
        return {f"{msp_id}/{each['path']}": str(each["sha256"]) for each in document["inputs"]}
    except (OSError, ValueError, TypeError, KeyError):
        return {}
