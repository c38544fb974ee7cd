"""Times ``mbr run`` against its opponents on generated workspaces, and checks that it and the hand-written
script find the same.

What belongs here: which commands run, in which order, and what is deleted between them. What does not: how
a process is measured (``measure.py``), how results are compared (``compare.py``), and how they are shown and
kept (``record.py``).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from bench.compare import differences
from bench.generate import MSP, PERIOD
from bench.measure import Measurement, measure
from bench.record import COLD, FORKED, WARM, SizeResult, append, current_commit, losses, table
from bench.warm import COLD_ENVIRONMENT, ENVIRONMENT, warm_process

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "bench" / "workspaces"
RECORD = ROOT / "bench" / "results" / "figures.csv"
MBR = Path(sys.executable).with_name("mbr")
PRODUCED = ("warehouse", "published", "reports", "exports", ".dagster")
"""What a run leaves in a workspace, deleted before every cold run."""
OPPONENTS = {
    "by hand": ("bench.baseline",),
    "pandas": ("bench.opponents.by_pandas",),
    "polars": ("bench.opponents.by_polars",),
    "tight SQL": ("bench.opponents.in_duckdb", "tight"),
    "floor": ("bench.opponents.in_duckdb", "floor"),
}
"""What runs beside ``mbr``, as arguments of ``python -m``; each takes the workspace last."""


class BenchmarkError(Exception):
    """A run failed or published nothing to compare; the message says which and shows the end
    of its error output.
    """


def run_size(lines: int, repeat: int, work: Path = WORK, mbr: Path = MBR) -> SizeResult:
    """Generate one workspace and time all ways over it, in turns.

    Args:
        lines: Rows per leg.
        repeat: How many times each is run.
        work: Folder for generated workspaces; ``<work>/<lines>`` is replaced.
        mbr: The command under test.

    Returns:
        All measurements and the comparison of the last results.

    Raises:
        BenchmarkError: A command ended with another exit code than 0, or a result lacks a table or column.
    """
    workspace = work / str(lines)
    shutil.rmtree(workspace, ignore_errors=True)
    # In a process of its own: a large parent's memory would compete with what is measured.
    _succeed([sys.executable, "-m", "bench.generate", str(workspace), "--lines", str(lines)])
    ours = [str(mbr), "run", "--workspace", str(workspace), "--period", PERIOD, "--json"]
    result = SizeResult(lines)
    for _ in range(repeat):
        _forget(workspace)
        result.add(COLD, _succeed(ours, COLD_ENVIRONMENT))
        result.stages.append(_stages(workspace))
        result.add(WARM, _succeed(ours, COLD_ENVIRONMENT))
        result.add(FORKED, _succeed(ours, ENVIRONMENT, _warm_process(mbr)))
        for name, module in OPPONENTS.items():
            result.add(name, _succeed([sys.executable, "-m", *module, str(workspace)]))
    try:
        result.differences = differences(workspace / "published" / MSP / PERIOD, workspace / "baseline")
    except duckdb.Error as error:
        raise BenchmarkError(f"the results of {workspace} cannot be compared: {error}") from error
    return result


def _forget(workspace: Path) -> None:
    for name in PRODUCED:
        shutil.rmtree(workspace / name, ignore_errors=True)


def _warm_process(mbr: Path) -> int:
    try:
        return warm_process(mbr)
    except (TimeoutError, subprocess.CalledProcessError) as error:
        raise BenchmarkError(str(error)) from error


def _succeed(
    command: Sequence[str], environment: Mapping[str, str] | None = None, helper: int | None = None
) -> Measurement:
    taken = measure(command, ROOT, environment, helper)
    print(
        f"  {taken.wall_seconds:8.2f} s  {' '.join(Path(part).name for part in command[:4])}",
        file=sys.stderr,
        flush=True,
    )
    if taken.returncode != 0:
        said = "\n".join((taken.stdout + taken.stderr).splitlines()[-15:])
        raise BenchmarkError(f"exit {taken.returncode} from {' '.join(command)}\n{said}")
    return taken


def _stages(workspace: Path) -> dict[str, float]:
    path = workspace / "reports" / MSP / PERIOD / "timings.json"
    if not path.exists():
        return {}
    return {
        str(stage): float(seconds) for stage, seconds in json.loads(path.read_text(encoding="utf-8")).items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 if both ways agree at every size, 1 if they differ or a run failed, 2 if ``mbr`` is not installed.
    """
    parser = argparse.ArgumentParser(
        prog="python -m bench.run", description="Time mbr run against its opponents."
    )
    parser.add_argument(
        "--lines", type=int, nargs="+", default=[1_000, 1_000_000], help="rows per leg, one or more sizes"
    )
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--record", action="store_true", help=f"append the figures to {RECORD.relative_to(ROOT)}"
    )
    given = parser.parse_args(arguments)
    if not MBR.exists():
        print(f"{MBR} does not exist: run `make env` first", file=sys.stderr)
        return 2
    results = []
    for lines in given.lines:
        print(f"{lines:,} lines per leg", file=sys.stderr)
        try:
            results.append(run_size(lines, given.repeat))
        except BenchmarkError as error:
            print(error, file=sys.stderr)
            return 1
    print(table(results))
    commit = current_commit(ROOT)
    slower = losses(RECORD, results, commit)
    if given.record:
        append(RECORD, results, commit)
    print("\n".join(["", *slower] if slower else []))
    found = [f"{result.lines:,} lines: {one}" for result in results for one in result.differences]
    print(
        "\n".join(found)
        if found
        else "\nBoth found the same: exceptions by code, line dispositions, keys and amounts."
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
