"""One command for several MSPs: what goes wrong with one costs that one, and Ctrl+C ends them all.

Belongs here: wrong rules and the interrupt, met by a process of its own. Does not: files in the way
(``test_run_failures``) and a dbt process that dies (tests/transform).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.command import MBR, environment, mbr
from tests.support.small import PERIOD, RULES, settings, write, write_msp

WRONG = {"sku_map.csv": RULES["sku_map.csv"] + "vendor,SKU-1,OTHER\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    write(root / "mbr.yml", settings(["acme", "birch"]))
    write_msp(root, "birch")
    return root


def test_a_wrong_rule_is_exit_2_in_the_place_of_its_msp_and_the_others_run(root: Path) -> None:
    write_msp(root, "acme", rules=WRONG)
    done = mbr("run", "--workspace", root, "--period", PERIOD, "--json")
    assert done.returncode == 2
    results = json.loads(done.stdout.splitlines()[-1])["results"]
    assert [(result["msp_id"], result["gate"]) for result in results] == [("birch", "passed")]
    [line] = [line for line in done.stderr.splitlines() if line.startswith("mbr: ")]
    assert line.startswith(f"mbr: acme {PERIOD}: {root / 'rules/acme/sku_map.csv'}: lines 2 and 3 both hold ")
    assert line.endswith("; nothing was run for acme")


def test_where_every_rule_file_is_wrong_nothing_starts(root: Path) -> None:
    write_msp(root, "acme", rules=WRONG)
    write_msp(root, "birch", rules=WRONG)
    done = mbr("run", "--workspace", root, "--period", PERIOD)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (root / "warehouse").exists()


def test_one_interrupt_ends_the_command_and_says_what_was_not_begun(root: Path) -> None:
    write_msp(root, "acme")
    command = [str(MBR), "run", "--workspace", str(root), "--period", PERIOD, "--json"]
    run = subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stderr is not None
    while not run.stderr.readline().startswith("  load "):
        assert run.poll() is None
    os.killpg(run.pid, signal.SIGINT)  # as the terminal does: every process of the group gets it
    printed, said = run.communicate(timeout=120)
    assert run.returncode == 1
    assert json.loads(printed.splitlines()[-1])["results"] == []
    ended, last = [line for line in said.splitlines() if line.startswith("mbr: ")]
    assert ended.startswith(f"mbr: acme {PERIOD}: ")
    assert "interrupted" in ended and ended.endswith("; nothing was published")
    assert last == f"mbr: interrupted; not begun: birch; run the same command again for {PERIOD} to continue"
    assert not (root / "published").exists() or list((root / "published").iterdir()) == []
