"""Many MSPs on workers as of several machines, beside the same months in one `mbr run`: what spreading costs,
and that the published rows are the same.

What belongs here: starting the installation of ``tests.support.machines`` with PostgreSQL and Redis on this
machine, and its processor time. What does not: real machines. The months are the smallest there are, so that
nearly all is what a run costs by itself; and the clock says little where workers share the cores with the
rest, so what is printed is processor time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.measure import processor_of_tree
from tests.support.installation import wait_for
from tests.support.launching import published_rows
from tests.support.machines import Machines
from tests.support.small import PERIOD, settings, write, write_msp

_LONGEST_SECONDS = 7200

Rows = dict[str, str]
"""A hash of the rows of each published table, under its MSP, month and name."""


def spread(folder: Path, msps: int, workers: int) -> Rows:
    """Run the months on workers, and return what they published; print the processor time of each part for
    one month.
    """
    machines = Machines(folder, workers, {})
    msp_ids = _made(machines.shared, msps)
    server = machines.new_databases("database")
    names = [f"worker{number}" for number in range(1, workers + 1)]
    try:
        machines.start("mbr-code", "mbr-operator")
        for name in names:
            machines.start_worker(name)
        wait_for("the graph is loaded", machines.has_loaded, 300)
        machines.start("mbr-daemon")
        warm, measured = msp_ids[:workers], msp_ids[workers:]
        _run(machines, warm, len(warm))
        before = _processor(machines, names, server.folder)
        began = time.monotonic()
        _run(machines, measured, len(msp_ids))
        seconds = time.monotonic() - began
        after = _processor(machines, names, server.folder)
        print(f"{workers} workers\n\n| part | processor s for one month |\n|---|---:|")
        for part, took in after.items():
            print(f"| {part} | {(took - before[part]) / len(measured):.2f} |")
        told = ", ".join(f"{count} {status}" for status, count in _statuses(machines).items())
        pace = f"{60 * len(measured) / seconds:.0f} months a minute on {os.cpu_count()} cores"
        print(f"\n{told}; {seconds / len(measured):.1f} s of the clock each, {pace}\n", flush=True)
        return published_rows(machines.shared)
    finally:
        machines.stop()
        server.stop()


def alone(folder: Path, msps: int) -> Rows:
    """Run the same months in one process by `mbr run`, and return what it published; print what one month of
    those after the first took.
    """
    msp_ids = _made(folder, msps)
    first = _command(folder, ["--msp", msp_ids[0]])
    every = _command(folder, [])
    print(
        f"one `mbr run` of all, beyond its start: {(every - first) / (msps - 1):.2f} s for one month",
        flush=True,
    )
    return published_rows(folder)


def _made(folder: Path, msps: int) -> list[str]:
    msp_ids = [f"msp{number:03}" for number in range(1, msps + 1)]
    write(folder / "mbr.yml", settings(msp_ids))
    for number, msp_id in enumerate(msp_ids):
        write_msp(folder, msp_id)
        # other amounts for each, so that no month could stand in for another
        lines = folder / f"landing/{msp_id}/{PERIOD}/psa/invoice_lines.csv"
        lines.write_text(lines.read_text().replace("8.00,80.00", f"{8 + number}.00,{80 + 10 * number}.00"))
    return msp_ids


def _command(folder: Path, more: list[str]) -> float:
    mbr = str(Path(sys.executable).with_name("mbr"))
    command = ["taskset", "-c", "0", mbr, "run", "--workspace", str(folder), "--period", PERIOD, *more]
    before = os.times()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _run(machines: Machines, msp_ids: list[str], ended: int) -> None:
    machines.launch(msp_ids, PERIOD)
    wait_for("all have ended", lambda: _ended(machines) == ended, _LONGEST_SECONDS)


def _statuses(machines: Machines) -> Counter[str]:
    return Counter(run["status"] for run in machines.runs())


def _ended(machines: Machines) -> int:
    return sum(count for status, count in _statuses(machines).items() if status in ("SUCCESS", "FAILURE"))


def _processor(machines: Machines, workers: list[str], database: Path) -> dict[str, float]:
    """Return the seconds that each part has taken so far; PostgreSQL's also of connections that ended."""
    services = {"workers": workers, "daemon": ["mbr-daemon"], "code server": ["mbr-code"]}
    services |= {"web server, which is asked": ["mbr-operator"], "broker": ["broker"]}
    found = {
        part: sum(sum(processor_of_tree(machines.pid(name)).values()) for name in names)
        for part, names in services.items()
    }
    postmaster = int((database / "data" / "postmaster.pid").read_text().split()[0])
    fields = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
    own = sum(processor_of_tree(postmaster).values())
    found["PostgreSQL"] = own + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return found


def main() -> None:
    """Run the command line: ``python -m bench.many_workers --msps 20 --workers 1 2``."""
    parser = argparse.ArgumentParser(prog="python -m bench.many_workers", description=__doc__)
    parser.add_argument("--msps", type=int, default=20)
    parser.add_argument("--workers", type=int, nargs="+", default=[2], help="one installation after another")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folders = {each: Path(temporary) / str(each) for each in [0, *asked.workers]}
        for folder in (Path(temporary), *folders.values()):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)  # PostgreSQL's user reads it
        one = alone(folders[0], asked.msps)
        if len({name.partition("/")[0] for name in one}) != asked.msps:
            sys.exit("`mbr run` did not publish every month: there is nothing to compare with")
        for workers in asked.workers:
            many = spread(folders[workers], asked.msps, workers)
            wrong = sorted(name for name in one.keys() | many.keys() if one.get(name) != many.get(name))
            if wrong:
                sys.exit(f"{len(wrong)} of {len(one)} tables differ, {wrong[0]} first")
            print(f"{len(one)} tables of {asked.msps} months have the rows of one `mbr run`", flush=True)


if __name__ == "__main__":
    main()
