"""Every command of §8 to §13 takes `--workspace` and `--json` (contract §8).

Belongs here: that the options are there, and what `mbr ledger` prints with its own. Does not: what the others
print (the tests of each).
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mbr_pipeline.cli import commands
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import settings, write

OF_THE_CONTRACT = (
    "decide", "ledger", "close", "reopen", "seal", "restatement", "status", "export", "alerts list",
    "alerts send", "alerts test", "serve", "people passwd", "evidence", "verify",
)  # fmt: skip


@pytest.mark.parametrize("name", OF_THE_CONTRACT)
def test_a_command_of_the_ledger_and_after_it_takes_a_workspace_and_json(name: str) -> None:
    found: click.Command | None = commands
    for word in name.split():
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), word)
    assert found is not None
    options = {option for parameter in found.params for option in parameter.opts}
    assert {"--workspace", "--json"} <= options


def test_a_chain_is_one_json_array_or_an_object_a_line(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    said = ["agreed", "\u2028 \x85 \u202e"]
    with appending(open_database(WorkspacePaths(tmp_path).ledger)) as chains:
        drafts = [Draft("reopen", "2026-10", {"version": "1", "reason": each}, "owner1") for each in said]
        entered = [entry.fields() for entry in chains.append("acme", drafts)]

    def printed(option: str) -> list[str]:
        done = CliRunner().invoke(commands, ["ledger", "--msp", "acme", option, "-w", str(tmp_path)])
        assert done.exit_code == 0
        return done.output.splitlines()

    assert json.loads(printed("--json")[-1]) == entered
    assert [json.loads(line) for line in printed("--jsonl")] == entered
