"""What a benchmark found: its tables, and the file in which every recorded commit's figures stand.

What belongs here: medians, Markdown, one line of CSV a run and stage, and what became slower since. What does
not: taking the figures (``measure.py``, ``run.py``).
"""

from __future__ import annotations

import csv
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import Measurement

COLD, WARM, FORKED = "mbr cold", "mbr warm", "mbr from a warm process"
UNIT = "pandas"
"""The opponent whose figures are 1 in the printed ratios."""
SLOWER = 1.1
"""A run that costs more than this times the processor time recorded last, against the unit, is a loss."""

COLUMNS = ("commit", "machine", "lines", "run", "wall_s", "cpu_s", "rss_mb", "repeats")


@dataclass
class SizeResult:
    """The measurements of one size.

    Attributes:
        lines: Rows per leg.
        taken: The measurements by what ran, in the order they were taken: ``mbr cold`` is a run without any
            product of an earlier one, ``mbr warm`` the one straight after, then one from a warm process.
        stages: Per cold run, seconds by stage as ``timings.json`` gives them; empty if ``mbr`` writes none.
        differences: Where the results of ``mbr`` and of the hand-written script disagree.
    """

    lines: int
    taken: dict[str, list[Measurement]] = field(default_factory=dict)
    stages: list[dict[str, float]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def add(self, name: str, measurement: Measurement) -> None:
        """Keep one measurement of what ran under that name."""
        self.taken.setdefault(name, []).append(measurement)

    def medians(self, name: str) -> tuple[float, float, float]:
        """Return the medians of wall seconds, processor seconds and the tree's peak memory in bytes."""
        taken = self.taken[name]
        return (
            statistics.median(one.wall_seconds for one in taken),
            statistics.median(one.cpu_seconds for one in taken),
            statistics.median(one.tree_rss_bytes for one in taken),
        )

    def stage_seconds(self) -> dict[str, float]:
        """Return the median wall seconds of each stage of the cold runs."""
        names = dict.fromkeys(stage for split in self.stages for stage in split)
        return {
            name: statistics.median(split[name] for split in self.stages if name in split) for name in names
        }


def table(results: Sequence[SizeResult]) -> str:
    """Format medians as Markdown, with the ratio of each run to pandas, then seconds by stage."""
    lines = [
        "| lines per leg | run | wall s | CPU s | peak RSS of the tree MB | wall ÷ pandas | CPU ÷ pandas |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    for result in results:
        unit_wall, unit_cpu, _ = result.medians(UNIT)
        for name in result.taken:
            wall, cpu, rss = result.medians(name)
            lines.append(
                f"| {result.lines:,} | {name} | {wall:.2f} | {cpu:.2f} | {rss / 2**20:,.0f}"
                f" | {wall / unit_wall:.2f} | {cpu / unit_cpu:.2f} |"
            )
    return "\n".join([*lines, "", *_stage_lines(results)])


def _stage_lines(results: Sequence[SizeResult]) -> list[str]:
    stages = [result.stage_seconds() for result in results]
    names = list(dict.fromkeys(name for split in stages for name in split))
    if not names:
        return ["mbr wrote no timings.json: no split by stage."]
    head = f"| stage of {COLD}, median wall s | " + " | ".join(f"{r.lines:,}" for r in results) + " |"
    rows = [head, "|---|" + "---:|" * len(results)]
    for name in names:
        cells = " | ".join(f"{split[name]:.2f}" if name in split else "" for split in stages)
        rows.append(f"| {name} | {cells} |")
    return rows


def current_commit(root: Path) -> str:
    """Return the checkout's commit, with a ``+`` where files differ from it, or ``unknown`` without Git."""
    try:
        said = ["git", "-C", str(root), "describe", "--always", "--abbrev=10", "--dirty=+", "--exclude=*"]
        return subprocess.run(said, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _machine() -> str:
    return f"{platform.machine()} {os.cpu_count()} cores"


def append(path: Path, results: Sequence[SizeResult], commit: str) -> None:
    """Append one line a run and one a stage, with its wall seconds alone; a new file has a heading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        for result in results:
            for name, taken in result.taken.items():
                wall, cpu, rss = result.medians(name)
                figures = (f"{wall:.2f}", f"{cpu:.2f}", f"{rss / 2**20:.0f}", len(taken))
                writer.writerow((commit, _machine(), result.lines, name, *figures))
            for stage, seconds in result.stage_seconds().items():
                row = (commit, _machine(), result.lines, f"stage {stage}", f"{seconds:.2f}", "", "")
                writer.writerow((*row, len(result.stages)))


def losses(path: Path, results: Sequence[SizeResult], commit: str) -> list[str]:
    """Say which of ``mbr``'s runs cost more than in the record before, one sentence each.

    What is compared is processor time as a multiple of pandas in the same runs: the machine of today and what
    else it does are in both. The record before is the last of another commit with the same number of lines.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["commit"] != commit and row["cpu_s"]]
    found = []
    for result in results:
        before = {
            (row["commit"], row["run"]): float(row["cpu_s"])
            for row in rows
            if int(row["lines"]) == result.lines
        }
        if not before:
            continue
        last = list(before)[-1][0]
        _, unit, _ = result.medians(UNIT)
        for name in (COLD, WARM, FORKED):
            if (last, name) not in before or (last, UNIT) not in before:
                continue
            then = before[last, name] / before[last, UNIT]
            now = result.medians(name)[1] / unit
            if now > then * SLOWER:
                found.append(f"{result.lines:,} lines, {name}: {now:.2f} times pandas, {then:.2f} at {last}")
    return found
