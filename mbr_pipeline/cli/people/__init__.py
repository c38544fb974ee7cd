"""`mbr people`: who signs in to the page (contract §12).

What belongs here: options and asking for a password. What does not: keeping it
(``mbr_pipeline.serve.signin.passwords``), and who may do what (``people`` in ``mbr.yml``).
"""

from __future__ import annotations

import getpass
import sys

import click

from mbr_pipeline.cli.options import json_option, workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.paths import WorkspacePaths


@click.group()
def command() -> None:
    """Set the passwords of the people who sign in to `mbr serve`."""


@command.command()
@workspace_option
@click.argument("name")
@json_option
def passwd(workspace: WorkspacePaths, name: str, as_json: bool) -> None:
    """Set a person's password, who is named under `people` in mbr.yml.

    It is asked for twice and not shown; where standard input is no terminal, its first line is the password.
    Whoever is signed in with the old one is signed out.
    """
    from mbr_pipeline.serve.signin.passwords import set_password
    from mbr_pipeline.workspace.workspace import Workspace

    opened = Workspace.open(workspace)
    if name not in opened.settings.people:
        raise ConfigError(f"{name} is not among `people` in mbr.yml: write the name and its roles there")
    was = set_password(opened, name, _asked(name))
    if as_json:
        print_json({"person": name, "is_new": not was})
    else:
        print(f"{name} has a {'new ' if was else ''}password")


def _asked(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(f"New password of {name}: ")
    if getpass.getpass("Once more: ") != password:
        raise ConfigError("the two are not the same, nothing was changed: try again")
    return password
