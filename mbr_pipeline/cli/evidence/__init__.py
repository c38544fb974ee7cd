"""`mbr evidence`: one file about a closed month, for an auditor (contract §13).

What belongs here: options and what is printed. What does not: what is in the file
(``mbr_pipeline.release.evidence``).
"""

from __future__ import annotations

from pathlib import Path

import click

from connectors.counted import plural
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.release.evidence.pack import attach_stamp, place_of, write_sound_pack
from mbr_pipeline.release.version import ClosedVersion, closed_version
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


@click.command()
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="The MSP, as in mbr.yml.")
@click.option("--period", required=True, metavar="YYYY-MM", help="A month that was closed.")
@click.option("--version", "number", type=click.IntRange(min=1), metavar="N", help="Default: the newest.")
@click.option("--with-files", is_flag=True, help="Put the landed files into it, not only their hashes.")
@click.option(
    "--timestamp",
    type=click.Path(path_type=Path),
    metavar="FILE.tsr",
    help="Put this time stamp (RFC 3161) of the pack's manifest.json into the pack that is there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    workspace: WorkspacePaths,
    msp_id: str,
    period: str,
    number: int | None,
    with_files: bool,
    timestamp: Path | None,
    as_json: bool,
) -> None:
    """Write the evidence of a closed month: one zip file that can be read and checked alone.

    It holds the closed tables, what went in, what was found and decided, the checks, the exports, the chain
    of entries and a page README.html. The same content gives the same bytes. Nothing is entered in the
    ledger.

    Exit code: 0, 1 it cannot be written or does not hold, 2 usage or the month was never closed, 3 the
    version or a landed file is no longer what was closed.
    """
    opened = Workspace.open(workspace)
    closed = closed_version(opened, msp_id, period, number)
    try:
        if timestamp is not None:
            _stamp(opened, closed, timestamp)
            return
    except OSError as error:
        raise MbrError(f"the pack cannot be written: {error.strerror}: make room, then run again") from error
    written = write_sound_pack(opened, closed, with_files=with_files)
    path = written.path.relative_to(workspace.root).as_posix()
    if as_json:
        document = {
            "msp_id": msp_id,
            "period": period,
            "version": closed.number,
            "path": path,
            "sha256": written.sha256,
            "manifest_sha256": written.manifest,
            "chain_head": written.head,
            "files": written.files,
        }
        print_json(document)
        return
    print(f"{msp_id} {period} version {closed.number}: {path}, {plural(written.files, 'file')}")
    print(f"SHA-256 of the pack: {written.sha256}")
    print(f"SHA-256 of its manifest.json, for a time stamp: {written.manifest}")
    counted = plural(written.entries, "entry", "entries")
    print(f"head of the chain: {written.head} ({counted})")
    print(f"check it anywhere: mbr verify {written.path.name}")


def _stamp(workspace: Workspace, closed: ClosedVersion, file: Path) -> None:
    try:
        token = file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be read ({error.strerror}): name the file of the time stamp"
        ) from error
    at = attach_stamp(closed, token)
    path = place_of(closed.month, closed.number).relative_to(workspace.paths.root).as_posix()
    print(
        f"{path} has a time stamp of {at}; whether its authority signed it: mbr verify PACK --tsa-roots FILE"
    )
