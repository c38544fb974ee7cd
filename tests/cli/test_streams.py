"""The standard streams of `mbr`: closed ones, and JSON on streams of any encoding.

Belongs here: ``mbr_pipeline.cli.streams``. Does not: errors in one line
(``test_command_line_errors``).
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mbr_pipeline.cli.streams import print_anything, print_json
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.workspace.paths import WorkspacePaths

_A_COMMAND = """
import subprocess, sys
from mbr_pipeline.cli.streams import open_closed_streams
open_closed_streams()
with open(sys.argv[1], "w") as ours:
    subprocess.run(["sh", "-c", "echo printed; echo printed >&2; cat"], check=True)
    print("printed")
    print("printed", file=sys.stderr)
    ours.write(f"number {ours.fileno() > 2}")
"""


def _with_streams_closed(how: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", f'exec "$0" "$@" {how}', sys.executable, "-P", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("how", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_no_file_of_ours_takes_the_place_of_a_closed_stream(how: str, tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    done = _with_streams_closed(how, "-c", _A_COMMAND, str(ours))
    assert (done.returncode, ours.read_text()) == (0, "number True")


def test_a_query_needs_no_standard_output(tmp_path: Path) -> None:
    paths = WorkspacePaths(tmp_path)
    paths.published.mkdir()
    refresh_catalogue(paths)
    call = "from mbr_pipeline.cli import main; main()"
    done = _with_streams_closed(">&-", "-c", call, "sql", "select 1", "--workspace", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


HOSTILE = "é — 日本 😀 \u202e \u2028 \x85 \x1b[31m \x9b31m \x7f"


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "cp1252", "utf-8"])
def test_json_is_the_same_on_a_stream_of_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    print_anything()
    print_json({"reason": HOSTILE})
    stream.seek(0)
    [line] = stream.read().splitlines()
    assert json.loads(line) == {"reason": HOSTILE}
    assert not set(line) & set("\u202e\u2028\x85\x1b\x9b\x7f")
    assert ("é — 日本 😀" in line) is (encoding == "utf-8")
