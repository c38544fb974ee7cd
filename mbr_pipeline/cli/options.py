"""Options that several commands of `mbr` share.

What belongs here: an option's name, type, default and help, once. What does not: commands.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import click

from mbr_pipeline.errors import MbrError
from mbr_pipeline.mirror.named import may_have_store
from mbr_pipeline.workspace.paths import WorkspacePaths

_LOG = logging.getLogger(__name__)


class _Workspace(click.ParamType[WorkspacePaths]):
    name = "DIR"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> WorkspacePaths:
        return WorkspacePaths(Path(str(value)).resolve())


def _caught_up(ctx: click.Context, _: click.Parameter, workspace: WorkspacePaths) -> WorkspacePaths:
    """Let whatever command comes next show what the workspace's store has, if it has one, and mend the
    catalogue that a killed run left behind its tables.
    """
    if ctx.info_name not in _BRING_THEIRS and may_have_store(workspace):
        from mbr_pipeline.publish.stored import bring_up

        bring_up(workspace)
    if ctx.info_name not in _THEMSELVES and workspace.published.is_dir():
        from mbr_pipeline.publish.catalogue import catch_up

        try:
            catch_up(workspace)
        except MbrError as error:  # it is not what the command is asked for
            _LOG.warning("%s", error)
    return workspace


_BRING_THEIRS = ("run", "land", "fetch", "init", "world", "setup", "store", "worker")
"""Commands that work on few months of perhaps many thousands, and those that make a workspace. And that of a
worker, whose processes are forked: they would lack the threads by which their parent has spoken to S3, and
wait for them for ever.
"""

_THEMSELVES = ("sql", "explain", "verify", "worker")
"""Commands that read the catalogue and look after it when they do, and the one that changes nothing. And that
of a worker: DuckDB has threads too.
"""

workspace_option = click.option(
    "--workspace",
    "-w",
    type=_Workspace(),
    default=lambda: os.environ.get("MBR_WORKSPACE", "."),
    callback=_caught_up,
    show_default="$MBR_WORKSPACE, else the current folder",
    help="The workspace: the folder with mbr.yml.",
)


actor_option = click.option(
    "--as", "actor", metavar="NAME", help="Who acts; without it $MBR_ACTOR, else your user."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON value as the last line of output."
)
