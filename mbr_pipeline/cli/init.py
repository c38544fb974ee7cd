"""`mbr init`: a new workspace, empty and commented, or the demo.

What belongs here: the command. What does not: the files (``mbr_pipeline.scaffold``).
"""

from __future__ import annotations

from pathlib import Path

import click

from connectors.counted import plural
from mbr_pipeline.scaffold.create import create_workspace


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--demo", is_flag=True, help="Fill it with two invented MSPs and three months of data.")
def command(directory: Path, demo: bool) -> None:
    """Make a workspace in DIRECTORY: empty and commented, or a filled demo."""
    files = create_workspace(directory, demo)
    click.echo(f"{plural(len(files), 'file')} written to {directory}.")
    click.echo(f"Next: mbr run --workspace {directory} --period {'2026-10' if demo else 'YYYY-MM'}")
