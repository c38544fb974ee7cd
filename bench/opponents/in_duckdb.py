"""Runs ``tight.sql`` or ``floor.sql`` over a workspace, as
``python -m bench.opponents.in_duckdb tight WORKSPACE``.

What belongs here: opening DuckDB in the right folder; what is computed is in the SQL alone.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import duckdb


def main(name: str, workspace: Path) -> None:
    """Run the script of that name inside the workspace."""
    script = Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
    (workspace / "opponents").mkdir(exist_ok=True)
    before = Path.cwd()
    os.chdir(workspace)
    try:
        with duckdb.connect() as connection:
            connection.execute(script)
    finally:
        os.chdir(before)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.opponents.in_duckdb")
    parser.add_argument("name", choices=("tight", "floor"))
    parser.add_argument("workspace", type=Path)
    given = parser.parse_args()
    main(given.name, given.workspace)
