"""A small slice of the campaign of kills: it finds nothing, and it would.

Belongs here: the command, with a fixed seed. Does not: as many kills as the page on reliability tells of
(docs/reference), and runs that are killed (tests/e2e/test_kill.py).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEEDS = ("decide by csv", "land --replaces", "close", "export xlsx")


def test_a_killed_command_is_as_if_nothing_had_happened_once_it_is_repeated() -> None:
    # a process of its own: a fork of this one would lose threads that other tests started
    command = [sys.executable, "-m", "tests.kills.campaign", "--kills", "8", "--start", "4", "--seed", "3"]
    only = [word for name in DEEDS for word in ("--only", name)]
    done = subprocess.run(
        [*command, *only], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [" ".join(row[:-6]) for row in rows[1:5]] == list(DEEDS)
    assert [row[-6] for row in rows[1:5]] == ["2"] * 4
    assert rows[5][0] == "all"
