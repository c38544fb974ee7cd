"""Where a month stands and what is next (contract §9), over tables, chains and landed files made by hand.

Belongs here: each step of a month's life as `mbr status` shows it. Does not: closing itself.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.status import command
from mbr_pipeline.decide.closed import Closing
from mbr_pipeline.release.next_step import Facts, next_step
from mbr_pipeline.release.status import status
from tests.decide.months import PEOPLE, exception
from tests.release.standing import INPUTS, Standing
from tests.support.small import PERIOD, write

HELD = {
    "fct_exceptions": [
        exception("1", "UNDERBILLED_QUANTITY", "C-2", "SEAT", client_recoverable="16.00"),
        exception("2", "OVERBILLED_QUANTITY", "C-2", "SEAT", client_refund="700", currency="JPY"),
        exception("4", "VENDOR_AMOUNT_MISMATCH", "C-1", "SEAT", vendor_claim="7.00", blocking=False),
        exception("5", "ROUNDING", "C-1", "SEAT", client_refund="0.01", status="auto_cleared"),
        exception("6", "OVERBILLED_QUANTITY", "C-1", "SEAT", client_refund="9.00", status="decided"),
    ],
    "fct_client_gate": [
        {"client_id": "C-1", "currency": "USD", "verdict": "PASS_WITH_WAIVER", "held_amount": "0"},
        {"client_id": "C-1", "currency": "JPY", "verdict": "PASS_WITH_WAIVER", "held_amount": "0"},
        {"client_id": "C-2", "currency": "USD", "verdict": "HOLD", "held_amount": "64.00"},
        {"client_id": "C-2", "currency": "JPY", "verdict": "HOLD", "held_amount": "700"},
        {"client_id": "C-3", "currency": "USD", "verdict": "PASS", "held_amount": "0"},
    ],
    "fct_decisions": [
        {"decision_id": "a", "state": "in_force", "actor": "clerk2", "confirmed_by": "owner1"},
        {"decision_id": "b", "state": "in_force", "actor": "clerk1"},
        {"decision_id": "c", "state": "stale", "actor": "clerk9"},
    ],
}
PASSED = {
    "fct_exceptions": [],
    "fct_client_gate": [{"client_id": "C-1", "currency": "USD", "verdict": "PASS", "held_amount": "0"}],
}
RUN = f"mbr run --period {PERIOD} --msp acme"
OF_THE_MONTH = f"--msp acme --period {PERIOD}"


@pytest.fixture
def standing(tmp_path: Path) -> Standing:
    return Standing(tmp_path)


def test_a_month_that_is_only_landed_is_to_be_run(standing: Standing) -> None:
    row = standing.row()
    assert (row.state, row.version, row.gate, row.open_exceptions) == ("open", None, None, 0)
    assert row.clients == {"pass": 0, "pass_with_waiver": 0, "hold": 0}
    assert (row.money, row.decided_by) == ({}, [])
    assert row.next == f"run it: {RUN}"


def test_a_blocked_month_says_by_what_and_where(standing: Standing) -> None:
    standing.audited(gate="blocked")
    row = standing.row()
    assert row.gate == "blocked"
    assert row.next.startswith(f"the gate blocked by ROW_REJECTED: see reports/acme/{PERIOD}/index.html")


def test_figures_are_of_what_nobody_decided_and_never_netted(standing: Standing) -> None:
    standing.audited(HELD)
    row = standing.row()
    assert (row.state, row.version, row.gate) == ("open", None, "passed")
    assert row.clients == {"pass": 1, "pass_with_waiver": 1, "hold": 1}
    assert row.open_exceptions == 3
    nothing = {"vendor_liability": "0.00", "stranded": "0.00"}
    assert row.money == {
        "JPY": {
            "client_recoverable": "0",
            "client_refund": "700",
            "vendor_claim": "0",
            "vendor_liability": "0",
            "stranded": "0",
        },
        "USD": {"client_recoverable": "16.00", "client_refund": "0.00", "vendor_claim": "7.00"} | nothing,
    }
    assert row.decided_by == ["clerk1", "clerk2", "owner1"]
    assert row.next == (
        f"decide what holds 1 client (C-2) by mbr decide, then {RUN};"
        f" or leave out: mbr close {OF_THE_MONTH} --except CLIENT --reason TEXT"
    )


def test_whatever_changed_since_the_run_is_to_be_run_again(standing: Standing) -> None:
    standing.audited(PASSED)
    assert standing.row().next == f"close it: mbr close {OF_THE_MONTH}"
    standing.inputs = "a late credit"
    assert standing.row().next == f"files, rules, settings or decisions changed since the last run: {RUN}"


def test_a_decision_that_waits_names_who_may_confirm_it(tmp_path: Path) -> None:
    standing = Standing(tmp_path, PEOPLE)
    standing.audited(HELD)
    zero = dict.fromkeys(("vendor_claim", "vendor_liability", "stranded", "priced_at_cost"), "0.0000")
    seen = {"client_recoverable": "16.00", "client_refund": "0.0000"} | zero
    body = {"exception_id": "1" * 24, "issue_id": "1" * 24, "seen": seen, "pending": True, "currency": "USD"}
    standing.enter("approve", "clerk1", body)
    assert standing.row().next == (
        f"1 decision waits for owner1: mbr decide list --open --period {PERIOD} --msp acme"
    )


def test_a_closed_month_stands_as_it_was_closed_until_it_is_opened(standing: Standing) -> None:
    standing.audited(PASSED)
    standing.close()
    row = standing.row()
    assert (row.state, row.version, row.gate) == ("closed", 1, "passed")
    assert row.clients == {"pass": 1, "pass_with_waiver": 0, "hold": 0}
    assert row.next == f"send it out: mbr export {OF_THE_MONTH} --to TARGET"
    standing.enter("export", "clerk1", {"version": "1", "target": "xero", "manifest": "0"})
    assert standing.row().next == "nothing: exported to xero"
    standing.enter("reopen", "owner1", {"version": "1", "reason": "a late credit"})
    row = standing.row()
    assert (row.state, row.version) == ("open", 1)
    assert row.next == f"opened again after version 1: land or decide what changes it, then {RUN}"
    standing.audited({**PASSED, "fct_variance_bridge": []})
    assert standing.row().next == f"close it: mbr close {OF_THE_MONTH}"
    standing.close(2)
    row = standing.row()
    # what version 1 was exported to has not got version 2
    assert (row.state, row.version) == ("closed", 2)
    assert row.next == f"send it out: mbr export {OF_THE_MONTH} --to TARGET"
    standing.enter("seal", "owner1", {"version": "2"})
    assert standing.row().state == "sealed"


def test_figures_of_a_closed_month_are_those_of_its_version(standing: Standing) -> None:
    standing.audited(PASSED)
    standing.close()
    standing.audited(HELD)
    assert standing.row().open_exceptions == 0


def test_who_was_left_out_stays_with_its_money_until_a_version_has_it(standing: Standing) -> None:
    standing.audited(HELD)
    standing.close(left_out=("C-2",))
    left_out = "; left out of version 1: C-2 (700 JPY, 64.00 USD)"
    assert left_out + f": mbr reopen {OF_THE_MONTH} --reason TEXT" in standing.row().next
    standing.enter("reopen", "owner1", {"version": "1", "reason": "decided"})
    standing.audited(PASSED)
    assert standing.row().next == f"close it: mbr close {OF_THE_MONTH}{left_out}"
    standing.close(2)
    assert "left out" not in standing.row().next


def test_files_landed_changed_or_taken_away_after_the_close_are_said(standing: Standing) -> None:
    standing.audited(PASSED)
    standing.close()
    landing = standing.month.landing
    write(landing / "psa/late_credit.csv", "a\n")
    (landing / "vendor/license_counts.csv").unlink()
    write(landing / "psa/clients.csv", "client_id,client_name\nC-1,Alder & Suns\n")
    assert standing.row().next == (
        "landed files changed since it was closed (psa/clients.csv, psa/late_credit.csv,"
        f" vendor/license_counts.csv) and do not count: mbr reopen {OF_THE_MONTH} --reason TEXT"
    )


def test_a_version_that_is_gone_is_said(standing: Standing) -> None:
    standing.audited(PASSED)
    standing.close()
    folder = standing.month.published.with_name(f"{PERIOD}.versions") / "1"
    (folder / "version.json").unlink()
    assert standing.row().next == f"version 1 cannot be read: restore {folder} from a backup"


@pytest.mark.parametrize("table", ["fct_exceptions", "fct_client_gate", "fct_decisions"])
@pytest.mark.parametrize("is_closed", [False, True])
def test_a_damaged_table_is_said_and_hides_no_other_month(
    standing: Standing, table: str, is_closed: bool
) -> None:
    standing.audited(PASSED)
    folder = standing.month.candidate
    if is_closed:
        standing.close()
        folder = standing.month.published.with_name(f"{PERIOD}.versions") / "1"
    damaged = folder / f"{table}.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-20])
    (standing.root / "landing/acme/2026-11/psa").mkdir(parents=True)
    (standing.root / "landing/acme/2026-11/psa/clients.csv").write_text("client_id,client_name\nC-1,One\n")
    broken, other = status(standing.workspace, lambda _: INPUTS)
    assert broken.next.startswith(f"{damaged}: the table is damaged (ArrowInvalid): run its month again")
    assert (broken.step, broken.state) == ("mend", "closed" if is_closed else "open")
    assert (other.period, other.step) == ("2026-11", "run")


def test_many_names_are_counted() -> None:
    facts = Facts("acme", PERIOD, gate="passed", held=["A", "B", "C", "D", "E"])
    assert "5 clients (A, B, C and 2 more)" in next_step(facts)


def test_names_from_outside_are_shown_and_not_obeyed() -> None:
    closing = Closing("closed", ())
    facts = Facts("acme", PERIOD, closing, "passed", excepted={"C\x1b[2J": {"KWD": Decimal("1.5")}})
    assert "\x1b" not in next_step(facts)
    assert "(1.500 KWD)" in next_step(facts)


def test_the_command_prints_a_table_and_one_json_value(standing: Standing) -> None:
    standing.audited(HELD)
    done = CliRunner().invoke(command, ["--workspace", str(standing.root)])
    assert done.exit_code == 0, done.exception
    lines = done.stdout.splitlines()
    assert any("USD bill 16.00, claim 7.00" in line for line in lines)
    assert any("JPY refund 700" in line for line in lines)
    # the certificate's inputs are not those of the landed files
    assert lines[-1].startswith("  next:    files, rules, settings or decisions changed")
    done = CliRunner().invoke(command, ["--workspace", str(standing.root), "--msp", "acme", "--json"])
    [row] = json.loads(done.stdout.splitlines()[-1])
    assert list(row) == [
        "msp_id", "period", "state", "version", "gate", "clients", "open_exceptions", "money", "decided_by",
        "next",
    ]  # fmt: skip
    done = CliRunner().invoke(command, ["--workspace", str(standing.root), "--period", "2026-09", "--json"])
    assert json.loads(done.stdout.splitlines()[-1]) == []
