"""A month's run as the store sees it, and a landing, in this process or in one that dies on the way.

Belongs here: the steps around the store, a run's in the order of ``mbr_pipeline.monthly_close``. Does not:
what must hold afterwards. It imports little: children are forked from it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from mbr_pipeline.decide import landing as decided
from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.mirror import opening
from mbr_pipeline.publish import publication, stored
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.small import PERIOD, write

_CHANGES = {"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.utime"}
_CHANGES |= {"shutil.copyfile", "shutil.rmtree"}
_REQUESTS = ("list", "read", "put_new", "replace")


def begin(root: Path, token: int | None = None) -> None:
    workspace = Workspace.open(WorkspacePaths(root))
    stored.begin(workspace, workspace.month("acme", PERIOD), token)


def finish(root: Path, inputs: str) -> None:
    """Publish the audited tables and send the report."""
    workspace = Workspace.open(WorkspacePaths(root))
    month = workspace.month("acme", PERIOD)

    def send(hashes: Mapping[str, str]) -> str | None:
        return stored.send_tables(workspace, month, hashes, inputs)

    publication.publish(month, inputs, send)
    write(month.report / "gate.json", inputs)
    stored.send_report(workspace, month)


def run(root: Path, inputs: str) -> None:
    begin(root)
    finish(root, inputs)


def land(root: Path, file: str) -> None:
    """Land a file in place of the one that is landed."""
    workspace = Workspace.open(WorkspacePaths(root))
    place = Place.of(workspace, "acme", PERIOD, "vendor", "vendor_charges")
    decided.land(place, "anna", [root / "desk" / file / "vendor_charges.csv"], ["vendor_charges.csv"])


def dying(work: Callable[[Path, str], None], root: Path, what: str, moment: int, environment: Any) -> None:
    """Do something, and kill this process just before its ``moment``-th request or change of a file."""
    os.environ.update(environment)  # that of whoever forks was taken before a server ran
    left = moment

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(lambda event, _: count() if event in _CHANGES else None)
    open_store = opening.store_at

    def watched(storage: Any) -> Any:
        store = open_store(storage)
        for name in _REQUESTS:
            setattr(store, name, partial(_after, count, getattr(store, name)))
        return store

    opening.store_at = watched
    work(root, what)


def _after(count: Any, request: Any, *arguments: Any) -> Any:
    count()
    return request(*arguments)
