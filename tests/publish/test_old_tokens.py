"""Two machines, one publication: who stood still while another took his month over publishes nothing.

Belongs here: an old token, wherever its holder stopped. Does not: leases themselves
(``tests/storage/database/test_leases``). Each machine is a workspace with a warehouse of its own; what they
share is behind links, the ledger is one PostgreSQL.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.publish.publication import publish
from mbr_pipeline.storage.database.leases import HeldElsewhere
from mbr_pipeline.storage.keeping import Kept
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.spread import leases_of, month_name
from tests.publish.tables import audited
from tests.support.postgres import Server

ROOT = Path(__file__).resolve().parents[2]

_PUBLISHES = """
import os, signal, sys
from pathlib import Path
from mbr_pipeline.errors import MbrError
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.publication import publish
from mbr_pipeline.workspace import spread
from mbr_pipeline.workspace.paths import WorkspacePaths

month = WorkspacePaths(Path(sys.argv[1])).month("acme", Period("2026-10"))
moment = sys.argv[2]
lease = spread.keep(month)

def stand_still(event, arguments):
    global moment
    if event == moment and (event != "os.rename" or str(arguments[1]) == str(month.published)):
        moment = None
        os.kill(os.getpid(), signal.SIGSTOP)

sys.addaudithook(stand_still)
sys.audit("begins")
try:
    publish(month, "f00d", lease=lease)
except MbrError as error:
    sys.exit(f"mbr: {error}")
"""


@pytest.fixture
def machines(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> tuple[MonthPaths, ...]:
    """The month as each of two machines sees it: candidate and certified, with other rows."""
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("old_tokens"))
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    monkeypatch.setenv("MBR_LEASE_SECONDS", "1")
    months = []
    for name in ("Older", "Newer"):
        root = tmp_path / name
        root.mkdir()
        for part in ("published", "reports"):
            (tmp_path / "shared" / part).mkdir(parents=True, exist_ok=True)
            (root / part).symlink_to(tmp_path / "shared" / part)
        client = {"client_id": "C-1", "client_name": name}
        months.append(audited(root, clients=[client]))
    return tuple(months)


def _stopped(month: MonthPaths, moment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _PUBLISHES, str(month.workspace.root), moment]
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    _, status = os.waitpid(child.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), f"it ended before it came to {moment}"
    return child


def _taken_over(month: MonthPaths) -> Kept:
    leases, end = leases_of(month.workspace), time.monotonic() + 30
    while True:
        try:
            return Kept(leases, month_name(month))
        except HeldElsewhere:
            assert time.monotonic() < end, "the lease of a process that stands still never ends"
            time.sleep(0.1)


def _published(month: MonthPaths) -> list[str]:
    return pq.read_table(month.published / "dim_client.parquet")["client_name"].to_pylist()


@pytest.mark.parametrize("moment", ["begins", "os.symlink", "shutil.copyfile", "os.rename"])
def test_who_stood_still_and_was_taken_over_publishes_nothing(
    machines: tuple[MonthPaths, MonthPaths], moment: str
) -> None:
    older, newer = machines
    child = _stopped(older, moment)
    lease = _taken_over(newer)
    publish(newer, "f00d", lease=lease)
    child.send_signal(signal.SIGCONT)
    said = child.communicate(timeout=60)[1]
    assert (child.returncode, _published(older)) == (1, ["Newer"]), said
    [line] = said.splitlines()
    assert line.startswith(
        "mbr: acme 2026-10: this process was silent for longer than 1 s, and its token 1 is"
    )
    lease.give_back()
    left = sorted(path.name for path in older.published.parent.iterdir())
    assert left == ["2026-10", "2026-10.versions"]


def test_who_only_stood_still_goes_on(machines: tuple[MonthPaths, MonthPaths]) -> None:
    child = _stopped(machines[0], "os.rename")
    child.send_signal(signal.SIGCONT)
    assert (child.wait(60), _published(machines[0])) == (0, ["Older"])


def test_the_older_one_wins_nothing_by_what_the_newer_one_finds_published_already(
    machines: tuple[MonthPaths, MonthPaths],
) -> None:
    older, newer = machines
    first = Kept(leases_of(newer.workspace), month_name(newer))
    publish(newer, "f00d", lease=first)
    first.give_back()
    child = _stopped(older, "os.rename")
    second = _taken_over(newer)
    publish(newer, "f00d", lease=second)  # equal tables: nothing to change
    child.send_signal(signal.SIGCONT)
    said = child.communicate(timeout=60)[1]
    second.give_back()
    assert (child.returncode, _published(newer)) == (1, ["Newer"]), said


def test_making_the_catalogue_takes_nothing_from_a_worker_that_publishes(
    machines: tuple[MonthPaths, MonthPaths],
) -> None:
    child = _stopped(machines[0], "os.rename")
    refresh_catalogue(WorkspacePaths(machines[1].workspace.root))
    child.send_signal(signal.SIGCONT)
    assert (child.wait(60), _published(machines[0])) == (0, ["Older"])
