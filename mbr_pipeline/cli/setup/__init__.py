"""`mbr setup`: from a folder of exports to the first month, asking only what no file shows.

What belongs here: options, and what is printed of a first month. What does not: recognising files
(``mbr_pipeline.setup``), asking (``asking``), another month (``again``).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from connectors.counted import plural
from mbr_pipeline.cli.options import actor_option
from mbr_pipeline.cli.setup.again import again, run_or_say
from mbr_pipeline.cli.setup.asking import asked, read_answers
from mbr_pipeline.cli.setup.entering import enter_first
from mbr_pipeline.decide.who import actor as named
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.safe_text import shown
from mbr_pipeline.setup.plan import Plan, plan
from mbr_pipeline.setup.workspace_files import write_workspace
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import FILE_NAME
from mbr_pipeline.workspace.workspace import Workspace

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--period", metavar="YYYY-MM", help="The month the files are for.  [default: what they show]")
@click.option("--msp", "msp_id", metavar="ID", help="The MSP's id.  [default: the name of DIRECTORY]")
@click.option("--name", "msp_name", metavar="TEXT", help="How reports call the MSP.  [default: its id]")
@click.option(
    "--answers",
    "answers_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Answers as YAML, read first; what is answered on the terminal is written back.",
)
@click.option("--no-run", is_flag=True, help="Stop when the workspace is made.")
@actor_option
def command(
    folder: Path,
    directory: Path,
    period: str | None,
    msp_id: str | None,
    msp_name: str | None,
    answers_file: Path | None,
    no_run: bool,
    actor: str | None,
) -> None:
    """Make a workspace in DIRECTORY from a FOLDER of one month's exports, and run the month; in a workspace
    that is there, land the next month's exports and run it.

    Every file is recognised by its columns and contents. What no file shows is asked; without a terminal, the
    questions are written to the file of --answers (exit code 2), to be filled in. Nothing is guessed: a file
    that is not understood is asked about or named as left out. Who landed what is entered in the ledger.
    """
    who = named(actor, os.environ)
    if (directory / FILE_NAME).is_file():
        again(folder, directory, period, msp_id, msp_name, answers_file, no_run, who)
        return
    answers = read_answers(answers_file)
    told: set[tuple[str, str]] = set()

    def planned() -> Plan:
        found = plan(folder, answers, period)
        _tell_left(found, told)  # before any question: without these files some have no answer
        return found

    found = asked(planned, answers, answers_file)
    if found.lacking:
        raise ConfigError(f"{folder}: {found.lacking}")
    msp = msp_id or re.sub("[^a-z0-9]+", "_", directory.resolve().name.lower()).strip("_") or "msp"
    if not _NAME.fullmatch(msp):
        raise ConfigError(f"--msp {msp!r}: use letters, digits, - or _")
    _tell(found)
    landed = write_workspace(directory, found, msp, msp_name or msp)
    enter_first(Workspace.open(WorkspacePaths(directory.resolve())), msp, found.period, who)
    click.echo(f"{plural(landed, 'file')} landed for {found.period}; settings: {directory / 'mbr.yml'}")
    run_or_say(directory, found.period, msp, no_run, who)


def _tell(found: Plan) -> None:
    for source in found.sources:
        for export in source.files:
            click.echo(f"{shown(export.name)}: {export.dataset} of {source.name}, {export.why}")
    for note in found.notes:
        click.echo(f"note: {shown(note)}")


def _tell_left(found: Plan, told: set[tuple[str, str]]) -> None:
    """Name the files that are left out, each once."""
    for name, reason in found.left:
        if (name, reason) not in told:
            click.echo(f"LEFT OUT: {shown(name)}: {shown(reason)}")
    told.update(found.left)
