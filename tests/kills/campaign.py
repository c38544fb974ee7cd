"""Kills commands at random moments, runs each once more, and says what was lost, doubled or left:
``python -m tests.kills.campaign --what operate --kills 200 --seed 1``.

``operate`` is about the commands by which people decide, close and release, ``run`` about whole runs of a
month, of which `mbr run` or dbt is killed, ``trouble`` about the commands of ``operate`` while the disk is
full, folders cannot be written, file handles run out or the ledger's server is stopped. Prints a table
(kills, where they fell, reruns needed, faults) and every fault with what reproduces it; exits 1 if there is
any.

Belongs here: drawing and counting. Does not: what is done, which is in the modules beside this.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

from tests.kills.deeds import DEEDS
from tests.kills.operate import Kill, Operating
from tests.kills.workspaces import Ledger, make_points
from tests.support.postgres import running

PLACES = ("nothing done", "in between", "done")


def operate(
    place: Path, numbers: range, seed: int, ledger: Ledger, only: Sequence[str] = ()
) -> Iterator[tuple[int, Kill]]:
    """Kill the commands in turn; yields the number of each kill, which with the seed makes it again."""
    deeds = [deed for deed in DEEDS if not only or deed.name in only]
    is_whole = any(deed.point in ("again", "closed_again") for deed in deeds)
    operating = Operating(make_points(place / "points", ledger, is_whole), place / "at_work")
    for number in numbers:
        deed = deeds[number % len(deeds)]
        is_by_clock = number // len(deeds) % 2 == 0
        yield number, operating.kill(deed, Random(f"kills/{seed}/{number}"), is_by_clock)


def run(place: Path, numbers: range, seed: int, ledger: Ledger) -> Iterator[tuple[int, Kill]]:
    """Kill runs: of four kills one of dbt, the others of its parent, one of these at a change of a file. With
    a server, that is stopped in the middle instead.
    """
    from tests.kills.runs import Running

    running = Running(place, ledger)
    for number in numbers:
        who, is_by_clock = ("dbt", "parent", "parent", "parent")[number % 4], number % 4 != 3
        who = "server" if ledger.server else who
        yield number, running.kill(who, Random(f"kills/{seed}/{number}"), is_by_clock)


def trouble(place: Path, numbers: range, seed: int, ledger: Ledger) -> Iterator[tuple[int, Kill]]:
    """Make every kind of trouble in turn, for commands in random order."""
    from tests.kills.trouble import Troubled

    troubled = Troubled(make_points(place / "points", ledger), place / "at_work")
    kinds = sorted(troubled.kinds)
    for number in numbers:
        chance = Random(f"trouble/{seed}/{number}")
        yield number, troubled.trouble(chance.choice(DEEDS), kinds[number % len(kinds)], chance)


def table(kills: Iterable[Kill]) -> Iterator[str]:
    """Write the counts per command as lines of text."""
    rows: dict[str, Counter[str]] = {}
    for kill in kills:
        count = rows.setdefault(kill.deed, Counter())
        count.update(("kills", kill.where))
        count["reruns"] += kill.where != "done"
        count["faults"] += bool(kill.faults)
    columns = ("kills", *PLACES, "reruns", "faults")
    yield f"{'command':24}" + "".join(f"{name:>14}" for name in columns)
    for name, count in [*rows.items(), ("all", sum(rows.values(), Counter()))]:
        yield f"{name:24}" + "".join(f"{count[column]:>14}" for column in columns)


def main() -> int:
    """Run a campaign; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.kills.campaign", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--what", choices=("operate", "run", "trouble"), default="operate")
    parser.add_argument("--kills", type=int, default=200, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="what the moments are drawn from")
    parser.add_argument("--start", type=int, default=0, help="the number of the first")
    parser.add_argument(
        "--postgres", action="store_true", help="the ledger in a PostgreSQL server of its own"
    )
    parser.add_argument(
        "--only", action="append", default=[], choices=[deed.name for deed in DEEDS], metavar="COMMAND",
        help="this command, as the table names it; may be given again",
    )  # fmt: skip
    asked = parser.parse_args()
    numbers = range(asked.start, asked.start + asked.kills)
    began, done = time.monotonic(), list[Kill]()
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kills-")))
        server = None
        if asked.postgres:
            server = stack.enter_context(running(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        kills = {
            "operate": lambda: operate(place, numbers, asked.seed, Ledger(server), asked.only),
            "run": lambda: run(place, numbers, asked.seed, Ledger(server)),
            "trouble": lambda: trouble(place, numbers, asked.seed, Ledger(server)),
        }[asked.what]()
        for number, kill in kills:
            done.append(kill)
            if len(done) % 25 == 0:
                print(f"{len(done)} done after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            for text in kill.faults:
                print(f"{kill.deed}, {kill.how}: {text}", flush=True)
            if kill.faults:
                again = f"--what {asked.what} --kills 1 --start {number} --seed {asked.seed}"
                again += " --postgres" * asked.postgres + "".join(f" --only '{name}'" for name in asked.only)
                print(f"  again: python -m tests.kills.campaign {again}", flush=True)
    print("\n".join(table(done)))
    faults = sum(bool(kill.faults) for kill in done)
    print(f"seed {asked.seed}: {len(done)} kills, {faults} with faults, {time.monotonic() - began:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
