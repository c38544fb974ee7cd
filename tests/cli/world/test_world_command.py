"""`mbr world`: what it writes and what it refuses.

Belongs here: files and messages. Does not: --check (``test_check``), what the pipeline finds
(``tests/e2e/test_world.py``) and that injected faults are what they say (``tests/worlds``).
"""

from __future__ import annotations

import csv
import hashlib
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.cli.world import make_command, parse_injections
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.exception_codes import codes_of
from mbr_pipeline.recompute.month import recompute_month
from mbr_pipeline.scaffold.answer_key import AnswerKey, as_csv, read_csv
from mbr_pipeline.scaffold.create import WorkspaceError, create_world
from mbr_pipeline.scaffold.world import EXCEPTION_CODES, INJECTABLE, Injection
from mbr_pipeline.scaffold.world.inject.control import CONTROL_CODES
from tests.cli.world.answers import IMPACTS, NAMES
from tests.e2e.command import MBR, environment


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def answer_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "answers.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


# what is made


def test_the_same_seed_makes_the_same_bytes_in_every_process_and_another_seed_does_not(
    tmp_path: Path,
) -> None:
    for name, seed, hash_seed in (("a", "7", "1"), ("b", "7", "2"), ("c", "8", "1")):
        command = [
            str(MBR),
            "world",
            "--seed",
            seed,
            "--clients",
            "3",
            "--periods",
            "2",
            "--msps",
            "2",
            str(tmp_path / name),
        ]
        subprocess.run(
            command,
            env=environment() | {"PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            timeout=120,
        )
    first, second, other = (digest(tmp_path / name) for name in ("a", "b", "c"))
    assert first == second
    assert set(first) >= {
        "mbr.yml",
        "answers.csv",
        "rules/northwind/sku_map.csv",
        "rules/suedwind/sku_map.csv",
    }
    assert first["answers.csv"] != other["answers.csv"]


def test_by_default_every_exception_code_is_hidden_once_in_the_last_month_and_no_control_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_command(tmp_path / "w", 7, 2, 2, 2, ())

    rows = answer_rows(tmp_path / "w")
    assert Counter(row["code"] for row in rows) == Counter(codes_of("client", "vendor"))
    periods = sorted(path.name for path in (tmp_path / "w/landing/northwind").iterdir())
    assert {(row["kind"], row["msp_id"], row["period"]) for row in rows} == {
        ("finding", "northwind", periods[1])
    }
    told = capsys.readouterr().out
    files = len(digest(tmp_path / "w"))
    assert (
        f"{files} files written to {tmp_path}/w: northwind and suedwind, 2 clients each, {periods[0]} to"
        f" {periods[1]}." in told
    )
    assert f"Hidden in northwind {periods[1]}: {len(rows)} findings on clients of their own." in told
    assert f"mbr run --workspace {tmp_path}/w --period {periods[1]}\n" in told
    assert told.endswith(f"mbr world --check {tmp_path}/w\n")


def test_the_commands_to_run_next_can_be_pasted_whatever_the_folder_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_command(tmp_path / "my world; $HOME", 1, 1, 1, 1, ("ROUNDING",))
    told = capsys.readouterr().out
    assert told.endswith(f"mbr world --check '{tmp_path}/my world; $HOME'\n")
    [period] = [path.name for path in (tmp_path / "my world; $HOME/landing/northwind").iterdir()]
    assert (
        f": northwind, 1 client, {period}.\nHidden in northwind {period}: 1 finding on a client of its own."
        in told
    )


@pytest.mark.parametrize("size", ["minor", "typical", "gross"])
def test_the_answer_file_says_what_the_oracle_finds_in_the_files_and_where(size: str, tmp_path: Path) -> None:
    make_command(tmp_path, 3, 2, 2, 1, [f"{code}:{size}" for code in (*EXCEPTION_CODES, "COVERAGE_TOO_LOW")])

    rows = answer_rows(tmp_path)
    found = recompute_month(tmp_path, "northwind", rows[0]["period"])
    wanted = [row for row in rows if row["kind"] == "finding"]
    assert [row["code"] for row in rows if row["kind"] == "control"] == found.reasons == ["COVERAGE_TOO_LOW"]
    assert len(wanted) == len(found.exceptions) >= 26
    left = list(found.exceptions)
    for row in wanted:
        named = {name: row[name] for name in NAMES if row[name]}
        [match] = [
            e
            for e in left
            if e["exception_code"] == row["code"] and all(e[name] == value for name, value in named.items())
        ]
        impacts = {column: Decimal(match[column]) for column in IMPACTS if match[column]}
        assert impacts == ({row["impact_column"]: Decimal(row["impact"])} if row["impact"] else {})
        left.remove(match)
    # a spreadsheet takes none of it for a formula
    assert {cell[0] for row in rows for cell in row.values() if cell} & set("=+-@\t\r") == set()


@pytest.mark.parametrize("code", CONTROL_CODES)
def test_a_control_fault_is_a_row_of_its_own_kind_and_what_the_oracle_blocks_by(
    code: str, tmp_path: Path
) -> None:
    make_command(tmp_path, 5, 2, 1, 1, (code,))

    [row] = answer_rows(tmp_path)
    assert {name for name, cell in row.items() if cell} == {"kind", "msp_id", "period", "code"}
    found = recompute_month(tmp_path, row["msp_id"], row["period"])
    assert (row["kind"], [row["code"]]) == ("control", found.reasons)
    assert found.exceptions == []


def test_the_answer_file_read_back_is_the_key_that_was_written(tmp_path: Path) -> None:
    world = create_world(
        tmp_path, 4, 1, 1, 1, [Injection(code) for code in (*EXCEPTION_CODES, "COVERAGE_TOO_LOW")]
    )

    read = read_csv(tmp_path / "answers.csv")
    assert (list(read.findings), dict(read.controls)) == (world.answers, world.blocked)
    assert as_csv(AnswerKey(read.findings, read.controls)) == (tmp_path / "answers.csv").read_bytes()


def test_a_year_of_months_is_clean_to_its_end(tmp_path: Path) -> None:
    # seed 4 adds seats to a prepaid year; in its last month such a line would be priced as a month's
    world = create_world(tmp_path, 4, 1, 12, 2, [Injection("ROUNDING")])
    found = recompute_month(tmp_path, "suedwind", world.periods[11])
    assert (found.exceptions, found.reasons) == ([], [])


# what is refused


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("NOT_A_CODE",), ["--inject NOT_A_CODE", *INJECTABLE]),
        (("rounding",), ["--inject rounding", "ROUNDING"]),
        (("CONSERVATION_BROKEN",), ["--inject CONSERVATION_BROKEN", *INJECTABLE]),
        (("ROUNDING:huge",), ["--inject ROUNDING:huge", "minor, typical, gross"]),
        (
            ("ROUNDING", "SOURCE_EMPTY"),
            ["--inject SOURCE_EMPTY", "alone", *EXCEPTION_CODES, "COVERAGE_TOO_LOW"],
        ),
        (("SOURCE_MISSING", "SCHEMA_DRIFT:gross"), ["--inject SOURCE_MISSING", "alone"]),
        (("COVERAGE_TOO_LOW", "ROW_REJECTED"), ["--inject ROW_REJECTED", "alone"]),
    ],
)
def test_a_code_that_cannot_be_hidden_is_one_line_that_lists_those_that_can(
    texts: tuple[str, ...], words: list[str], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as refusal:
        make_command(tmp_path / "w", 1, 1, 1, 1, texts)
    assert [word for word in words if word not in str(refusal.value)] == []
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_code == 2
    assert not (tmp_path / "w").exists()


def test_a_size_may_be_named_and_is_typical_otherwise() -> None:
    assert parse_injections(["ROUNDING", "LATE_CHARGE:gross", "ROUNDING:minor"]) == [
        Injection("ROUNDING", "typical"),
        Injection("LATE_CHARGE", "gross"),
        Injection("ROUNDING", "minor"),
    ]


def test_a_folder_that_holds_anything_is_refused_in_the_words_of_init_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".keep").write_text("mine")
    with pytest.raises(WorkspaceError, match="is not empty; name a new or empty folder"):
        make_command(tmp_path, 1, 1, 1, 1, ())
    assert [path.name for path in tmp_path.iterdir()] == [".keep"]
    with pytest.raises(WorkspaceError, match="is a file"):
        make_command(tmp_path / ".keep", 1, 1, 1, 1, ())
    with pytest.raises(WorkspaceError, match="choose another folder"):
        make_command(tmp_path / ".keep" / "below", 1, 1, 1, 1, ())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--check", "--seed", "3"), 2, "leave out every other option"),
        (("--check",), 2, "answers.csv not found"),
        (("--inject", "NOTHING"), 2, "--inject NOTHING: no such code"),
        (("--clients", "0"), 2, "--clients"),
        (("--periods", "37"), 2, "--periods"),
        (("--msps", "3"), 2, "--msps"),
    ],
)
def test_wrong_usage_is_exit_2_and_makes_nothing(
    arguments: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    command = [str(MBR), "world", *arguments, str(tmp_path / "w")]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []
