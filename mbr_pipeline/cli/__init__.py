"""The command line `mbr`: one file per command, loaded by its name when it is asked for (contract §7).

What belongs here: which commands there are. What does not: their options, words and work: a command `x` is
the object ``command`` of ``mbr_pipeline.cli.x``.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import click

from mbr_pipeline.cli.messages import say, say_warnings
from mbr_pipeline.cli.streams import open_closed_streams, print_anything, refuse_unreadable
from mbr_pipeline.errors import MbrError

_COMMANDS = {
    "init": "Make a workspace: empty and commented, or a filled demo.",
    "setup": "Make a workspace from a folder of exports, and run the month.",
    "land": "Check files as a run will read them, and land them.",
    "run": "Land, reconcile, gate and publish a month.",
    "fetch": "Fetch a month from vendors' systems into landing/.",
    "sources": "The systems that records are fetched from.",
    "map": "Suggest what is unmapped, and add the rows you accept.",
    "sql": "Query the published marts, also while a run is writing.",
    "explain": "Derive an exception from its raw records, to the cent.",
    "decide": "Decide exceptions, one or many.",
    "ledger": "Print an MSP's chain of entries.",
    "close": "Close a published month: later runs change nothing in it.",
    "reopen": "Open a closed month again, for a late credit or an error.",
    "seal": "Seal a closed month: it can never be opened again.",
    "restatement": "Print what changed between two versions of a month.",
    "diff": "Print what differs between two publications of a month.",
    "status": "Show where every month stands, and what is next.",
    "export": "Write a closed month's files for accounting and others.",
    "alerts": "What is wrong now, and telling people of it.",
    "evidence": "Write a closed month as one file for an auditor.",
    "verify": "Check that nothing changed since it was recorded.",
    "serve": "Open the billing team's page in a browser.",
    "people": "Set the passwords of those who sign in to the page.",
    "ui": "Open the Dagster UI, with the daemon that runs the schedule.",
    "doctor": "Look for what crashes left behind, and mend it.",
    "clean": "Show what has piled up, and remove it.",
    "deploy": "A server that runs MBR by itself: check it, serve its UI.",
    "world": "Make a workspace with a known answer, or check it.",
    "profile": "Propose how a vendor's CSV or XLSX file is to be read.",
}
"""Every command, and what `mbr --help` says of it: no module is imported for that."""


class _ByName(click.Group):
    """A group whose commands are imported when they are named: `mbr sql` must not wait for Dagster."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        found: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=_ByName, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mbr")
def commands() -> None:
    """Managed Billing Reconciliation: land, reconcile, gate and publish an MSP's month."""


def main() -> None:
    """Run a command, here or forked from a warm process, and end with its exit code."""
    from mbr_pipeline.cli import warm

    open_closed_streams()
    try:
        code = warm.answered()
    except MbrError as error:
        sys.exit(say(error))
    except KeyboardInterrupt:
        sys.exit(say(click.Abort()))
    if code is not None:
        warm.end_as(code)
    done_here()


def done_here() -> None:
    """Run a command in this process; every expected error is one line on standard error and its exit code."""
    # modules are hundreds of thousands of objects that all stay: looking through them for garbage again and
    # again while they are imported takes a sixth of the time
    gc.set_threshold(100_000, 50, 50)
    print_anything()
    say_warnings()
    try:
        refuse_unreadable(sys.argv[1:])
        # also when started as `python -m`: messages name commands to type as `mbr`
        commands(prog_name="mbr", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - raised again unless it is an expected one
        sys.exit(say(error))
