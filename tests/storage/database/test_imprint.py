"""The imprint of the ledger's SQLite file: after every write it is that of the file, whoever wrote.

Belongs here: taking it. Does not: what a difference means (``tests/release/evidence/test_ledger``).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
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


_DIES_BEFORE_THE_IMPRINT = """
import os, signal
from mbr_pipeline.storage.database import imprint
imprint.take = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_repeats_a_command_that_died_before_the_imprint_makes_up_for_it(tmp_path: Path) -> None:
    file = tmp_path / "ledger/ledger.sqlite"
    open_database(file)
    subprocess.run(
        [sys.executable, "-c", _DIES_BEFORE_THE_IMPRINT + _WRITES, str(file), "a"], check=False, timeout=60
    )
    assert imprint.hold(file) == "behind"
    with appending(open_database(file)) as chains:  # finds everything as it wishes it
        assert chains.head("acme").seq == 1
    assert imprint.hold(file) == "equal"


def test_nobody_who_writes_nothing_takes_the_imprint_of_what_another_hand_changed(tmp_path: Path) -> None:
    file = tmp_path / "ledger/ledger.sqlite"
    with appending(open_database(file)) as chains:
        chains.append("acme", [Draft("land", None, {"file": "a"}, "clerk1")])
    content = file.read_bytes()
    free = content.rindex(bytes(64))  # of no entry
    file.write_bytes(content[:free] + b"x" + content[free + 1 :])
    with appending(open_database(file)):
        pass
    assert imprint.hold(file) == "changed"
