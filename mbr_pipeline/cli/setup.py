"""`mbr setup`: from a folder of exports to the first month, asking only what no file shows.

What belongs here: asking on the terminal, and what is printed. What does not: recognising files
(``mbr_pipeline.setup``).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.profiling.proposal import Question
from mbr_pipeline.safe_text import shown
from mbr_pipeline.setup.exports import key_of
from mbr_pipeline.setup.plan import Plan, plan
from mbr_pipeline.setup.workspace_files import write_workspace
from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.workspace.paths import WorkspacePaths

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
def command(
    folder: Path,
    directory: Path,
    period: str | None,
    msp_id: str | None,
    msp_name: str | None,
    answers_file: Path | None,
    no_run: bool,
) -> None:
    """Make a workspace in DIRECTORY from a FOLDER of one month's exports, and run the month.

    Every file is recognised by its columns and contents. What no file shows is asked; without a terminal, the
    questions are written to the file of --answers (exit code 2), to be filled in. Nothing is guessed: a file
    that is not understood is asked about or named as left out.
    """
    answers = _read(answers_file)
    found = _asked(folder, answers, period, answers_file)
    if found.lacking:
        raise ConfigError(f"{folder}: {found.lacking}")
    msp = msp_id or re.sub("[^a-z0-9]+", "_", directory.resolve().name.lower()).strip("_") or "msp"
    if not _NAME.fullmatch(msp):
        raise ConfigError(f"--msp {msp!r}: use letters, digits, - or _")
    _tell(found)
    landed = write_workspace(directory, found, msp, msp_name or msp)
    click.echo(f"{landed} files landed for {found.period}; settings: {directory / 'mbr.yml'}")
    if no_run:
        click.echo(f"Next: mbr run --workspace {directory} --period {found.period}")
        return
    _run(directory, found.period)


def _asked(folder: Path, answers: dict[str, dict[str, Any]], period: str | None, file: Path | None) -> Plan:
    """Ask until nothing is open; each answer may settle others."""
    while (found := plan(folder, answers, period)).questions:
        if not sys.stdin.isatty():
            raise ConfigError(_left_open(found, answers, file))
        name, question = found.questions[0]
        click.echo(f"\n{shown(name) if name else 'The folder'}: {len(found.questions)} to decide")
        answers.setdefault(name, {})[key_of(question.key)] = _answer(question)
        if file:
            write_text(file, yaml.safe_dump(answers, sort_keys=False, allow_unicode=True))
    return found


def _answer(question: Question) -> Any:
    click.echo(f"  {shown(question.text)}")
    for number, option in enumerate(question.options, 1):
        click.echo(f"    {number}  {shown(str(option))}")
    text = click.prompt("  a number, or what else stands there" if question.options else "  answer").strip()
    if text.isdecimal() and 1 <= int(text) <= len(question.options):
        return question.options[int(text) - 1]
    return yaml.safe_load(text) if text.startswith("{") else text


def _left_open(found: Plan, answers: dict[str, dict[str, Any]], file: Path | None) -> str:
    for name, question in found.questions:
        answers.setdefault(name, {}).setdefault(key_of(question.key), f"TODO {question.text}")
    many = f"{len(found.questions)} thing{'s' if len(found.questions) > 1 else ''} to decide"
    first_name, first = found.questions[0]
    if file is None:
        return (
            f"{many}, first: {first_name or 'the folder'}: {first.text}: run it on a terminal, or give"
            " --answers FILE"
        )
    write_text(file, yaml.safe_dump(answers, sort_keys=False, allow_unicode=True))
    return f"{many}: they stand in {file} as TODO: fill them in and run the same command again"


def _read(file: Path | None) -> dict[str, dict[str, Any]]:
    if file is None or not file.exists():
        return {}
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{file}: cannot be read as YAML: correct it or remove it") from error
    if not isinstance(content, dict) or not all(isinstance(part, dict) for part in content.values()):
        raise ConfigError(f"{file}: write answers below the names of files, as `mbr setup --answers` does")
    return {
        name: {key: value for key, value in part.items() if not str(value).startswith("TODO")}
        for name, part in content.items()
    }


def _tell(found: Plan) -> None:
    for source in found.sources:
        for export in source.files:
            click.echo(f"{shown(export.name)}: {export.dataset} of {source.name}, {export.why}")
    for note in found.notes:
        click.echo(f"note: {shown(note)}")
    for name, reason in found.left:
        click.echo(f"LEFT OUT: {shown(name)}: {shown(reason)}")


def _run(directory: Path, period: str) -> None:
    from mbr_pipeline.cli.run import _leave, run_command  # Dagster takes seconds to import

    workspace = WorkspacePaths(directory.resolve())
    code = run_command(workspace, period, None, False)
    from mbr_pipeline.cli.map.output import suggest_command
    from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD

    suggest_command(workspace, period, None, DEFAULT_THRESHOLD, False)
    _leave(code)
