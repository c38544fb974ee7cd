"""Hashes of the rows of many months, one line a table.

``python -m tools.row_hashes --worlds 50 [--workspace DIR …]``: two commits that print the same lines compute
the same published rows in the same order. Worlds are those of the campaign's seeds; a workspace's tables are
read from ``published/`` and ``reports/…/blocked/``. What belongs here: hashing rows. What the right rows are
is the campaign's to say (``tests.worlds.campaign``).
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from tests.worlds.campaign import draw, months_of
from tests.worlds.compare import run_month
from tests.worlds.compiled import CompiledTransformer


def rows_hash(tables: Path) -> Iterator[tuple[str, int, str]]:
    """Yield (table, number of rows, SHA-256 over the rows in order) of each Parquet file of a folder."""
    for file in sorted(tables.glob("*.parquet")):
        rows = pq.read_table(file).to_pylist()
        digest = hashlib.sha256()
        for row in rows:
            digest.update(repr(sorted(row.items())).encode())
        yield file.stem, len(rows), digest.hexdigest()


def _worlds(start: int, worlds: int) -> Iterator[tuple[str, Path]]:
    with CompiledTransformer() as transformer:
        for seed in range(start, start + worlds):
            with tempfile.TemporaryDirectory() as folder:
                world = draw(seed, Path(folder))
                for msp_id, period in months_of(world):
                    staged, _ = run_month(world.directory, msp_id, period, transformer)
                    yield f"world {seed} {msp_id} {period}", staged


def _workspace(root: Path) -> Iterator[tuple[str, Path]]:
    for kind, pattern in (("published", "published/*/*"), ("blocked", "reports/*/*/blocked")):
        for folder in sorted(root.glob(pattern)):
            if any(folder.glob("*.parquet")):
                yield f"{root.name} {kind} {folder.relative_to(root).as_posix()}", folder


def main() -> None:
    """Print the lines, and one hash over all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--worlds", type=int, default=0, help="how many worlds")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument(
        "--workspace", type=Path, action="append", default=[], help="a workspace that has been run"
    )
    arguments = parser.parse_args()
    every = hashlib.sha256()
    folders = [pair for root in arguments.workspace for pair in _workspace(root)]
    for source in (iter(folders), _worlds(arguments.start, arguments.worlds)):
        for name, folder in source:
            for table, rows, digest in rows_hash(folder):
                line = f"{name} {table} {rows} {digest}"
                every.update(line.encode())
                print(line, flush=True)
    print(f"all {every.hexdigest()}")


if __name__ == "__main__":
    main()
