"""A month's run as the store sees it, in this process or in one that dies on the way.

Belongs here: the steps around the store, in the order of ``mbr_pipeline.monthly_close``. Does not: what must
hold afterwards. It imports little: children are forked from it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

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

    def send(hashes: Mapping[str, str]) -> None:
        stored.send_tables(workspace, month, hashes, inputs)

    publication.publish(month, inputs, send)
    write(month.report / "gate.json", inputs)
    stored.send_report(workspace, month)


def run(root: Path, inputs: str) -> None:
    begin(root)
    finish(root, inputs)


def run_and_die(root: Path, inputs: str, moment: int, environment: Mapping[str, str]) -> None:
    """Run, and kill this process just before its ``moment``-th request or change of a file."""
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
    run(root, inputs)


def _after(count: Any, request: Any, *arguments: Any) -> Any:
    count()
    return request(*arguments)
