"""`mbr decide`: one or many, all or none, and what fits what (§8.3).

Belongs here: the command on tables written by hand. Does not: two persons (``test_two_persons``), what a
decision comes to in a run (``tests/worlds``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.decide.command import Scope, decide_ids
from mbr_pipeline.decide.making import Wish
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.decide.months import EXCEPTIONS, Month, exception
from tests.support.small import PERIOD


def test_an_exception_is_decided_by_the_first_characters_of_its_id(month: Month) -> None:
    told = month.told("approve", "111111", "--reason", "counted again")
    [entry] = month.entries()
    assert told == {
        "entries": [{"entry_id": entry.entry_id, "exception_id": "1" * 24, "state": "in_force"}],
        "left_out": 0,
        "totals": {"USD": {"impact": "16.0000"}},
    }
    assert (entry.kind, entry.actor, entry.period) == ("approve", "clerk1", PERIOD)
    assert entry.body == {
        "exception_id": "1" * 24, "issue_id": "1" * 24, "exception_code": "UNDERBILLED_QUANTITY",
        "client_id": "C-1", "product_code": "SEAT", "source": None, "currency": "USD",
        "reason": "counted again", "until": None, "up_to": None, "pending": False,
        "seen": {
            "client_recoverable": "16.0000", "client_refund": "0.0000", "vendor_claim": "0.0000",
            "vendor_liability": "0.0000", "stranded": "0.0000", "priced_at_cost": "0.0000",
        },
    }  # fmt: skip
    assert month.states() == {"1:approve": "in_force"}


def test_saying_it_again_enters_nothing_and_is_no_error(month: Month) -> None:
    for arguments in (
        ("approve", "1" * 24),
        ("waive", "2" * 24, "--until", "2026-12", "--up-to", "3", "--reason", "agreed"),
        ("release", "--client", "C-4", "--msp", "acme", "--period", PERIOD, "--reason", "paid"),
    ):
        first, second = month.told(*arguments), month.told(*arguments)
        assert first == second
    assert month.kinds() == ["approve", "waive", "release"]
    # by somebody else, or with another limit, it is another wish
    month.told("approve", "1" * 24, who="clerk2")
    month.told("waive", "2" * 24, "--until", "2026-12", "--up-to", "4", "--reason", "agreed")
    assert month.kinds() == ["approve", "waive", "release", "approve", "waive"]


def test_all_or_none_and_every_misfit_is_named(month: Month) -> None:
    said = month.refused("approve", "1" * 24, "3" * 24, "4" * 24, "5" * 24, "6" * 24, "999999", "222")
    assert "1" * 24 not in said
    for misfit in (
        f"{'3' * 24}: no price is agreed",
        f"{'4' * 24}: VENDOR_AMOUNT_MISMATCH changes no client's invoice",
        f"{'5' * 24}: ROUNDING clears itself",
        f"{'6' * 24}: no price is agreed",
        "999999: no last audit has such an exception",
        "222: write at least 6 characters",
    ):
        assert misfit in said
    assert month.kinds() == []
    assert not WorkspacePaths(month.root).ledger.exists() or month.entries() == []


def test_an_id_that_begins_as_another_one_is_no_choice(month: Month) -> None:
    twin = exception(
        "1", "OVERBILLED_QUANTITY", "C-1", "OTHER", client_refund="1", exception_id="1" * 23 + "2"
    )
    month.audit(exceptions=[*EXCEPTIONS, twin])
    assert "2 exceptions begin so" in month.refused("approve", "111111")
    month.told("approve", "1" * 24)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("waive", "1" * 24, "--reason", "r"), "waive needs --until"),
        (("waive", "1" * 24, "--until", "2026-12"), "waive needs --reason"),
        (("dispute", "4" * 24), "dispute needs --reason"),
        (("defer", "1" * 24, "--reason", " "), "defer needs --reason"),
        (("approve", "1" * 24, "--until", "2026-12"), "--until is of waive"),
        (("defer", "1" * 24, "--reason", "r", "--up-to", "5"), "--up-to is of waive"),
        (
            ("waive", "1" * 24, "--until", "2026-09", "--reason", "r"),
            "--until 2026-09 is before its month 2026-10",
        ),
        (
            ("waive", "1" * 24, "--until", "2026-12", "--reason", "r", "--up-to", "15.99"),
            "--up-to 15.99 is less than",
        ),
        (("waive", "5" * 24, "--until", "2026-12", "--reason", "r"), "ROUNDING clears itself"),
        (("defer", "5" * 24, "--reason", "r"), "ROUNDING clears itself"),
        (("dispute", "1" * 24, "--reason", "r"), "no vendor owes anything"),
        (("approve", "1" * 24, "--code", "X"), "by --code, not both"),
        (("approve", "1" * 24, "--open"), "approve takes no --open"),
        (("list", "--reason", "x"), "list takes no --reason"),
        (("confirm", "1" * 16, "--until", "2026-12"), "confirm takes no --until"),
        (("approve", "--code", "UNDERBILLED_QUANTITY"), "the month by --period"),
        (("approve", "--period", PERIOD, "--max-impact", "1,50"), "--max-impact"),
        (("agree", "1" * 24), "say what to decide"),
        (("release", "1" * 24), "release is of a client"),
        (("release", "--client", "C-4"), "release needs --client, --msp and --period"),
        (("approve", "1" * 24, "1" * 23), "named twice"),
    ],
)
def test_what_cannot_be_meant_is_one_line_that_says_why(
    month: Month, arguments: tuple[str, ...], said: str
) -> None:
    assert said in month.refused(*arguments)


def test_a_months_open_exceptions_are_chosen_by_conditions(month: Month) -> None:
    month.told("defer", "2" * 24, "--reason", "later")
    told = month.told("approve", "--period", PERIOD)
    # e2 is decided, e5 clears itself; e3, e4 and e6 cannot be approved
    assert [entry["exception_id"][0] for entry in told["entries"]] == ["1", "7"]
    assert told["left_out"] == 5
    assert told["totals"] == {"USD": {"impact": "16.0000"}, "EUR": {"impact": "600.0000"}}
    assert "decided already" in month.refused("approve", "--period", PERIOD, who="clerk2")


def test_the_same_choice_again_finds_that_it_is_so(month: Month) -> None:
    first = month.told("approve", "--period", PERIOD)
    entered = len(month.entries())
    again = month.told("approve", "--period", PERIOD)
    assert again["entries"] == first["entries"]
    assert len(month.entries()) == entered


@pytest.mark.parametrize(
    ("conditions", "letters"),
    [
        (("--client", "C-1"), "124"),
        (("--code", "OVERBILLED_QUANTITY"), "7"),
        (("--source", "vendor"), "4"),
        (("--product", "NEW"), "3"),
        (("--max-impact", "7.00"), "234"),
        (("--client", "C-1", "--max-impact", "2.50"), "2"),
    ],
)
def test_every_condition_narrows_the_choice(month: Month, conditions: tuple[str, ...], letters: str) -> None:
    told = month.told("defer", "--period", PERIOD, "--reason", "r", *conditions)
    assert "".join(sorted(entry["exception_id"][0] for entry in told["entries"])) == letters


def test_one_limit_is_of_one_currency(month: Month) -> None:
    waive = ("waive", "--period", PERIOD, "--until", "2026-12", "--reason", "r", "--up-to", "600")
    assert "in EUR, USD" in month.refused(*waive)
    told = month.told(*waive, "--client", "C-3")
    assert [entry["exception_id"][0] for entry in told["entries"]] == ["7"]


def test_one_limit_of_ids_is_of_one_currency_and_a_tables_rows_have_their_own(
    month: Month, tmp_path: Path
) -> None:
    waive = ("waive", "--until", "2026-12", "--reason", "r", "--up-to", "600")
    assert "in EUR, USD: choose one by one" in month.refused(*waive, "1" * 24, "2" * 24, "7" * 24)
    assert month.entries() == []
    table = tmp_path / "decisions.csv"
    rows = (f"{n * 24},waive,r,2026-12,600" for n in "17")
    table.write_text("\n".join(["exception_id,action,reason,until,up_to", *rows]), encoding="utf-8")
    assert len(month.told("--csv", str(table))["entries"]) == 2
    assert len(month.told(*waive, "1" * 24, "2" * 24)["entries"]) == 2


def test_a_limit_is_of_what_is_chosen_whatever_else_the_conditions_meet(month: Month) -> None:
    month.told("waive", "7" * 24, "--until", "2026-12", "--reason", "r")
    waive = ("waive", "--period", PERIOD, "--until", "2026-12", "--reason", "r", "--up-to", "600")
    currencies = {row["currency"] for row in month.told("list")} | set(month.told(*waive)["totals"])
    assert currencies == {"EUR", "USD"}


def test_a_dry_run_says_what_would_be_and_enters_nothing(month: Month) -> None:
    told = month.told("approve", "--period", PERIOD, "--dry-run")
    assert [(entry["entry_id"], entry["state"]) for entry in told["entries"]] == [(None, "in_force")] * 3
    assert not WorkspacePaths(month.root).ledger.exists()


def test_who_decides_by_id_what_somebody_else_decided_is_told(month: Month) -> None:
    [made] = month.told("approve", "1" * 24)["entries"]
    workspace = Workspace.open(WorkspacePaths(month.root))
    wishes = [("1" * 24, Wish("defer", "clerk2", "asked")), ("2" * 24, Wish("approve", "clerk2"))]
    at = month.entries()[0].at
    # looked before it was decided: nothing is entered, and who did what is said
    with pytest.raises(ConfigError, match="decided since you looked, approve by clerk1 on ") as refused:
        decide_ids(workspace, wishes, Scope(looked_at=at[:-2] + "!"))
    assert f"(decision {made['entry_id']}): look again, then repeat" in str(refused.value)
    assert month.kinds() == ["approve"]
    # afterwards it is possible, and not silent
    done = month.decide("defer", "1" * 24, "--reason", "asked", who="clerk2")
    warning = f"mbr: warning: {'1' * 24}: replaces approve by clerk1 on "
    assert (done.exit_code, warning in done.stderr) == (0, True)
    assert month.states() == {"1:approve": "replaced", "1:defer": "in_force"}
    own = month.decide("waive", "1" * 24, "--until", PERIOD, "--reason", "r", who="clerk2")
    assert (own.exit_code, "replaces" in own.stderr) == (0, False)


def test_a_newer_decision_replaces_the_older_and_a_withdrawn_one_brings_none_back(month: Month) -> None:
    month.told("approve", "1" * 24)
    [deferred] = month.told("defer", "1" * 24, "--reason", "r")["entries"]
    assert month.states() == {"1:approve": "replaced", "1:defer": "in_force"}
    month.told("withdraw", deferred["entry_id"], "--reason", "wrong one")
    assert month.states() == {"1:approve": "replaced", "1:defer": "withdrawn"}
    # the exception is open again
    month.told("approve", "--period", PERIOD, "--code", "UNDERBILLED_QUANTITY")


def test_a_decision_does_not_outlive_what_was_seen(month: Month) -> None:
    month.told("approve", "1" * 24)
    changed = exception("1", "UNDERBILLED_QUANTITY", "C-1", "SEAT", client_recoverable="16.01")
    month.audit(exceptions=[changed, *EXCEPTIONS[1:]])
    assert month.states() == {"1:approve": "stale"}
    assert [row["state"] for row in month.told("list", "--open")] == ["stale"]
    month.told("approve", "1" * 24)
    assert month.states() == {"1:approve": "in_force"}


def test_a_deferral_stays_on_the_open_list_until_its_issue_is_decided(month: Month) -> None:
    [deferred] = month.told("defer", "1" * 24, "--reason", "r")["entries"]
    assert [row["decision_id"] for row in month.told("list", "--open")] == [deferred["entry_id"]]
    again = exception(
        "1", "UNDERBILLED_QUANTITY", "C-1", "SEAT", client_recoverable="5.00", exception_id="a" * 24
    )
    month.audit("2026-11", [again])
    assert [row["decision_id"] for row in month.told("list", "--open")] == [deferred["entry_id"]]
    month.told("approve", "a" * 24)
    assert month.told("list", "--open") == []


def test_a_waiver_is_in_force_in_later_months_for_the_same_issue(month: Month) -> None:
    month.told("waive", "1" * 24, "--until", "2026-11", "--reason", "r")
    again = exception(
        "1", "UNDERBILLED_QUANTITY", "C-1", "SEAT", client_recoverable="15.00", exception_id="a" * 24
    )
    for period in ("2026-11", "2026-12", "2027-01"):
        month.audit(period, [{**again, "exception_id": period[-2:] * 12}])
    rows = month.told("list")
    assert [(row["period"], row["state"], row["impact_now"]) for row in rows] == [
        ("2026-10", "in_force", "16.0000"),
        ("2026-11", "in_force", "15.0000"),
        ("2026-12", "expired", "15.0000"),
    ]


def test_a_client_held_by_what_could_not_be_compared_is_released(month: Month) -> None:
    release = ("release", "--msp", "acme", "--period", PERIOD, "--reason", "paid by hand", "--client")
    assert "C-1 is held by INVOICE_PRICE_MISMATCH, UNDERBILLED_QUANTITY" in month.refused(*release, "C-1")
    assert "C-5 is not held" in month.refused(*release, "C-5")
    [entry] = month.told(*release, "C-4")["entries"]
    assert (entry["exception_id"], entry["state"]) == (None, "in_force")
    [kept] = month.entries()
    assert kept.body == {"client_id": "C-4", "keys": ["SEAT"], "reason": "paid by hand", "pending": False}
