"""Options that several commands of `mbr` share.

What belongs here: an option's name, type, default and help, once. What does not: commands.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from mbr_pipeline.workspace.paths import WorkspacePaths


class _Workspace(click.ParamType[WorkspacePaths]):
    name = "DIR"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> WorkspacePaths:
        return WorkspacePaths(Path(str(value)).resolve())


workspace_option = click.option(
    "--workspace",
    "-w",
    type=_Workspace(),
    default=lambda: os.environ.get("MBR_WORKSPACE", "."),
    show_default="$MBR_WORKSPACE, else the current folder",
    help="The workspace: the folder with mbr.yml.",
)
