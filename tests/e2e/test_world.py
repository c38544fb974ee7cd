"""`mbr world` as a user tries it: make a world, run its month, check; and a check that must fail does.

Belongs here: the way through with a real run. Does not: what --check tells apart
(``tests/cli/world/test_world_command.py``).
"""

from __future__ import annotations

from pathlib import Path

from mbr_pipeline.exception_codes import codes_of
from tests.e2e.command import mbr


def test_a_world_run_and_checked_is_as_hidden_and_a_changed_answer_is_not(tmp_path: Path) -> None:
    root = tmp_path / "trial"
    made = mbr("world", "--seed", "7", "--clients", "3", "--periods", "2", root)
    assert (made.returncode, made.stderr) == (0, "")
    [period] = [line.split()[-1] for line in made.stdout.splitlines() if "mbr run --workspace" in line]

    early = mbr("world", "--check", root)
    assert (early.returncode, early.stdout) == (1, "")
    assert "nothing was compared" in early.stderr

    assert mbr("run", "--workspace", root, "--period", period).returncode == 0
    checked = mbr("world", "--check", root)
    assert checked.returncode == 0, checked.stdout
    assert f"northwind {period}: published" in checked.stdout
    assert checked.stdout.count("not run yet, not compared") == 1
    n = len(codes_of("client", "vendor"))
    assert checked.stdout.endswith(f"As hidden: {n} of {n} found, {n} with equal impact, 0 false alarms.\n")

    answers = root / "answers.csv"
    header, *lines = answers.read_text(encoding="utf-8").splitlines(keepends=True)
    [late] = [line for line in lines if ",LATE_CHARGE," in line]
    [rounding] = [line for line in lines if ",ROUNDING," in line]
    cell, amount = late.rsplit(",", 1)
    dearer = f"{cell},{amount.strip()}1\n" if "." in amount else f"{cell},{amount.strip()}.1\n"
    kept = [dearer if line == late else line for line in lines if line != rounding]
    answers.write_text(header + "".join(kept), encoding="utf-8")

    tampered = mbr("world", "--check", root)
    assert tampered.returncode == 1
    assert "impact of LATE_CHARGE " in tampered.stdout
    assert "false alarm: ROUNDING " in tampered.stdout
    assert tampered.stdout.endswith(
        f"Different: {n - 1} of {n - 1} found, {n - 2} with equal impact, 1 false alarm.\n"
    )
