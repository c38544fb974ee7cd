"""The command line `mbr`: thin, each command calls one function (contract §7).

What belongs here: options, help texts, exit codes and what people read on the terminal. What does not: work.
Heavy imports happen inside commands: `mbr sql` must not wait for Dagster.
"""

from __future__ import annotations

import codecs
import os
import sys
from io import TextIOWrapper
from pathlib import Path

import click
from click.core import ParameterSource

from connectors.datasets import DATASETS
from mbr_pipeline.cli.map import map_group
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.errors import MbrError
from mbr_pipeline.workspace.paths import WorkspacePaths


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mbr")
def commands() -> None:
    """Managed Billing Reconciliation: land, reconcile, gate and publish an MSP's month."""


@commands.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--demo", is_flag=True, help="Fill it with two invented MSPs and three months of data.")
def init(directory: Path, demo: bool) -> None:
    """Make a workspace in DIRECTORY: empty and commented, or a filled demo."""
    from mbr_pipeline.scaffold.create import create_workspace

    files = create_workspace(directory, demo)
    click.echo(f"{len(files)} files written to {directory}.")
    click.echo(f"Next: mbr run --workspace {directory} --period {'2026-10' if demo else 'YYYY-MM'}")


@commands.command()
@workspace_option
@click.option("--period", required=True, metavar="YYYY-MM", help="The month to close.")
@click.option("--msp", "msp_id", metavar="ID", help="One MSP; without it, all of mbr.yml.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object as the last line of standard output."
)
def run(workspace: WorkspacePaths, period: str, msp_id: str | None, as_json: bool) -> None:
    """Land, reconcile, gate and publish a month.

    Exit code: 0 published, 2 usage or configuration, 3 a gate blocked, 4 the period is locked, 1 anything
    else.
    """
    from mbr_pipeline.cli.run import run_command

    _leave(run_command(workspace, period, msp_id, as_json))


