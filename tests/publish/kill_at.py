"""Ends a process at one moment of a publication, as a kill would.

Belongs here: what a child process runs, importing little. Does not: what must hold afterwards
(``test_interrupted``).
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.publish.versions import switch_to
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import WorkspacePaths

_CHANGES = {
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.utime",
    "shutil.copyfile",
    "shutil.rmtree",
}


def publish_folder(root: Path, candidate: Path) -> None:
    """Publish the files of a folder as acme's October and refresh the catalogue: all but the certificate."""
    hashes = {file.stem: sha256_of(file) for file in candidate.iterdir()}
    switch_to(root / "published/acme/2026-10", candidate, hashes)
    refresh_catalogue(WorkspacePaths(root))


def publish_and_die(root: Path, candidate: Path, moment: int) -> None:
    """Publish, and kill this process just before its ``moment``-th change of a file or folder."""
    left = moment

    def count(event: str, _: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _CHANGES:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    publish_folder(root, candidate)
