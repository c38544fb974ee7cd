"""Many MSPs in one command, side by side in workers: one that fails and one whose worker is killed cost only
themselves.

Belongs here: what becomes of the others, met by a process of its own. Does not: two or three MSPs, which run
one after another (``test_several_msps``), and how many workers there are (tests/cli/run).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.command import MBR, environment, mbr
from tests.support.small import PERIOD, settings, write, write_msp

MSPS = ["acme", "birch", "cedar", "dogwood"]

pytestmark = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="on one core MSPs run one after another"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    write(root / "mbr.yml", settings(MSPS))
    for msp_id in MSPS:
        write_msp(root, msp_id)
    return root


def _begun(root: Path) -> subprocess.Popen[str]:
    """Start the month of all, and wait until a worker is at one."""
    run = subprocess.Popen(
        [str(MBR), "run", "--workspace", str(root), "--period", PERIOD, "--json"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    months = [WorkspacePaths(root).month(msp_id, Period(PERIOD)) for msp_id in MSPS]
    _until(lambda: any(month.warehouse_file.exists() for month in months), run)
    return run


def _until(is_so: Callable[[], bool], run: subprocess.Popen[str] | None = None) -> None:
    while not is_so():
        assert run is None or run.poll() is None, "it ended before"
        time.sleep(0.01)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(text) for text in listed.read_text(encoding="ascii").split()] if listed.exists() else []


def _told(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("mbr: ")]


def _published(root: Path) -> list[str]:
    return [msp_id for msp_id in MSPS if (root / "published" / msp_id / PERIOD).exists()]


def test_a_month_that_fails_and_a_worker_that_is_killed_cost_only_themselves(root: Path) -> None:
    write(root / "reports/dogwood", "in the way")
    run = _begun(root)
    killed, other = _children(run.pid)
    os.kill(killed, signal.SIGKILL)
    printed, said = run.communicate(timeout=300)
    assert run.returncode == 1
    [lost] = [line for line in _told(said) if "was killed by signal 9" in line]
    assert lost.startswith(f"mbr: acme {PERIOD}: its process was killed by signal 9: ")
    assert [line.split(" ")[1] for line in _told(said) if "step " in line] == ["dogwood"]
    results = json.loads(printed.splitlines()[-1])["results"]
    assert [(each["msp_id"], each["gate"]) for each in results] == [("birch", "passed"), ("cedar", "passed")]
    assert _published(root) == ["birch", "cedar"]
    assert f"acme {PERIOD}: failed, " in said and f"cedar {PERIOD}: published, " in said
    assert not Path(f"/proc/{other}").exists()
    rows = mbr("sql", "select distinct msp_id from fct_reconciliation order by 1", "--workspace", root)
    assert rows.stdout.count("birch") == rows.stdout.count("cedar") == 1
    (root / "reports/dogwood").unlink()
    again = mbr("run", "--workspace", root, "--period", PERIOD, "--json")
    assert again.returncode == 0
    assert _published(root) == MSPS
    assert [line for line in _told(again.stderr) if "marked as failed" in line] == [
        line for line in _told(again.stderr) if "of acme|" in line
    ]


def test_one_interrupt_ends_all_workers_and_says_what_was_not_begun(root: Path) -> None:
    run = _begun(root)
    workers = _children(run.pid)
    os.killpg(run.pid, signal.SIGINT)  # as the terminal does
    printed, said = run.communicate(timeout=300)
    assert run.returncode == 1
    # a library may drop it in one of them, which then comes to its end
    outlived = [each["msp_id"] for each in json.loads(printed.splitlines()[-1])["results"]]
    *ended, last = _told(said)
    assert sorted([line.split(" ")[1] for line in ended] + outlived) == ["acme", "birch"]
    assert all("interrupted" in line for line in ended), ended
    assert last.startswith("mbr: interrupted; not begun: cedar, dogwood; run the same command again for ")
    assert _published(root) == outlived
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_workers_end_with_a_command_that_is_killed_and_the_next_one_publishes_all(root: Path) -> None:
    run = _begun(root)
    workers = _children(run.pid)
    assert len(workers) == 2
    run.kill()
    run.communicate()
    _until(lambda: not any(_is_alive(pid) for pid in workers))
    # a worker notices within half a second on a busy machine: a month may be whole by then, none is begun
    assert set(_published(root)) <= {"acme", "birch"}
    again = mbr("run", "--workspace", root, "--period", PERIOD, "--json")
    assert (again.returncode, _published(root)) == (0, MSPS)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # whoever adopted it has not looked yet
