"""`mbr world --check`: a month that found everything is told from one that did not.

Belongs here: the verdict over tables written by hand. Does not: answers and results that cannot be read
(``test_check_inputs``).
"""

from __future__ import annotations

import json

import pytest

from mbr_pipeline.cli.world import check_command
from mbr_pipeline.errors import MbrError
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.cli.world.answers import ALL, BELOW_COST, HEADER, UNDERBILLED, UNMAPPED, has_run
from tests.support.small import write


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
