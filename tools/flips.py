"""Flips bytes of a workspace, one at a time, and counts how many `mbr verify` detects where they are:
``python -m tools.flips WORKSPACE --count 1000 --seed 1``.

Belongs here: choosing bytes and judging what was found. Does not: the checks
(``mbr_pipeline.release.verify``). It works in a copy of the workspace. Kinds of files are chosen evenly, then
a file, then a byte of it, then another value for it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.release.verify.workspace import check_workspace
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

KINDS = {
    "ledger": ("ledger/ledger.sqlite",),
    "published": ("published/*/*.versions/**/*",),
    "exported": ("exports/*/*/v*/**/*",),
    "packs": ("exports/*/*/*.zip",),
}
"""Which files are of which kind; landed ones are those of closed months."""


@dataclass(frozen=True)
class Flip:
    """One byte changed: what it was, what it is, and whether that was detected and its file named."""

    kind: str
    file: str
    offset: int
    before: int
    after: int
    detected: bool
    named: bool


def flips(root: Path, count: int, seed: int) -> Iterator[Flip]:
    """Yield what became of ``count`` flips in a workspace whose files are sound and whose months are closed.
    Each byte is put back.
    """
    chosen = random.Random(seed)
    workspace = Workspace.open(WorkspacePaths(root))
    landed = tuple(f"landing/{month}/**/*" for month in _closed(workspace))
    files = {kind: _files(root, patterns) for kind, patterns in {**KINDS, "landed": landed}.items()}
    kinds = [kind for kind, found in files.items() if found]
    for _ in range(count):
        kind = chosen.choice(kinds)
        path = chosen.choice(files[kind])
        content = path.read_bytes()
        offset = chosen.randrange(len(content))
        after = content[offset] ^ chosen.randrange(1, 256)
        path.write_bytes(content[:offset] + bytes([after]) + content[offset + 1 :])
        try:
            places = [finding.place for finding in check_workspace(workspace).faults]
        finally:
            path.write_bytes(content)
        name = path.relative_to(root).as_posix()
        # tables of a publication that nobody closed are named by their folder
        named = any(place.startswith(name) or name.startswith(f"{place}/") for place in places)
        yield Flip(kind, name, offset, content[offset], after, bool(places), named)


def _closed(workspace: Workspace) -> Iterator[str]:
    """Yield the closed months as ``<msp_id>/<period>``."""
    for msp_id in workspace.msp_ids():
        entries = chain(workspace.paths, msp_id)
        for period in sorted({entry.period for entry in entries if entry.kind == "close" and entry.period}):
            if closing_of(entries, period).state != "open":
                yield f"{msp_id}/{period}"


def _files(root: Path, patterns: tuple[str, ...]) -> list[Path]:
    found = {path for pattern in patterns for path in root.glob(pattern)}
    return sorted(path for path in found if path.is_file() and not path.is_symlink() and path.stat().st_size)


def main(arguments: list[str] | None = None) -> int:
    """Run a campaign; 0 where every flip was detected and its file named."""
    parser = argparse.ArgumentParser(prog="python -m tools.flips", description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    total, detected, named = Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(asked.workspace, Path(folder) / "copy", symlinks=True))
        for flip in flips(root, asked.count, asked.seed):
            total[flip.kind] += 1
            detected[flip.kind] += flip.detected
            named[flip.kind] += flip.named
            if not flip.named:
                print(f"{flip.file} byte {flip.offset}: {flip.before:#04x} -> {flip.after:#04x} {flip}")
    for kind in total:
        print(f"{kind:10} {total[kind]:5} flips, {detected[kind]:5} detected, {named[kind]:5} named")
    print(
        f"seed {asked.seed}: {detected.total()} of {total.total()} detected, {named.total()} with their file"
    )
    return 0 if total.total() and named == total else 1


if __name__ == "__main__":
    sys.exit(main())
