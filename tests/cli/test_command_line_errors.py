"""What `mbr` says when it was called wrongly: one line on standard error that says what to do, exit code 2
(contract §7).

Belongs here: ``mbr_pipeline.cli.main`` with its words. Does not: what commands do when they were called
rightly.
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mbr_pipeline.cli import main
from mbr_pipeline.cli.messages import say
from mbr_pipeline.cli.streams import print_anything
from mbr_pipeline.errors import ConfigError
from tests.support.interrupts import interrupted_query
from tests.support.small import settings, write

WRONG = {
    ("run",): "mbr: Missing option '--period': see \"mbr run --help\"",
    ("run", "--foo"): "mbr: No such option '--foo': see \"mbr run --help\"",
    ("run", "--period", "2026-10", "more"): 'mbr: Got unexpected extra argument (more): see "mbr run --help"',
    ("nope",): "mbr: No such command 'nope': see \"mbr --help\"",
    ("init",): "mbr: Missing argument 'DIRECTORY': see \"mbr init --help\"",
    ("sql",): "mbr: Missing argument 'QUERY': see \"mbr sql --help\"",
    ("sql", "select 1", "--format", "xml"): (
        "mbr: Invalid value for '--format': 'xml' is not one of 'table', 'csv', 'json': see \"mbr sql"
        ' --help"'
    ),
    (
        "profile",
        "/nope.csv",
        "--dataset",
        "clients",
    ): "mbr: Invalid value for 'FILE': File '/nope.csv' does not exist: see \"mbr profile --help\"",
    (
        "ui",
        "--port",
        "0",
    ): "mbr: Invalid value for '--port': 0 is not in the range 1<=x<=65535: see \"mbr ui --help\"",
    ("map", "nope"): "mbr: No such command 'nope': see \"mbr map --help\"",
    (
        "world",
        "folder",
        "--check",
        "--seed",
        "2",
    ): 'mbr: --check compares what is there: leave out every other option: see "mbr world --help"',
    (
        "run",
        "--period",
        "a\x1b[2Jb\nc",
    ): "mbr: period 'a\\x1b[2Jb\\nc' is not a month: write it as YYYY-MM, for example 2026-10",
    ("no\x1b[2Jpe",): "mbr: No such command 'no\\x1b[2Jpe': see \"mbr --help\"",
}


def _called(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "argv", ["mbr", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_a_wrong_call_is_one_line_that_names_the_help_to_read(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _called(arguments, monkeypatch) == 2
    assert (*capsys.readouterr(),) == ("", WRONG[arguments] + "\n")


@pytest.mark.parametrize(
    "arguments",
    [("sql", "select '\udce9'"), ("explain", "\udce9"), ("decide", "list", "--msp=\udce9"), ("\udce9",)],
)
def test_what_was_typed_in_another_encoding_is_one_line(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _called(arguments, monkeypatch) == 2
    said = capsys.readouterr().err
    assert "\\udce9" in said
    assert said.endswith(" is not text in UTF-8: set the terminal to it, or write plain letters\n")
    assert said.count("\n") == 1


def test_a_path_may_have_any_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "\udce9"
    write(root / "mbr.yml", settings(["acme"]))
    for workspace in (["-w", str(root)], [f"--workspace={root}"]):
        monkeypatch.setattr(sys, "argv", ["mbr", "ledger", "--msp", "acme", *workspace])
        main()
        assert capsys.readouterr().out == "nothing was entered for acme yet\n"


@pytest.mark.parametrize("arguments", [(), ("map",), ("sources",)], ids=["mbr", "map", "sources"])
def test_a_group_without_command_shows_its_help(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _called(arguments, monkeypatch) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(" ".join(["Usage: mbr", *arguments, "[OPTIONS] COMMAND [ARGS]..."]))
    assert "Commands:" in shown


@pytest.mark.parametrize(
    "option",
    [["run", "--period", "2026-10"], ["explain", "abcdef"], ["map", "suggest", "--period", "2026-10"]],
)
def test_a_file_for_a_workspace_is_told_as_such(
    option: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "file", "x")
    assert _called((*option, "--workspace", str(tmp_path / "file")), monkeypatch) == 2
    assert (
        capsys.readouterr().err
        == f"mbr: {tmp_path / 'file'}: not a folder: name the folder that has mbr.yml with --workspace\n"
    )


def test_a_rule_file_that_is_a_folder_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    rule = tmp_path / "rules/acme/metering.csv"
    rule.mkdir(parents=True)
    assert _called(("run", "--workspace", str(tmp_path), "--period", "2026-10"), monkeypatch) == 2
    assert (
        capsys.readouterr().err
        == f"mbr: {rule}: cannot be read (Is a directory): make it a CSV file that you may read, or remove"
        " it\n"
    )


def test_what_a_terminal_cannot_show_is_written_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "argv", ["mbr", "--version"])
    main()
    print("9.00 − 1.00 … 3 × 4 → ü \udcff", file=shown)
    shown.seek(0)
    assert shown.read().splitlines()[-1] == "9.00 - 1.00 ... 3 x 4 -> \\xfc \\udcff"


def test_a_line_for_people_is_written_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    class Recorded(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            written.append(bytes(data))
            return len(data)

    stream = io.TextIOWrapper(io.BufferedWriter(Recorded()), encoding="utf-8", write_through=True)
    monkeypatch.setattr(sys, "stderr", stream)
    print_anything()
    print("acme: failed", file=sys.stderr)
    assert written == [b"acme: failed\n"]


def test_the_list_of_commands_imports_none_of_them() -> None:
    """`mbr --help` answers at once: a command's module may take seconds (Dagster, dbt)."""
    asked = (
        "import sys\nfrom mbr_pipeline.cli import commands\n"
        "commands(['--help'], standalone_mode=False)\n"
        "slow = ('dagster', 'duckdb', 'pyarrow', 'pydantic')\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in slow or m.startswith('mbr_pipeline.cli.'))"
        ", file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stderr == "['mbr_pipeline.cli.messages', 'mbr_pipeline.cli.streams']\n"
    assert "  run          Land, reconcile, gate and publish a month.\n" in done.stdout


def _more_than_there_is() -> duckdb.Error:
    with duckdb.connect(config={"memory_limit": "1MB", "temp_directory": ""}) as connection:
        try:
            connection.execute("create table numbers as select range from range(10000000)")
        except duckdb.Error as error:
            return error
    raise AssertionError("ten million numbers in 1 MB")


@pytest.mark.parametrize("of_duckdb", [False, True], ids=["of Python", "of DuckDB"])
def test_memory_that_runs_out_is_one_line(of_duckdb: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert say(_more_than_there_is() if of_duckdb else MemoryError()) == 1
    said = capsys.readouterr().err
    assert said.startswith("mbr: memory ran out") and said.count("\n") == 1
    assert said.endswith(": end other programs, then run again\n")
    assert ("could not allocate block" in said) is of_duckdb


def test_an_interrupted_query_is_an_interrupted_command(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        interrupted_query()
    except RuntimeError as error:
        assert say(error) == 1
    assert capsys.readouterr().err == "mbr: interrupted; run the same command again to continue\n"


def test_an_error_that_is_its_own_cause_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    error = ConfigError("the query failed")
    error.__cause__ = error  # as after `raise error from error`
    assert say(error) == 2
    assert capsys.readouterr().err == "mbr: the query failed\n"


def test_an_error_of_the_program_is_not_taken_for_one() -> None:
    with pytest.raises(RuntimeError, match="Query interrupted"):
        say(RuntimeError("Query interrupted"))
