"""Times ``mbr run`` against the hand-written script on generated workspaces, and checks that
both find the same.

What belongs here: the order of runs, what is deleted between them, and the printed tables. What does not: how
a process is measured (``measure.py``) and how results are compared (``compare.py``).
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from bench.compare import differences
from bench.generate import MSP, PERIOD
from bench.measure import Measurement, measure

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "bench" / "workspaces"
MBR = Path(sys.executable).with_name("mbr")
PRODUCED = ("warehouse", "published", "reports", "exports", ".dagster")
"""What a run leaves in a workspace, deleted before every cold run."""


class BenchmarkError(Exception):
    """A run failed or published nothing to compare; the message says which and shows the end
    of its error output.
    """


@dataclass
class SizeResult:
    """The measurements of one size, in the order they were taken.

    Attributes:
        lines: Rows per leg.
        cold: ``mbr run`` on a workspace without any product of an earlier run.
        warm: ``mbr run`` again, straight after.
        hand: The hand-written script.
        stages: Per cold run, seconds by stage as ``timings.json`` gives them; empty if ``mbr`` writes none.
        differences: Where the last results disagree.
    """

    lines: int
    cold: list[Measurement] = field(default_factory=list)
    warm: list[Measurement] = field(default_factory=list)
    hand: list[Measurement] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def run_size(lines: int, repeat: int, work: Path = WORK, mbr: Path = MBR) -> SizeResult:
    """Generate one workspace and time both ways over it, in turns.

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
    theirs = [sys.executable, "-m", "bench.baseline", str(workspace)]
    result = SizeResult(lines)
    for _ in range(repeat):
        _forget(workspace)
        result.cold.append(_succeed(ours))
        result.stages.append(_stages(workspace))
        result.warm.append(_succeed(ours))
        result.hand.append(_succeed(theirs))
    try:
        result.differences = differences(workspace / "published" / MSP / PERIOD, workspace / "baseline")
    except duckdb.Error as error:
        raise BenchmarkError(f"the results of {workspace} cannot be compared: {error}") from error
    return result


def _forget(workspace: Path) -> None:
    for name in PRODUCED:
        shutil.rmtree(workspace / name, ignore_errors=True)


def _succeed(command: Sequence[str]) -> Measurement:
    taken = measure(command, ROOT)
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


def table(results: Sequence[SizeResult]) -> str:
    """Format medians as Markdown, with the ratio of each ``mbr`` run to the hand-written script.

    Args:
        results: One entry per size.

    Returns:
        The table of times and memory, then one of stages where ``mbr`` reported them.
    """
    lines = [
        "| lines per leg | run | wall s | CPU s | peak RSS of the tree MB | wall ÷ B | CPU ÷ B | RSS ÷ B |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for result in results:
        base = _medians(result.hand)
        for name, taken in (("A cold", result.cold), ("A warm", result.warm), ("B by hand", result.hand)):
            wall, cpu, rss = _medians(taken)
            ratios = " | ".join(
                f"{one / other:.2f}" for one, other in zip((wall, cpu, rss), base, strict=True)
            )
            lines.append(
                f"| {result.lines:,} | {name} | {wall:.2f} | {cpu:.2f} | {rss / 2**20:,.0f} | {ratios} |"
            )
    return "\n".join([*lines, "", *_stage_lines(results)])


def _medians(taken: Sequence[Measurement]) -> tuple[float, float, float]:
    return (
        statistics.median(one.wall_seconds for one in taken),
        statistics.median(one.cpu_seconds for one in taken),
        statistics.median(one.tree_rss_bytes for one in taken),
    )


def _stage_lines(results: Sequence[SizeResult]) -> list[str]:
    names = list(dict.fromkeys(stage for result in results for split in result.stages for stage in split))
    if not names:
        return ["mbr wrote no timings.json: no split by stage."]
    rows = ["| stage of A cold, median s | " + " | ".join(f"{result.lines:,}" for result in results) + " |"]
    rows.append("|---|" + "---:|" * len(results))
    for name in names:
        cells = [[split[name] for split in result.stages if name in split] for result in results]
        rows.append(
            f"| {name} | "
            + " | ".join(f"{statistics.median(cell):.2f}" if cell else "" for cell in cells)
            + " |"
        )
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 if both ways agree at every size, 1 if they differ or a run failed, 2 if ``mbr`` is not installed.
    """
    parser = argparse.ArgumentParser(
        prog="python -m bench.run", description="Time mbr run against a hand-written script."
    )
    parser.add_argument(
        "--lines", type=int, nargs="+", default=[1_000, 1_000_000], help="rows per leg, one or more sizes"
    )
    parser.add_argument("--repeat", type=int, default=3)
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
    found = [f"{result.lines:,} lines: {one}" for result in results for one in result.differences]
    print(
        "\n".join(found)
        if found
        else "\nBoth found the same: exceptions by code, line dispositions, keys and amounts."
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
