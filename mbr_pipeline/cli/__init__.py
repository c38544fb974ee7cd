"""The command line `mbr`: one file per command, loaded by its name when it is asked for (contract §7).

What belongs here: which commands there are. What does not: their options, words and work: a command `x` is
the object ``command`` of ``mbr_pipeline.cli.x``.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from mbr_pipeline.cli.messages import print_anything, say, say_warnings

_COMMANDS = (
    "init",
    "setup",
    "land",
    "run",
    "fetch",
    "sources",
    "map",
    "sql",
    "explain",
    "decide",
    "ledger",
    "close",
    "reopen",
    "seal",
    "restatement",
    "diff",
    "status",
    "export",
    "alerts",
    "evidence",
    "verify",
    "ui",
    "doctor",
    "clean",
    "deploy",
    "world",
    "profile",
)


class _ByName(click.Group):
    """A group whose commands are imported when they are named: `mbr sql` must not wait for Dagster."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        found: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return found


@click.group(cls=_ByName, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mbr")
def commands() -> None:
    """Managed Billing Reconciliation: land, reconcile, gate and publish an MSP's month."""


def main() -> None:
    """Run a command; every expected error is one line on standard error and its exit code."""
    print_anything()
    say_warnings()
    try:
        # also when started as `python -m`: messages name commands to type as `mbr`
        commands(prog_name="mbr", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - raised again unless it is an expected one
        sys.exit(say(error))
