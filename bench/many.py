"""Many MSPs in one `mbr run`: seconds for each, and memory while they go on. Two of them are made to go
wrong: the files of one are not complete, and where the report of another belongs is something else.

What belongs here: making such a workspace and watching one command. What does not: the rows
(``generate.py``), one month's speed (``run.py``), the same through Dagster's queue (``many_queued.py``).
Linux only: it reads ``/proc``.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.generate import MSP, PERIOD, VENDORS, generate
from bench.measure import rss_of_tree

Sample = tuple[float, int, int]
"""Seconds since the start, MSPs done, memory in bytes."""

BLOCKED, FAILS = "msp002", "msp003"

_EVERY_SECONDS = 1.0
_DONE = re.compile(r"^\S+ \S+: (published|blocked|failed), \d+ of \d+, ", re.MULTILINE)


def make(directory: Path, msps: int, lines: int) -> None:
    """Write a workspace of so many MSPs; each has rows of its own, by its seed."""
    names = [f"msp{number:03}" for number in range(1, msps + 1)]
    with tempfile.TemporaryDirectory() as temporary:
        for seed, name in enumerate(names, 1):
            one = generate(Path(temporary) / name, lines, seed)
            for part in ("landing", "rules"):
                (directory / part).mkdir(parents=True, exist_ok=True)
                shutil.move(one / part / MSP, directory / part / name)
            settings = (one / "mbr.yml").read_text(encoding="utf-8")
    [heading, block] = settings.split(f"  {MSP}:\n")
    (directory / "mbr.yml").write_text(heading + "".join(f"  {name}:\n{block}" for name in names), "utf-8")
    if BLOCKED in names:
        (directory / "landing" / BLOCKED / PERIOD / VENDORS[0] / "vendor_charges.csv").unlink()
    if FAILS in names:
        (directory / "reports").mkdir()
        (directory / "reports" / FAILS).write_text("no folder\n", encoding="utf-8")


def watch(directory: Path, mbr: str) -> None:
    """Run the month of all MSPs; print what was done and the memory of the process tree."""
    command = [mbr, "run", "--workspace", str(directory), "--period", PERIOD]
    log = directory / "run.log"
    samples: list[Sample] = []
    with log.open("w", encoding="utf-8") as written:
        began = time.monotonic()
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=written)
        while not (ended := os.wait4(run.pid, os.WNOHANG))[0]:
            done = len(_DONE.findall(log.read_text(encoding="utf-8")))
            samples.append((time.monotonic() - began, done, rss_of_tree(run.pid)))
            time.sleep(_EVERY_SECONDS)
    _, status, usage = ended
    run.returncode = os.waitstatus_to_exitcode(status)
    outcomes = Counter(_DONE.findall(log.read_text(encoding="utf-8")))
    report(samples, outcomes, time.monotonic() - began, usage.ru_utime + usage.ru_stime)
    print(f"exit code {run.returncode}")


def report(samples: Sequence[Sample], outcomes: Counter[str], seconds: float, processor: float) -> None:
    """Print ten of the samples, what became of the months, and what each took."""
    print("| s | MSPs done | memory of all processes, MB |\n|---:|---:|---:|")
    for at, done, memory in [*samples[:: max(1, len(samples) // 10)], samples[-1]]:
        print(f"| {at:.0f} | {done} | {memory / 1e6:,.0f} |")
    told = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
    print(f"\n{told}; largest {max(memory for *_, memory in samples) / 1e6:,.0f} MB")
    msps = max(1, sum(outcomes.values()))
    each = f"{seconds / msps:.1f} s each; processor {processor:.0f} s, {processor / msps:.1f} s each"
    print(f"{seconds:.0f} s, {each}")


def arguments(module: str, description: str, msps: int) -> argparse.Namespace:
    """Return what the command line asks for, the workspace made."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--msps", type=int, default=msps)
    parser.add_argument("--lines", type=int, default=1000, help="rows per leg and MSP")
    asked = parser.parse_args()
    if not (asked.directory / "mbr.yml").exists():
        make(asked.directory, asked.msps, asked.lines)
    return asked


def main() -> None:
    """Run the command line: ``python -m bench.many DIR --msps 50 --lines 1000``."""
    asked = arguments("bench.many", "Run many MSPs at once.", 50)
    watch(asked.directory, str(Path(sys.executable).with_name("mbr")))


if __name__ == "__main__":
    main()
