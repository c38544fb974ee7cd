"""Files for the browser to save: what an export's manifest lists, and packs of evidence.

What belongs here: finding a file by what the ledger knows, never by a path from outside. What does not:
making files.
"""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse, Response

from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.release.evidence.pack import place_of
from mbr_pipeline.release.exports.history import made
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.routes import shows

_TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


def _exported(ask: Ask) -> Response:
    entry_id, name = ask.path("entry"), ask.path("name")
    for each in made(ask.month, chain(ask.workspace.paths, ask.month.msp_id)):
        if each.entry.entry_id == entry_id:
            try:
                path = each.file(name)
            except KeyError:
                break
            return _saved(path, f"{ask.month.msp_id}-{ask.month.period.text}-v{each.version}-{name}")
    raise NotThere


def _evidence(ask: Ask) -> Response:
    versions = closing_of(chain(ask.workspace.paths, ask.month.msp_id), ask.month.period.text).version
    for number in range(1, versions + 1):
        path = place_of(ask.month, number)
        if ask.path("version") == str(number) and path.is_file():
            return _saved(path, f"{ask.month.msp_id}-{ask.month.period.text}-{path.name}")
    raise NotThere


def _saved(path: Path, name: str) -> Response:
    """Answer with a file to save: its type is said, and no browser guesses another."""
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=kind, filename=name)


ROUTES = (
    shows("/m/{msp}/{period}/download/{entry}/{name}", _exported),
    shows("/m/{msp}/{period}/evidence/{version}", _evidence),
)
