"""`mbr setup` on a workspace that is there: the next month, with one command.

What belongs here: what is printed of another month. What does not: deciding
(``mbr_pipeline.setup.next_month``) and landing (``mbr_pipeline.setup.land_month``).
"""

from __future__ import annotations

from pathlib import Path

import click

from connectors.counted import plural
from mbr_pipeline.cli.setup.asking import asked, read_answers
from mbr_pipeline.cli.setup.entering import allow_landing, enter_arrival, enter_what_lay_there
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.safe_text import shown
from mbr_pipeline.setup.land_month import add_names, land_month
from mbr_pipeline.setup.landed_before import finish_landings
from mbr_pipeline.setup.next_month import NextMonth, next_month
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


def again(
    folder: Path,
    directory: Path,
    period: str | None,
    msp_id: str | None,
    msp_name: str | None,
    answers_file: Path | None,
    no_run: bool,
    who: str,
) -> None:
    """Land the files that are new for their month, and run it. Settings and rules are left as they are."""
    if msp_name:
        raise ConfigError(f"--name: {directory} is a workspace already: its name stands in mbr.yml")
    workspace = Workspace.open(WorkspacePaths(directory.resolve()))
    msps = workspace.msp_ids(msp_id)
    if len(msps) > 1:
        raise ConfigError(f"whose files are these? name one with --msp: {', '.join(msps)}")
    msp = msps[0]
    finish_landings(workspace, msp)
    answers = read_answers(answers_file)

    def planned() -> NextMonth:
        return next_month(folder, workspace, msp, answers, period)

    found = asked(planned, answers, answers_file)
    allow_landing(workspace, msp, found, who)
    _tell(found)
    enter_what_lay_there(workspace, msp, [landed for _, landed in found.already], who)
    for source, each in add_names(workspace, msp, found):
        click.echo(f"mbr.yml: {source}: “{shown(each.text)}” is {shown(each.client_id)}, as answered")
    workspace = Workspace.open(workspace.paths)
    for arrival, landed in land_month(workspace, msp, found.arrivals):
        enter_arrival(workspace, msp, arrival, landed.name, landed.sha256, who)
        known = arrival.known
        replaced = f", replaces {arrival.replaces}" if arrival.replaces else ""
        rows = plural(landed.rows, "row")
        click.echo(
            f"{shown(arrival.name)}: {known.dataset} of {known.source}, {arrival.month}{replaced} ({rows})"
        )
    new = len(found.arrivals)
    click.echo(f"{plural(new, 'new file')} landed for {found.period}" if new else "nothing new is here")
    for month in sorted({arrival.month for arrival in found.arrivals} - {found.period}):
        click.echo(f"{month} has another file now: mbr run --workspace {directory} --period {month}")
    run_or_say(directory, found.period, msp, no_run, who)


def _tell(found: NextMonth) -> None:
    for name, landed in found.already:
        click.echo(f"{shown(name)}: is landed already, {shown(landed)}")
    for note in found.notes:
        click.echo(f"note: {shown(note)}")
    for name, reason in found.left:
        click.echo(f"LEFT OUT: {shown(name)}: {shown(reason)}")


def run_or_say(directory: Path, period: str, msp_id: str, no_run: bool, who: str) -> None:
    """Run the month and print what is to map, or say which command does."""
    if no_run:
        click.echo(f"Next: mbr run --workspace {directory} --period {period}")
        return
    from mbr_pipeline.cli.run import _leave, run_command  # Dagster takes seconds to import
    from mbr_pipeline.cli.setup.mapping import map_the_rest

    paths = WorkspacePaths(directory.resolve())
    code = run_command(paths, period, msp_id, False)
    workspace = Workspace.open(paths)
    if map_the_rest(workspace, workspace.month(msp_id, period), who):
        code = run_command(paths, period, msp_id, False)
    _leave(code)
