"""`mbr world --check` on answers and results that cannot be read, and how differences are shown.

Belongs here: messages. Does not: the verdict (``test_check``).
"""

from __future__ import annotations

import pytest

from mbr_pipeline.cli.world import check_command
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.cli.world.answers import ALL, HEADER, UNDERBILLED, has_run
from tests.support.small import write

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
