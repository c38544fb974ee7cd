"""`mbr ledger` over a chain that somebody changed: shown as it is kept, then named (contract §8.1).

Belongs here: what is printed. Does not: which faults there are (tests/decide/ledger).
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from mbr_pipeline.cli.ledger import command
from mbr_pipeline.cli.status import command as status
from tests.release.months import Month


def test_a_changed_entry_is_printed_as_it_is_kept_and_nothing_else_is_built_on_it(tmp_path: Path) -> None:
    month = Month(tmp_path)
    month.told("close", "--except", "C-2", "--reason", "r")
    with closing(sqlite3.connect(tmp_path / "ledger/ledger.sqlite")) as connection:
        connection.execute("drop trigger ledger_no_update")
        connection.execute("update ledger_entries set body = '{}'")
        connection.commit()
    of_acme = ["--workspace", str(tmp_path), "--msp", "acme"]
    for options in ([], ["--jsonl"]):
        done = CliRunner().invoke(command, [*of_acme, *options])
        assert "entry 1 of acme: it was changed after it was entered" in str(done.exception)
        assert len(done.output.splitlines()) == 1
    assert json.loads(done.output)["body"] == {}
    said = str(CliRunner().invoke(status, of_acme).exception)
    assert said.startswith(
        "the ledger's entry 1 of acme was changed after it was entered: restore the ledger"
    )
