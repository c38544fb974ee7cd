"""`mbr world`: what it writes, what it refuses, and that --check tells a month that found everything from one
that did not.

Belongs here: files, messages and the verdict over tables written by hand. Does not: what the pipeline finds
(``tests/e2e/test_world.py``) and that injected faults are what they say (``tests/worlds``).
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.cli.world import check_command, make_command, parse_injections
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.exception_codes import codes_of
from mbr_pipeline.recompute import recompute_month
from mbr_pipeline.scaffold.answer_key import AnswerKey, as_csv, read_csv
from mbr_pipeline.scaffold.create import WorkspaceError, create_world
from mbr_pipeline.scaffold.world import EXCEPTION_CODES, INJECTABLE, Injection
from mbr_pipeline.scaffold.world.inject.control import CONTROL_CODES
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.command import MBR, environment
from tests.support.small import settings, write

HEADER = (
    "kind,msp_id,period,code,client_id,product_code,source,vendor_customer_id,sku_id,line_id,currency,"
    "impact_column,impact\n"
)
IMPACTS = (
    "client_recoverable",
    "client_refund",
    "vendor_claim",
    "vendor_liability",
    "stranded",
    "priced_at_cost",
)
NAMES = ("client_id", "product_code", "source", "vendor_customer_id", "sku_id", "line_id", "currency")


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
    assert f"Hidden in northwind {periods[1]}: 25 findings on clients of their own." in told
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


# --check, over a workspace whose results are written by hand: two months of one MSP, answers in the second

ANSWERS = (
    HEADER
    + "finding,acme,2026-10,UNDERBILLED_QUANTITY,C-1,SEAT,,,,,USD,client_recoverable,16.00\n"
    + "finding,acme,2026-10,UNMAPPED_SKU,,,vendor,,SKU-9,,EUR,priced_at_cost,7.50\n"
    + "finding,acme,2026-10,SOLD_BELOW_COST,C-2,SEAT,,,,,,,\n"
)
UNDERBILLED = {
    "exception_code": "UNDERBILLED_QUANTITY",
    "client_id": "C-1",
    "product_code": "SEAT",
    "currency": "USD",
    "client_recoverable": "16.0000",
}
UNMAPPED = {
    "exception_code": "UNMAPPED_SKU",
    "source": "vendor",
    "sku_id": "SKU-9",
    "currency": "EUR",
    "priced_at_cost": "7.5000",
}
BELOW_COST = {
    "exception_code": "SOLD_BELOW_COST",
    "client_id": "C-2",
    "product_code": "SEAT",
    "currency": "USD",
}
ALL = (UNDERBILLED, UNMAPPED, BELOW_COST)


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspacePaths:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write(tmp_path / "answers.csv", ANSWERS)
    for period in ("2026-09", "2026-10"):
        write(tmp_path / f"landing/acme/{period}/psa/clients.csv", "client_id,client_name\nC-1,Alder\n")
    return WorkspacePaths(tmp_path)


def has_run(
    workspace: WorkspacePaths,
    period: str,
    findings: Sequence[Mapping[str, str]] = (),
    reasons: Sequence[str] = (),
    verdicts: Sequence[str] = ("matched", "exception"),
) -> None:
    """Leave behind what a run of a month does: gate.json, and the tables where they belong."""
    report = workspace.root / "reports/acme" / period
    write(
        report / "gate.json",
        json.dumps({"gate": "blocked" if reasons else "passed", "reasons": list(reasons)}),
    )
    folder = report / "blocked" if reasons else workspace.published / "acme" / period
    folder.mkdir(parents=True, exist_ok=True)
    text: dict[str, Any] = {name: [row.get(name) for row in findings] for name in ("exception_code", *NAMES)}
    money = {
        name: pa.array([Decimal(row.get(name, "0.0000")) for row in findings], pa.decimal128(28, 4))
        for name in IMPACTS
    }
    columns = {name: pa.array(values, pa.string()) for name, values in text.items()} | money
    pq.write_table(pa.table(columns), folder / "fct_exceptions.parquet")
    pq.write_table(
        pa.table({"verdict": pa.array(verdicts, pa.string())}), folder / "fct_reconciliation.parquet"
    )


def row_of(printed: str, code: str) -> list[int]:
    """The counts of one code: hidden, found, impact equal, false alarms."""
    [line] = [line for line in printed.splitlines() if line.split()[:1] == [code]]
    return [int(cell) for cell in line.split()[1:]]


def test_a_month_that_found_everything_is_as_hidden_and_a_month_not_run_is_named_and_not_counted(
    workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    has_run(workspace, "2026-10", ALL)
    assert check_command(workspace) == 0
    printed = capsys.readouterr().out
    assert "acme 2026-10: published, 2 keys reconciled\n" in printed
    assert "acme 2026-09: not run yet, not compared; 0 hidden there\n" in printed
    assert (
        row_of(printed, "UNDERBILLED_QUANTITY")
        == row_of(printed, "UNMAPPED_SKU")
        == row_of(printed, "SOLD_BELOW_COST")
        == [1, 1, 1, 0]
    )
    assert row_of(printed, "all") == [3, 3, 3, 0]
    assert printed.endswith("As hidden: 3 of 3 found, 3 with equal impact, 0 false alarms.\n")


def test_answers_of_months_that_have_not_run_are_not_missed_yet(
    workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    has_run(workspace, "2026-09")
    assert check_command(workspace) == 0
    printed = capsys.readouterr().out
    assert "acme 2026-10: not run yet, not compared; 3 hidden there\n" in printed
    assert row_of(printed, "all") == [0, 0, 0, 0]


DIFFERENT = {
    "a finding lost": (
        ALL[1:],
        "UNDERBILLED_QUANTITY",
        [1, 0, 0, 0],
        "not found: UNDERBILLED_QUANTITY client_id=C-1",
    ),
    "a cent more": (
        ({**UNDERBILLED, "client_recoverable": "16.0100"}, *ALL[1:]),
        "UNDERBILLED_QUANTITY",
        [1, 1, 0, 0],
        "is client_recoverable 16.0100, hidden was client_recoverable 16.00",
    ),
    "the other direction": (
        ({**UNDERBILLED, "client_recoverable": "0", "client_refund": "16.0000"}, *ALL[1:]),
        "UNDERBILLED_QUANTITY",
        [1, 1, 0, 0],
        "is client_refund 16.0000, hidden was client_recoverable 16.00",
    ),
    "two directions": (
        ({**UNDERBILLED, "vendor_claim": "1.0000"}, *ALL[1:]),
        "UNDERBILLED_QUANTITY",
        [1, 1, 0, 0],
        "is client_recoverable 16.0000, vendor_claim 1.0000, hidden",
    ),
    "another cost": (
        (UNDERBILLED, {**UNMAPPED, "priced_at_cost": "7.4900"}, BELOW_COST),
        "UNMAPPED_SKU",
        [1, 1, 0, 0],
        "is priced_at_cost 7.4900, hidden was priced_at_cost 7.50",
    ),
    "an impact where there is none": (
        (UNDERBILLED, UNMAPPED, {**BELOW_COST, "client_recoverable": "2.0000"}),
        "SOLD_BELOW_COST",
        [1, 1, 0, 0],
        "is client_recoverable 2.0000, hidden was no impact",
    ),
    "another currency": (
        ({**UNDERBILLED, "currency": "EUR"}, *ALL[1:]),
        "UNDERBILLED_QUANTITY",
        [1, 0, 0, 1],
        "false alarm: UNDERBILLED_QUANTITY",
    ),
    "another client": (
        ({**UNDERBILLED, "client_id": "C-3"}, *ALL[1:]),
        "UNDERBILLED_QUANTITY",
        [1, 0, 0, 1],
        "not found: UNDERBILLED_QUANTITY",
    ),
    "the same finding twice": (
        (*ALL, UNDERBILLED),
        "UNDERBILLED_QUANTITY",
        [1, 1, 1, 1],
        "false alarm: UNDERBILLED_QUANTITY",
    ),
    "a finding nobody hid": (
        (*ALL, {**BELOW_COST, "exception_code": "ROUNDING"}),
        "ROUNDING",
        [0, 0, 0, 1],
        "false alarm: ROUNDING",
    ),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_any_difference_from_the_answers_is_told_and_fails(
    case: str, workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    findings, code, counts, words = DIFFERENT[case]
    has_run(workspace, "2026-10", findings)
    assert check_command(workspace) == 1
    printed = capsys.readouterr().out
    assert row_of(printed, code) == counts
    assert words in printed
    assert "\nDifferent: " in printed


def test_a_finding_in_a_month_without_answers_is_a_false_alarm(
    workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    has_run(workspace, "2026-10", ALL)
    has_run(workspace, "2026-09", [UNDERBILLED])
    assert check_command(workspace) == 1
    assert row_of(capsys.readouterr().out, "UNDERBILLED_QUANTITY") == [1, 1, 1, 1]


def test_nothing_compared_is_an_error_and_never_a_success(workspace: WorkspacePaths) -> None:
    with pytest.raises(MbrError, match="nothing was compared") as refusal:
        check_command(workspace)
    assert refusal.value.exit_code == 1
    assert "mbr run" in str(refusal.value)


def test_a_gate_that_passed_without_a_publication_is_no_result(workspace: WorkspacePaths) -> None:
    write(workspace.root / "reports/acme/2026-10/gate.json", json.dumps({"gate": "passed", "reasons": []}))
    with pytest.raises(MbrError, match="nothing was compared"):
        check_command(workspace)


@pytest.mark.parametrize("verdicts", [(), ("unreconcilable", "unreconciled")])
def test_a_publication_in_which_no_key_was_reconciled_is_not_clean(
    verdicts: tuple[str, ...], workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    write(workspace.root / "answers.csv", HEADER)
    has_run(workspace, "2026-10", verdicts=verdicts)
    assert check_command(workspace) == 1
    assert "0 keys reconciled" in capsys.readouterr().out


CONTROL = HEADER + "control,acme,2026-10,SOURCE_EMPTY,,,,,,,,,\n"


def test_a_blocked_month_is_as_hidden_by_its_reasons_even_if_an_earlier_publication_stands(
    workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    write(workspace.root / "answers.csv", CONTROL)
    has_run(workspace, "2026-10", ALL)
    has_run(workspace, "2026-10", (), ["SOURCE_EMPTY"], ["unreconciled"])
    assert check_command(workspace) == 0
    printed = capsys.readouterr().out
    assert "acme 2026-10: blocked by SOURCE_EMPTY, 0 keys reconciled\n" in printed
    assert row_of(printed, "SOURCE_EMPTY") == [1, 1, 1, 0]
    assert printed.endswith("As hidden: 1 of 1 found, 1 with equal impact, 0 false alarms.\n")


@pytest.mark.parametrize(
    ("reasons", "findings", "code", "counts"),
    [
        ((), (), "SOURCE_EMPTY", [1, 0, 0, 0]),
        (("SOURCE_MISSING",), (), "SOURCE_EMPTY", [1, 0, 0, 0]),
        (("SOURCE_EMPTY", "ROW_REJECTED"), (), "ROW_REJECTED", [0, 0, 0, 1]),
        (("SOURCE_EMPTY", "SUITE_FAILED:raw"), (), "SUITE_FAILED:raw", [0, 0, 0, 1]),
        (("SOURCE_EMPTY",), (UNDERBILLED,), "UNDERBILLED_QUANTITY", [0, 0, 0, 1]),
    ],
)
def test_another_reason_no_reason_or_a_finding_beside_it_is_a_difference(
    reasons: tuple[str, ...],
    findings: tuple[dict[str, str], ...],
    code: str,
    counts: list[int],
    workspace: WorkspacePaths,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(workspace.root / "answers.csv", CONTROL)
    has_run(workspace, "2026-10", findings, reasons)
    assert check_command(workspace) == 1
    assert row_of(capsys.readouterr().out, code) == counts


LINE = "finding,acme,2026-10,ROUNDING,C-1,SEAT,,,,,USD,client_refund,1.00\n"
WRONG = {
    "another header": (
        HEADER.replace("impact_column,impact", "impact,impact_column"),
        ["line 1", "columns must be kind,msp_id"],
    ),
    "an empty file": ("", ["line 1"]),
    "another kind": (
        HEADER + LINE.replace("finding", "guess"),
        ["line 2", "kind must be finding or control"],
    ),
    "no code": (HEADER + LINE.replace("ROUNDING", ""), ["line 2", "code must not be empty"]),
    "too few cells": (HEADER + LINE + "finding,acme\n", ["line 3", "13 cells"]),
    "too many cells": (HEADER + LINE.replace("1.00", "1.00,1.00"), ["line 2", "13 cells"]),
    "an amount that is none": (HEADER + LINE.replace("1.00", "NaN"), ["line 2", "impact must be an amount"]),
    "a negative amount": (HEADER + LINE.replace("1.00", "-1.00"), ["line 2", "impact must be an amount"]),
    "an unknown column": (
        HEADER + LINE.replace("client_refund", "margin"),
        ["line 2", "client_recoverable, client_refund"],
    ),
    "an impact without a column": (HEADER + LINE.replace("client_refund", ""), ["line 2", "both empty"]),
    "a month that is not landed": (
        HEADER + LINE.replace("2026-10", "2026-11"),
        ["acme 2026-11", "not the answer key"],
    ),
    "an MSP that is not there": (HEADER + LINE.replace("acme", "../acme"), ["../acme", "not the answer key"]),
    "bytes that are no text": (HEADER + "\udcff", ["not a CSV file in UTF-8"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_answer_file_that_is_none_is_one_line_that_names_the_place(
    case: str, workspace: WorkspacePaths
) -> None:
    text, words = WRONG[case]
    (workspace.root / "answers.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    has_run(workspace, "2026-10", ALL)
    with pytest.raises(ConfigError) as refusal:
        check_command(workspace)
    assert [word for word in ["answers.csv", *words] if word not in str(refusal.value)] == []
    assert "\n" not in str(refusal.value)


def test_a_workspace_without_answers_is_told_where_they_come_from(workspace: WorkspacePaths) -> None:
    (workspace.root / "answers.csv").unlink()
    with pytest.raises(ConfigError, match="only a workspace made by `mbr world`"):
        check_command(workspace)


@pytest.mark.parametrize(
    "damage", ["reports/acme/2026-10/gate.json", "published/acme/2026-10/fct_exceptions.parquet"]
)
def test_results_that_cannot_be_read_are_one_line_that_says_what_to_run(
    damage: str, workspace: WorkspacePaths
) -> None:
    has_run(workspace, "2026-10", ALL)
    write(workspace.root / damage, "{")
    with pytest.raises(MbrError, match="mbr run --msp acme --period 2026-10"):
        check_command(workspace)


def test_control_characters_of_landed_ids_are_shown_not_obeyed(
    workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    has_run(workspace, "2026-10", [*ALL, {**UNDERBILLED, "client_id": "C\x1b[2J\n9"}])
    assert check_command(workspace) == 1
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "client_id=C\\x1b[2J\\x0a9" in printed


def test_many_differences_are_counted_and_the_first_fifty_shown(
    workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    has_run(workspace, "2026-10", [*ALL, *({**UNDERBILLED, "client_id": f"X-{n}"} for n in range(60))])
    assert check_command(workspace) == 1
    printed = capsys.readouterr().out
    assert printed.count("false alarm: ") == 50
    assert "… and 10 more\n" in printed
    assert printed.endswith("Different: 3 of 3 found, 3 with equal impact, 60 false alarms.\n")


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