@commands.command()
@workspace_option
@click.option("--period", required=True, metavar="YYYY-MM", help="The month to fetch.")
@click.option("--msp", "msp_id", metavar="ID", help="One MSP; without it, all of mbr.yml.")
@click.option("--source", metavar="NAME", help="One source; without it, all that name a system as connector.")
@click.option(
    "--again", is_flag=True, help="Fetch also what is there already; a newer file replaces an older one."
)
@click.option("--dry-run", is_flag=True, help="Say what would be fetched, and send nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object as the last line of standard output."
)
def fetch(
    workspace: WorkspacePaths,
    period: str,
    msp_id: str | None,
    source: str | None,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Fetch a month from vendors' systems into landing/: every dataset complete, or nothing of it.

    What is there already stays. Credentials come from the environment: `mbr sources check` names the
    variables. Exit code: 0 everything is there, 1 something could not be fetched (run again to fetch only
    that), 2 usage or configuration.
    """
    from mbr_pipeline.cli.fetch import fetch_command

    sys.exit(fetch_command(workspace, period, msp_id, source, again, dry_run, as_json))


@commands.group()
def sources() -> None:
    """The systems that records are fetched from."""


@sources.command("check")
@workspace_option
@click.option("--msp", "msp_id", metavar="ID", help="One MSP; without it, all of mbr.yml.")
@click.option("--source", metavar="NAME", help="One source; without it, all that name a system as connector.")
def sources_check(workspace: WorkspacePaths, msp_id: str | None, source: str | None) -> None:
    """Try credentials and permissions, and say what is missing. Nothing is fetched.

    Exit code: 0 all can be read, 1 something is missing, 2 usage or configuration.
    """
    from mbr_pipeline.cli.fetch import check_command

    sys.exit(check_command(workspace, msp_id, source))


@commands.command()
@click.argument("query")
@workspace_option
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print.",
)
def sql(query: str, workspace: WorkspacePaths, output: str) -> None:
    """Query the published marts, read-only; works while a run is writing.

    Example: mbr sql "select exception_code, count(*) from fct_exceptions group by 1"
    """
    from mbr_pipeline.cli.sql import query_command

    query_command(workspace, query, output)


@commands.command()
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
def explain(
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
    from mbr_pipeline.cli.explain import explain_command

    explain_command(workspace, exception_id, client_id, period, msp_id, everything, as_json)


@commands.command()
@workspace_option
@click.option(
    "--port", default=3000, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1."
)
def ui(workspace: WorkspacePaths, port: int) -> None:
    """Open the workspace in the Dagster UI on this machine, with the daemon that runs the schedule."""
    from mbr_pipeline.cli.ui import ui_command

    ui_command(workspace, port)


@commands.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--seed",
    default=1,
    show_default=True,
    metavar="N",
    type=int,
    help="The same seed and options make the same files.",
)
@click.option(
    "--clients",
    default=8,
    show_default=True,
    metavar="N",
    type=click.IntRange(1, 5000),
    help="Clients per MSP.",
)
@click.option(
    "--periods",
    default=3,
    show_default=True,
    metavar="N",
    type=click.IntRange(1, 36),
    help="Months; the last has the findings.",
)
@click.option(
    "--msps",
    default="1",
    show_default=True,
    type=click.Choice(["1", "2"]),
    help="MSPs; the first has the findings.",
)
@click.option(
    "--inject",
    multiple=True,
    metavar="CODE[:SIZE]",
    help=(
        "What to hide, minor, typical or gross; can be repeated.  [default: every exception code once,"
        " typical]"
    ),
)
@click.option("--check", is_flag=True, help="Make nothing: compare what was found in DIR with its answers.")
@click.pass_context
def world(
    context: click.Context,
    directory: Path,
    seed: int,
    clients: int,
    periods: int,
    msps: str,
    inject: tuple[str, ...],
    check: bool,
) -> None:
    """Make a workspace with a known answer in DIR, or --check what was found in it.

    Exit code of --check: 0 as hidden, 1 anything differs or no month has run, 2 usage or configuration.
    """
    from mbr_pipeline.cli.world import check_command, make_command

    if not check:
        make_command(directory, seed, clients, periods, int(msps), inject)
        return
    given = [
        name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if set(given) - {"directory", "check"}:
        raise click.UsageError("--check compares what is there: leave out every other option")
    sys.exit(check_command(WorkspacePaths(directory.resolve())))


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--dataset",
    required=True,
    type=click.Choice(list(DATASETS)),
    metavar="NAME",
    help="The dataset that it is to be read as.",
)
@click.option(
    "--source",
    default="vendor",
    show_default=True,
    metavar="NAME",
    help="What the source is to be called in mbr.yml.",
)
def profile(file: Path, dataset: str, source: str) -> None:
    """Propose how a vendor's CSV or XLSX FILE is to be read.

    Prints a source for mbr.yml, with the reason of every line, and the first rows as they would come out.
    What the file does not show is marked TODO.
    """
    from mbr_pipeline.cli.profile import profile_command

    profile_command(file, dataset, source)


commands.add_command(map_group)


def main() -> None:
    """Run a command; every expected error is one line on standard error and the contract's exit code."""
    _print_anything()
    try:
        commands(
            prog_name="mbr", standalone_mode=False
        )  # whatever started it: its messages name commands to type
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        print(f"mbr: {_usage(error)}", file=sys.stderr)
        sys.exit(2)
    except click.Abort:
        print("mbr: interrupted; run the same command again to continue", file=sys.stderr)
        sys.exit(1)
    except MbrError as error:
        print(f"mbr: {_one_line(error)}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        print(
            f"mbr: {_one_line(error)}: check the path, its permissions and the space left, then run again",
            file=sys.stderr,
        )
        sys.exit(1)


def _leave(code: int) -> None:
    """End the process at once: everything is closed and flushed, and tearing down Dagster's modules takes
    more than a second.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _usage(error: click.ClickException) -> str:
    problem = _one_line(error.format_message()).removesuffix(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f'{problem}: see "{context.command_path} --help"' if context else problem


def _one_line(error: Exception | str) -> str:
    """Join the lines of a message; control characters that a file or an argument brought along are shown, not
    obeyed.
    """
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in " ".join(str(error).split()))


_PLAIN = {
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "...",
    "×": "x",
    "→": "->",
    "≠": "<>",
    "≤": "<=",
    "≥": ">=",
    "·": ".",
}


def _print_anything() -> None:
    """Have characters that a stream's encoding lacks written otherwise, where Python would end in an
    error.
    """
    codecs.register_error("mbr", _in_plain_characters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="mbr")


def _in_plain_characters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return (
        "".join(_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing),
        error.end,
    )
