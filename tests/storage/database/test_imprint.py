"""The imprint of the ledger's SQLite file: after every write it is that of the file, whoever wrote.

Belongs here: taking it. Does not: what a difference means (``tests/release/evidence/test_ledger``).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mbr_pipeline.storage.database import imprint
from mbr_pipeline.storage.database.opening import open_database

_WRITES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.storage.database.opening import open_database
for number in range(15):
    with appending(open_database(Path(sys.argv[1]))) as chains:
        chains.append("acme", [Draft("land", None, {"file": "a"}, sys.argv[2])])
"""


def test_two_writers_at_once_leave_the_imprint_of_the_last_write(tmp_path: Path) -> None:
    file = tmp_path / "ledger/ledger.sqlite"
    open_database(file)
    writers = [subprocess.Popen([sys.executable, "-c", _WRITES, str(file), who]) for who in ("a", "b")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    assert imprint.hold(file) == "equal"
    assert [path.name for path in file.parent.iterdir()] == ["ledger.sqlite"]
    assert [path.name for path in (tmp_path / "warehouse").iterdir()] == ["ledger.imprint.json"]


def test_a_database_that_is_no_workspaces_has_none(tmp_path: Path) -> None:
    file = tmp_path / "other.sqlite"
    open_database(file)
    assert imprint.hold(file) == "unknown"
    assert [path.name for path in tmp_path.iterdir()] == ["other.sqlite"]
