"""`mbr run` where something changes between loading and publishing: refused, said in words, nothing published
(contract §7.2, §8.3).

Belongs here: the command. Does not: what a fingerprint is made of (tests/monthly_close, tests/audit).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.audit.certificate import CHANGED
from mbr_pipeline.cli.decide import command as decide
from mbr_pipeline.cli.run import run_command
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import LANDED, PERIOD, RULES, settings, write, write_msp


def _decided(root: Path) -> None:
    wish = ["waive", "--workspace", str(root), "--msp", "acme", "--period", PERIOD, "--until", PERIOD]
    done = CliRunner().invoke(decide, [*wish, "--reason", "so vereinbart"])
    assert done.exit_code == 0, done.output


def _landed_and_ruled(root: Path) -> None:
    write(root / f"landing/acme/{PERIOD}/psa/clients.csv", LANDED["psa/clients.csv"] + "C-2,Bäcker\n")
    write(root / "rules/acme/client_map.csv", RULES["client_map.csv"] + "vendor,T-2,C-2\n")


@pytest.mark.parametrize("change", [_decided, _landed_and_ruled])
def test_what_changes_after_the_load_refuses_publication_with_exit_3(
    change: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    lines = LANDED["psa/invoice_lines.csv"].replace("10,8.00,80.00", "10,7.00,70.00")
    write(tmp_path / f"landing/acme/{PERIOD}/psa/invoice_lines.csv", lines)
    report = MonthlyClose.report

    def changing(month: MonthlyClose) -> str:
        change(tmp_path)
        return report(month)

    monkeypatch.setattr(MonthlyClose, "report", changing)
    assert run_command(WorkspacePaths(tmp_path), PERIOD, None, as_json=True) == 3
    printed = capsys.readouterr()
    [result] = json.loads(printed.out.splitlines()[-1])["results"]
    assert (result["msp_id"], result["gate"], result["reasons"]) == ("acme", "stale", [])
    refused = f"mbr: acme {PERIOD}: publication refused: {CHANGED}, nothing is published: run"
    assert [line for line in printed.err.splitlines() if line.startswith(refused)]
    assert "step publish failed" not in printed.err
    assert not (tmp_path / "published/acme").exists()
    monkeypatch.undo()
    monkeypatch.setenv("DAGSTER_HOME", "")
    assert run_command(WorkspacePaths(tmp_path), PERIOD, None, as_json=False) == 0
