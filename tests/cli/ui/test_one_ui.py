"""What must hold before `mbr ui` starts Dagster: a free port, and no other UI of the workspace.

Belongs here: those two, held by real processes. Does not: Dagster (tests/e2e/ui).
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mbr_pipeline.cli.ui import refuse_taken, ui_command
from mbr_pipeline.cli.ui.once import only_one
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import settings, write

_HOLDS = """\
import subprocess, sys
from pathlib import Path
from mbr_pipeline.cli.ui.once import only_one
with only_one(Path(sys.argv[1]), "http://127.0.0.1:3000") as place:
    subprocess.Popen(["sleep", "60"], pass_fds=(place,)) if sys.argv[2:] else None
    print("held", flush=True)
    sys.stdin.read()
"""


def _holding(home: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _HOLDS, str(home), *more]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


def test_a_second_ui_is_told_where_the_first_is_until_that_is_gone(tmp_path: Path) -> None:
    first = _holding(tmp_path)
    told = re.escape(
        f"the UI of this workspace runs already, at http://127.0.0.1:3000 (process {first.pid}): open that,"
        " or end it first"
    )
    with pytest.raises(ConfigError, match=f"^{told}$"), only_one(tmp_path, "http://127.0.0.1:3001"):
        pass
    first.kill()
    first.wait()
    with only_one(tmp_path, "http://127.0.0.1:3001"):
        said = (tmp_path / "ui.lock").read_text()
    assert said == f"at http://127.0.0.1:3001 (process {os.getpid()})"


def test_the_place_is_held_as_long_as_a_child_lives_that_runs_the_schedules(tmp_path: Path) -> None:
    first = _holding(tmp_path, "with a child")
    os.kill(first.pid, 9)
    first.wait()
    with pytest.raises(ConfigError, match="runs already"), only_one(tmp_path, "http://127.0.0.1:3001"):
        pass
    os.killpg(first.pid, 9)


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError) as refused:
            ui_command(WorkspacePaths(tmp_path), port)
    assert str(refused.value) == (
        f"port {port} on 127.0.0.1 cannot be used (Address already in use): end what listens there, or choose"
        " another with --port"
    )
    refuse_taken(port)  # and is free again
