"""`mbr verify`: whether a workspace or a pack still holds what was entered, and whether figures can be worked
out again (contract §13).

What belongs here: options, what is printed, exit codes. What does not: the checks
(``mbr_pipeline.release.verify``) and the second engine (``recompute``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import click

from connectors.counted import plural
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.release.verify.findings import Checked, Finding
from mbr_pipeline.release.verify.packs import check_pack
from mbr_pipeline.release.verify.workspace import check_workspace
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

_SHOWN = 200


@click.command()
@click.argument("pack", required=False, type=click.Path(path_type=Path))
@workspace_option
@click.option("--msp", "msp_id", metavar="ID", help="One MSP, as in mbr.yml; all of them by default.")
@click.option(
    "--tsa-roots",
    type=click.File("rb"),
    metavar="FILE",
    help="With PACK: the authority's root certificates (PEM); its time stamp must be signed below them.",
)
@click.option("--recompute", is_flag=True, help="Work a month out again and compare every figure.")
@click.option("--period", metavar="YYYY-MM", help="With --msp: one month; all by default.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with everything found.")
def command(
    pack: Path | None,
    workspace: WorkspacePaths,
    msp_id: str | None,
    tsa_roots: BinaryIO | None,
    recompute: bool,
    period: str | None,
    as_json: bool,
) -> None:
    """Check that nothing changed since it was entered, closed, exported or packed.

    Without PACK: the chains of the ledger, every published version, every export and the landed files of
    closed months, in the workspace; with --msp of one MSP, with --period too of one month, whose chain is
    checked whole all the same. With PACK: one file of `mbr evidence`, by itself; no workspace and no
    network are needed. Everything that is changed, missing, added or out of order is listed with its place.

    With --recompute, --msp and --period: hold a month's published tables against a second program, which
    works the month out from the landed files, rules and decisions by itself, in exact fractions and without
    SQL. Where nothing is published, the tables of the blocked run are compared. Progress is on standard
    error.

    Exit code: 0 all is as it was, 1 something is not (with --recompute: differs, or nothing could be
    compared), 2 usage, configuration or no such month.
    """
    if recompute:
        if pack or not msp_id or not period:
            raise ConfigError(
                "--recompute works one month out again: say --msp ID and --period YYYY-MM, no pack"
            )
        from mbr_pipeline.cli.verify.recompute import recompute_month  # the second engine is large

        recompute_month(workspace, msp_id, period, as_json=as_json)
        return
    if pack:
        if msp_id or period:
            raise ConfigError("a pack is of one MSP and month: leave out --msp and --period")
        checked = Checked()
        manifest = check_pack(checked, pack, pack.name, tsa_roots.read() if tsa_roots else None)
    elif tsa_roots:
        raise ConfigError("--tsa-roots goes with a pack: name one")
    else:
        if period and not msp_id:
            raise ConfigError("--period goes with --msp: say whose month")
        checked, manifest = check_workspace(Workspace.open(workspace), msp_id, period=period), {}
    if as_json:
        print_json(_document(checked, manifest))
    else:
        _print(checked, manifest)
    if checked.faults:
        count = len(checked.faults)
        raise MbrError(
            f"{plural(count, 'thing is', 'things are')} not as recorded, the first:"
            f" {_line(checked.faults[0])}"
        )


def _print(checked: Checked, manifest: dict[str, Any]) -> None:
    for finding in checked.faults[:_SHOWN]:
        click.echo(f"✗ {_line(finding)}")
    if len(checked.faults) > _SHOWN:
        click.echo(f"… and {len(checked.faults) - _SHOWN} more, --json has them all")
    for finding in checked.warnings[:_SHOWN]:
        click.echo(f"! {_line(finding)}")
    if len(checked.warnings) > _SHOWN:
        click.echo(f"… and {len(checked.warnings) - _SHOWN} more warnings, --json has them all")
    looked = ", ".join(f"{what}: {number}" for what, number in checked.counts.items())
    if manifest:
        about = f"{manifest.get('msp_id')} {manifest.get('period')} version {manifest.get('version')}"
        head = manifest.get("chain_head")
        head = head.get("hash") if isinstance(head, dict) else head
        click.echo(one_line(f"{about}; the chain in the pack ends with {head}"))
    if not checked.faults:
        click.echo(f"all is as recorded; {looked or 'nothing is recorded yet'}")


def _line(finding: Finding) -> str:
    return one_line(f"{finding.place}: {finding.text} ({finding.kind.replace('_', ' ')})")


def _document(checked: Checked, manifest: dict[str, Any]) -> dict[str, Any]:
    about = {name: manifest.get(name) for name in ("msp_id", "period", "version", "chain_head") if manifest}
    return {
        **about,
        "ok": not checked.faults,
        "findings": [_found(finding) for finding in checked.faults],
        "warnings": [_found(finding) for finding in checked.warnings],
        "checked": checked.counts,
    }


def _found(finding: Finding) -> dict[str, str]:
    return {"place": finding.place, "kind": finding.kind, "problem": finding.text}
