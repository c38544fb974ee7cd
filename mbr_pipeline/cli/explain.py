"""`mbr explain`: one exception to the cent, or one client's difference finding by finding."""

from __future__ import annotations

import os
import sys

import click

from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.explain import explain_client, explain_exception
from mbr_pipeline.explain.as_json import bridge_json, explanation_json
from mbr_pipeline.explain.render import print_bridge, print_explanation
from mbr_pipeline.workspace.paths import WorkspacePaths


@click.command()
@click.argument("exception_id", required=False)
@workspace_option
@click.option(
    "--client",
    "client_id",
    metavar="ID",
    help="Instead of one exception: a client's way from invoiced to expected.",
)
@click.option("--period", metavar="YYYY-MM", help="The month, with --client.")
@click.option(
    "--msp", "msp_id", metavar="ID", help="The client's MSP, where several have a client of that id."
)
@click.option("--all", "everything", is_flag=True, help="Show all rows of long tables, not the first 20.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, always with all rows.")
def command(
    exception_id: str | None,
    workspace: WorkspacePaths,
    client_id: str | None,
    period: str | None,
    msp_id: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Derive an exception from its raw records, to the cent.

    EXCEPTION_ID is as published; its first characters will do, at least 6, where no other exception has them.
    With --client and --period: why the client owes more or less than it is invoiced, finding by finding.

    Exit code: 0 the derivation comes to what was published, 1 it does not or the month cannot be read now, 2
    no such exception, client or month.
    """
    explain_command(workspace, exception_id, client_id, period, msp_id, everything, as_json)


def explain_command(
    workspace: WorkspacePaths,
    exception_id: str | None,
    client_id: str | None,
    period: str | None,
    msp_id: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Print the explanation; if its result differs from what was published, an error
    follows (exit code 1).
    """
    if exception_id is not None:
        if client_id or period or msp_id:
            raise ConfigError("an exception id says all by itself: leave out --client, --period and --msp")
        _explain_exception(workspace, exception_id, everything, as_json)
    elif client_id and period:
        _explain_client(workspace, client_id, period, msp_id, everything, as_json)
    else:
        raise ConfigError("nothing to explain: give an exception id, or --client ID with --period YYYY-MM")


def _explain_exception(workspace: WorkspacePaths, exception_id: str, everything: bool, as_json: bool) -> None:
    explanation = explain_exception(workspace, exception_id)
    if as_json:
        print(explanation_json(explanation))
    else:
        print_explanation(explanation, everything)
    _expect_none(
        f"{explanation.found.finding.exception_id}: the derivation is not what was published",
        explanation.problems,
    )


def _explain_client(
    workspace: WorkspacePaths,
    client_id: str,
    period: str,
    msp_id: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    bridge = explain_client(workspace, client_id, period, msp_id)
    if as_json:
        print(bridge_json(bridge))
    else:
        # the name the command was called by: a fresh checkout has .venv/bin/mbr, but no mbr on the path
        print_bridge(bridge, sys.argv[0] if os.sep in sys.argv[0] else "mbr", everything)
    _expect_none(
        f"{bridge.client_id} {bridge.month.period.text}: the bridge does not add up", bridge.problems
    )


def _expect_none(what: str, problems: list[str] | tuple[str, ...]) -> None:
    if problems:
        sys.stdout.flush()
        raise MbrError(f"{what}: {'; '.join(problems)}: keep the month's files and report it")
