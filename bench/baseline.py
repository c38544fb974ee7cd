"""Runs the hand-written script over a workspace, as ``python -m bench.baseline WORKSPACE``.

What belongs here: opening DuckDB in the right folder. The arithmetic is ``handwritten.sql``
alone, which also runs in the ``duckdb`` shell.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import duckdb


def run_baseline(workspace: Path) -> Path:
    """Execute the script inside the workspace and return the folder with its Parquet results.

    Args:
        workspace: A workspace written by ``bench.generate``.

    Returns:
        ``<workspace>/baseline``.

    Raises:
        duckdb.Error: A file is missing or holds what the script does not handle.
    """
    script = Path(__file__).with_name("handwritten.sql").read_text(encoding="utf-8")
    results = workspace / "baseline"
    results.mkdir(exist_ok=True)
    before = Path.cwd()
    os.chdir(workspace)
    try:
        with duckdb.connect() as connection:
            connection.execute(script)
    finally:
        os.chdir(before)
    return results


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.baseline")
    parser.add_argument("workspace", type=Path)
    print(run_baseline(parser.parse_args().workspace))


if __name__ == "__main__":
    main()
