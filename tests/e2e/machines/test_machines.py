"""Months on several machines, as ``deploy/distributed/`` describes it: PostgreSQL, a broker, two workers that
share no warehouse. Each of them is killed in the middle, and everything finishes by itself.

Belongs here: what only the whole shows. Does not: leases (tests/storage/database), old tokens
(tests/publish), the decisions of ``mbr deploy check`` (tests/upkeep), kills at random moments
(``python -m tests.kills.machines``).
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from tests.support.installation import BIN, wait_for
from tests.support.launching import published_rows
from tests.support.machines import Machines, redis
from tests.support.postgres import Server, programs
from tests.support.small import PERIOD, settings, write, write_msp

pytestmark = pytest.mark.timeout(1200)

MSPS = [f"msp{number}" for number in range(1, 8)]
_LEASE_SECONDS = "20"

servers: list[Server] = []
"""The installation's PostgreSQL."""


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    if programs() is None or redis() is None:
        pytest.skip("PostgreSQL or Redis is not installed: apt-get install postgresql redis-server")
    # pytest's own folders are closed to PostgreSQL's user
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        made = Machines(folder, 2, {"MBR_LEASE_SECONDS": _LEASE_SECONDS})
        write(made.shared / "mbr.yml", settings(MSPS))
        for number, msp_id in enumerate(MSPS):
            # other amounts for each, so that no month could stand in for another
            price = f"{8 + number}.00,{80 + 10 * number}.00"
            write_msp(made.shared, msp_id)
            lines = made.shared / f"landing/{msp_id}/{PERIOD}/psa/invoice_lines.csv"
            lines.write_text(lines.read_text().replace("8.00,80.00", price))
        servers.append(made.new_databases("database"))
        try:
            yield made
        finally:
            made.stop()
            servers.pop().stop()


def _holder(machines: Machines) -> dict[str, int]:
    """Return the process that has each month."""
    with psycopg.connect(machines.environment["MBR_LEDGER_URL"]) as connection:
        rows = connection.execute("select name, holder from leases where holder is not null").fetchall()
    return {name: int(holder.rpartition(" ")[2]) for name, holder in rows}


def _statuses(machines: Machines) -> Counter[str]:
    assert machines.stopped() == []
    found = Counter(run["status"] for run in machines.runs())
    print(time.strftime("%X"), dict(found))  # shown where the test fails
    return found


def test_a_worker_is_killed_and_every_month_is_published_as_by_one_command(machines: Machines) -> None:
    machines.start("mbr-code", "mbr-operator")
    for name in ("east", "west"):
        machines.start_worker(name)
    wait_for("the graph is loaded", machines.has_loaded, 180)
    machines.launch(MSPS, PERIOD)
    machines.start("mbr-daemon")
    wait_for("east and west have published one", lambda: _statuses(machines)["SUCCESS"] >= 2, 300)

    of_east: list[str] = []

    def east_works() -> bool:
        holders = _holder(machines).items()
        of_east[:] = [month for month, pid in holders if _group(pid) == machines.pid("east")]
        return bool(of_east)

    wait_for("east works on a month", east_works, 120)
    machines.kill("east")
    # a run that nobody began is given up after 300 s (dagster.yaml) and run again
    wait_for("all are published", lambda: _statuses(machines)["SUCCESS"] == len(MSPS), 800)

    runs = machines.runs()
    assert {run["status"] for run in runs} == {"SUCCESS", "FAILURE"}
    [lost] = [run for run in runs if run["status"] == "FAILURE"]
    [again] = [run for run in runs if run["tags"].get("dagster/parent_run_id") == lost["runId"]]
    month = lost["tags"]["dagster/partition"].replace("|", " ")
    assert (of_east, again["status"]) == ([month], "SUCCESS")
    assert f"Its worker was not heard of for {_LEASE_SECONDS} s" in _why_it_failed(machines, lost["runId"])
    assert Counter(run["tags"]["dagster/partition"] for run in runs if run["status"] == "SUCCESS") == {
        f"{msp_id}|{PERIOD}": 1 for msp_id in MSPS
    }
    with psycopg.connect(machines.environment["MBR_LEDGER_URL"]) as connection:
        found = connection.execute("select name, token, published_token, holder from leases").fetchall()
    assert {row[0]: row[1:] for row in found} == {
        f"{msp_id} {PERIOD}": ((token := 2 if f"{msp_id} {PERIOD}" == month else 1), token, None)
        for msp_id in MSPS
    }
    assert _same_by_one_command(machines, MSPS) == published_rows(machines.shared)


def test_postgresql_and_the_broker_are_killed_and_every_month_is_published(machines: Machines) -> None:
    asked = MSPS[:3]
    before = published_rows(machines.shared)
    for msp_id in asked:
        lines = machines.shared / f"landing/{msp_id}/{PERIOD}/psa/invoice_lines.csv"
        lines.write_text(lines.read_text().replace("SEAT,10,", "SEAT,11,"))
    machines.start_worker("east")
    known = len(machines.runs())
    machines.launch(asked, PERIOD)
    wait_for("a month is worked on", lambda: _holder(machines), 120)
    servers[0].kill()
    servers[0].start()
    wait_for("a month is published", lambda: _succeeded(machines, known), 300)
    machines.kill("broker")
    machines.start_broker()
    wait_for(
        "all are published", lambda: _succeeded(machines, known) == {f"{m}|{PERIOD}" for m in asked}, 600
    )

    changed = {name for name, rows in published_rows(machines.shared).items() if before[name] != rows}
    assert {name.partition("/")[0] for name in changed} == set(asked)
    assert _same_by_one_command(machines, asked) == {
        name: rows for name, rows in published_rows(machines.shared).items() if name.split("/")[0] in asked
    }


def _succeeded(machines: Machines, known: int) -> set[str]:
    """Return the months that succeeded since so many runs were known; the newest runs come first."""
    runs = machines.runs()
    since = runs[: len(runs) - known]
    return {run["tags"]["dagster/partition"] for run in since if run["status"] == "SUCCESS"}


def _why_it_failed(machines: Machines, run_id: str) -> str:
    """Return what its failure was told with first: what Dagster overlooks is told of again."""
    query = "select event from event_logs where run_id = %s and dagster_event_type = 'PIPELINE_FAILURE'"
    with psycopg.connect(machines.environment["MBR_DAGSTER_POSTGRES_URL"]) as connection:
        (event,), *_ = connection.execute(f"{query} order by id", [run_id]).fetchall()
    return str(event)


def _group(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[2])
    except FileNotFoundError:
        return 0


def _same_by_one_command(machines: Machines, msp_ids: Sequence[str]) -> dict[str, str]:
    """Return the rows of the same months after a single `mbr run` on one machine."""
    alone = machines.folder / f"alone{len(machines.runs())}"
    alone.mkdir()
    write(alone / "mbr.yml", settings(msp_ids))
    for part in ("landing", "rules"):
        (alone / part).symlink_to(machines.shared / part)
    environment = {
        name: value
        for name, value in machines.environment.items()
        if not name.startswith(("MBR_", "DAGSTER_"))
    }
    command = [str(BIN / "mbr"), "run", "--workspace", str(alone), "--period", PERIOD]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = published_rows(alone)
    assert len(rows) > 10 * len(msp_ids)
    return rows
