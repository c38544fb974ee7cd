"""Many MSPs in one `mbr run`: seconds for each, and memory while they go on.

What belongs here: making such a workspace and watching one command. What does not: the rows
(``generate.py``) and one month's speed (``run.py``). Linux only: it reads ``/proc``.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.generate import MSP, PERIOD, generate
from bench.measure import rss_of_tree

_EVERY_SECONDS = 1.0
_DONE = re.compile(r", (\d+) of \d+, ")


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


def watch(directory: Path, mbr: str) -> None:
    """Run the month of all MSPs; print what was done and the memory of the process tree, ten times and at
    the end.
    """
    command = [mbr, "run", "--workspace", str(directory), "--period", PERIOD]
    log = directory / "run.log"
    with log.open("w", encoding="utf-8") as written:
        began = time.monotonic()
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=written)
        samples = []
        while run.poll() is None:
            done = len(_DONE.findall(log.read_text(encoding="utf-8")))
            samples.append((time.monotonic() - began, done, rss_of_tree(run.pid)))
            time.sleep(_EVERY_SECONDS)
    print("| s | MSPs done | RSS of the tree MB |\n|---:|---:|---:|")
    for at, done, memory in samples[:: max(1, len(samples) // 10)]:
        print(f"| {at:.0f} | {done} | {memory / 1e6:.0f} |")
    print(f"\nexit code {run.returncode}, largest {max(memory for *_, memory in samples) / 1e6:.0f} MB")


def main() -> None:
    """Run the command line: ``python -m bench.many DIR --msps 50 --lines 1000``."""
    parser = argparse.ArgumentParser(prog="python -m bench.many", description="Run many MSPs at once.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--msps", type=int, default=50)
    parser.add_argument("--lines", type=int, default=1000, help="rows per leg and MSP")
    arguments = parser.parse_args()
    if not (arguments.directory / "mbr.yml").exists():
        make(arguments.directory, arguments.msps, arguments.lines)
    watch(arguments.directory, str(Path(sys.executable).with_name("mbr")))


if __name__ == "__main__":
    main()
