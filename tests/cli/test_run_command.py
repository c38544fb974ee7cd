"""What must hold before `mbr run` starts anything, and what it says of a month in the end.

Belongs here: the check of the places it writes to, its sentences and its summary. Does not: a command met by
obstacles (tests/e2e).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.cli.run import check_writable, refuse_empty_month, run_command
from mbr_pipeline.cli.run.outcome import MonthWatch, Outcome
from mbr_pipeline.cli.run.summary import print_summary
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.small import settings, write, write_msp

PERIOD = Period("2026-10")


def test_folders_that_are_not_there_yet_are_looked_for_where_they_will_be_and_not_made(
    tmp_path: Path,
) -> None:
    check_writable([tmp_path / "deep/er", tmp_path])
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder_or_takes_no_files_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(MbrError) as refused:
        check_writable([tmp_path, tmp_path / "file/reports"])
    assert str(refused.value).startswith(f"cannot write in {tmp_path / 'file'}: Not a directory: ")
    (tmp_path / "kernel").symlink_to("/proc")  # nobody can write there, not even root
    with pytest.raises(MbrError, match="^cannot write in .*/kernel: "):
        check_writable([tmp_path / "kernel"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "kernel"]


def test_too_little_room_is_said_before_it_runs_out(tmp_path: Path) -> None:
    with pytest.raises(
        MbrError, match=rf"MiB are free in {tmp_path}, a run needs {2**40} or more: make room, then run again"
    ):
        check_writable([tmp_path], least_free=2**60)


def test_an_error_of_no_step_is_one_line_with_its_account_only_if_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MBR_TRACEBACK", raising=False)
    watch = MonthWatch(WorkspacePaths(tmp_path).month("acme", PERIOD))
    assert watch.unexpected(ValueError("first\nsecond\x1b[2J")) == Outcome(None, failed=True)
    assert (
        capsys.readouterr().err
        == "mbr: acme 2026-10: unexpected ValueError: first second\\x1b[2J; nothing was published\n"
    )
    (tmp_path / "published/acme/2026-10").mkdir(parents=True)
    monkeypatch.setenv("MBR_TRACEBACK", "1")
    watch.unexpected(ValueError("first"))
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "ValueError: first"  # it was never raised, so its account is this one line
    assert said[1:] == [
        "mbr: acme 2026-10: unexpected ValueError: first; its tables were published, the catalogue may not"
        " show them: run again"
    ]


def _document(**more: Any) -> dict[str, Any]:
    money = dict.fromkeys(("client_refund", "vendor_claim", "vendor_liability", "stranded"), "0.00")
    return {
        "msp_id": "acme",
        "msp_name": "Acme",
        "period": "2026-10",
        "gate": "passed",
        "reasons": [],
        "controls": [],
        "rejected_count": 0,
        "rejected_rows": [],
        "warnings": [],
        "clients": {"pass": 1, "pass_with_waiver": 0, "hold": 0},
        "residual": "0.00",
        "exceptions": {"UNBILLED_PRODUCT": 2},
        "money": [
            {"currency": currency, "client_recoverable": "8.00", **money} for currency in ("USD", "EUR")
        ],
    } | more


def test_a_blocked_month_says_what_is_published_instead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = Outcome(_document(coverage=[], gate="blocked", reasons=["SOURCE_EMPTY"]), failed=False)
    print_summary(WorkspacePaths(tmp_path), PERIOD, [blocked])
    assert "BLOCKED by SOURCE_EMPTY: nothing is published\n" in capsys.readouterr().out
    (tmp_path / "published/acme/2026-10").mkdir(parents=True)
    print_summary(WorkspacePaths(tmp_path), PERIOD, [blocked])
    assert "BLOCKED by SOURCE_EMPTY: the earlier publication stands\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("coverage", "shown", "beside_usd", "beside_eur"),
    [
        ([], "coverage: not evaluated", "coverage not evaluated", "coverage not evaluated"),
        (
            [{"currency": "USD", "pct": "66.6666"}],
            "coverage: 66.6666 % of USD",
            "coverage 66.6666 %",
            "no vendor charges to cover",
        ),
    ],
)
def test_coverage_is_shown_where_it_was_evaluated(
    coverage: list[dict[str, str]],
    shown: str,
    beside_usd: str,
    beside_eur: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_summary(WorkspacePaths(tmp_path), PERIOD, [Outcome(_document(coverage=coverage), failed=False)])
    printed = capsys.readouterr().out
    assert f"residual: 0.00   {shown}\n" in printed
    assert f"at stake in USD ({beside_usd}): bill clients 8.00" in printed
    assert f"at stake in EUR ({beside_eur}): bill clients 8.00" in printed
    assert f"report: {tmp_path / 'reports/acme/2026-10/index.html'}\n" in printed


def test_a_month_without_a_landed_file_is_refused_with_the_months_there_are(tmp_path: Path) -> None:
    paths = WorkspacePaths(tmp_path)
    write(tmp_path / "mbr.yml", settings(["acme", "birch"]))
    with pytest.raises(ConfigError, match="or there is none for any month; nothing was run$"):
        run_command(paths, "2062-10", None, as_json=True)
    write_msp(tmp_path, "acme")
    write(tmp_path / "landing/birch/2026-09/psa/clients.csv", "")
    for name in (
        "vendor/notes.csv",
        "pax8/clients.csv",
        "vendor/.superseded/vendor_charges.csv",
        "psa/.fetch/clients.csv",
    ):
        write(tmp_path / "landing/acme/2062-10" / name, "not a landed file")
    said = (
        "no file of a declared dataset is landed for 2062-10, for acme, birch: land files with `mbr land`, or"
        " choose one of 2026-09, 2026-10; nothing was run"
    )
    with pytest.raises(ConfigError) as refusal:
        run_command(paths, "2062-10", None, as_json=True)
    assert str(refusal.value) == said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["landing", "mbr.yml", "rules"]
    workspace = Workspace.open(paths)
    with pytest.raises(ConfigError, match="for 2026-10, for birch: .*choose one of 2026-09;"):
        refuse_empty_month(workspace, ["birch"], PERIOD)
    refuse_empty_month(workspace, ["acme", "birch"], PERIOD)


def test_an_interrupt_that_a_month_outlives_ends_the_command_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "mbr.yml", settings(["acme", "birch"]))
    write_msp(tmp_path, "acme")
    write_msp(tmp_path, "birch")
    run: list[str] = []

    class Outliving:
        def run(self, msp_id: str) -> tuple[Outcome, bool]:
            run.append(msp_id)
            return Outcome({**_document(), "clients": {}, "exceptions": {}, "residual": "0.00"}, False), True

    late: list[bool] = []

    def opened(*_: object, refreshes_catalogue: bool) -> AbstractContextManager[Outliving]:
        late.append(not refreshes_catalogue)
        return nullcontext(Outliving())

    monkeypatch.setattr("mbr_pipeline.cli.run.opened", opened)
    monkeypatch.setattr("mbr_pipeline.cli.run.Transformer", nullcontext)
    assert run_command(WorkspacePaths(tmp_path), "2026-10", None, as_json=True) == 1
    assert run == ["acme"]
    last = "mbr: interrupted; not begun: birch; run the same command again for 2026-10 to continue"
    assert capsys.readouterr().err.splitlines()[-1] == last
    assert run_command(WorkspacePaths(tmp_path), "2026-10", "acme", as_json=True) == 0
    assert "interrupted" not in capsys.readouterr().err
    assert late == [True, False]  # of several months the catalogue is made once, in the end
