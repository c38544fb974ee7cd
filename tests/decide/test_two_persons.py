"""Who may decide, and what needs two (§8.2, §8.3).

Belongs here: people, four eyes, rulings. Does not: the database's own refusal (``ledger/test_chains``).
"""

from __future__ import annotations

from decimal import Decimal

from tests.decide.months import EXCEPTIONS, Month, exception
from tests.support.handmade_marts import Rows
from tests.support.small import PERIOD


def _asked(two: Month, *arguments: str) -> str:
    [entry] = two.told(*arguments)["entries"]
    assert entry["state"] == "pending"
    return str(entry["entry_id"])


def test_what_is_above_the_limit_waits_for_somebody_else(two: Month) -> None:
    entry_id = _asked(two, "approve", "1" * 24)  # 16.00 is above 15.00
    assert two.states() == {"1:approve": "pending"}
    assert "has not the role approver" in two.refused("confirm", entry_id, who="clerk2")
    told = two.told("confirm", entry_id[:6], who="owner1")
    assert told["entries"] == [{"entry_id": entry_id, "exception_id": "1" * 24, "state": "in_force"}]
    assert two.states() == {"1:approve": "in_force"}
    assert [(entry.kind, entry.actor) for entry in two.entries()] == [
        ("approve", "clerk1"), ("denied", "clerk2"), ("confirm", "owner1")
    ]  # fmt: skip
    assert two.entries()[2].body == {"entry_id": entry_id, "of_actor": "clerk1", "reason": None}


def test_each_says_the_money_that_it_is_about(two: Month) -> None:
    about = ("--msp", "acme", "--period", PERIOD, "--reason", "r")
    entry_id = _asked(two, "approve", "1" * 24)
    assert two.told("confirm", entry_id, who="owner1")["totals"] == {"USD": {"impact": "16.0000"}}
    told = two.told("withdraw", entry_id, "--reason", "r")
    assert told["totals"] == {"USD": {"impact": "16.0000"}}
    entry_id = _asked(two, "approve", "1" * 24)
    told = two.told("refuse", entry_id, "--reason", "r", who="owner1")
    assert told["totals"] == {"USD": {"impact": "16.0000"}}
    # of a release: the client's invoice lines, 8.00
    released = two.told("release", "--client", "C-4", *about)
    assert {currency: Decimal(each["impact"]) for currency, each in released["totals"].items()} == {"USD": 8}
    assert two.told("release", "--client", "C-4", *about)["totals"] == released["totals"]
    lines = [_line("C-4", "5.00"), _line("C-4", "3.00"), _line("C-5", "1.00")]
    passing: Rows = [{"client_id": "C-4", "currency": "USD", "verdict": "PASS_WITH_WAIVER"}]
    two.audit(more={"marts.fct_client_gate": passing, "marts.fct_line_dispositions": lines})
    told = two.told("withdraw", released["entries"][0]["entry_id"], "--reason", "r")
    assert {currency: Decimal(each["impact"]) for currency, each in told["totals"].items()} == {"USD": 8}


def _line(client_id: str, amount: str) -> dict[str, str]:
    about = {"leg": "invoice", "source": "psa", "invoice_id": f"I-{amount}", "line_id": "L-1"}
    return about | {"client_id": client_id, "currency": "USD", "amount": amount, "disposition": "matched"}


def test_nobody_confirms_their_own_decision(two: Month) -> None:
    [entry] = two.told("approve", "1" * 24, who="owner1")["entries"]
    assert entry["state"] == "pending"
    assert "somebody else confirms it" in two.refused("confirm", entry["entry_id"], who="owner1")


def test_the_limit_is_of_the_greater_of_impact_and_up_to_and_of_its_currency_alone(two: Month) -> None:
    two.told("defer", "2" * 24, "--reason", "r")  # 2.50
    _asked(two, "waive", "2" * 24, "--until", "2026-12", "--up-to", "15.01", "--reason", "r")
    [entry] = two.told("approve", "7" * 24)["entries"]  # no limit is set for EUR
    assert entry["state"] == "in_force"
    [entry] = two.told("release", "--client", "C-4", "--msp", "acme", "--period", PERIOD, "--reason", "r")[
        "entries"
    ]
    assert entry["state"] == "in_force"  # 8.00 are landed for C-4


def test_an_exception_has_at_most_one_decision_that_waits(two: Month) -> None:
    entry_id = _asked(two, "approve", "1" * 24)
    assert f"decision {entry_id} waits for a second person" in two.refused("defer", "1" * 24, "--reason", "r")
    assert "a decision is pending" in two.refused(
        "approve", "--period", PERIOD, "--code", "UNDERBILLED_QUANTITY", who="clerk2"
    )
    two.told("refuse", entry_id, "--reason", "count again", who="owner1")
    assert two.states() == {"1:approve": "refused"}
    assert "it was refused" in two.refused("withdraw", entry_id, "--reason", "r")


def test_refusing_and_withdrawing_need_a_reason(two: Month) -> None:
    entry_id = _asked(two, "approve", "1" * 24)
    assert "refuse needs --reason" in two.refused("refuse", entry_id, who="owner1")
    assert "withdraw needs --reason" in two.refused("withdraw", entry_id)
    two.told("withdraw", entry_id, "--reason", "typed wrong")
    assert "it waits for nobody: it is withdrawn" in two.refused("confirm", entry_id, who="owner1")


def test_what_would_be_stale_is_not_confirmed(two: Month) -> None:
    entry_id = _asked(two, "approve", "1" * 24)
    changed = exception("1", "UNDERBILLED_QUANTITY", "C-1", "SEAT", client_recoverable="17.00")
    two.audit(exceptions=[changed, *EXCEPTIONS[1:]])
    said = two.refused("confirm", entry_id, who="owner1")
    assert "client_recoverable 16.0000" in said and "client_recoverable 17.0000" in said
    two.audit(exceptions=EXCEPTIONS[1:])
    assert "no longer there" in two.refused("confirm", entry_id, who="owner1")
    two.audit()
    two.told("confirm", entry_id, who="owner1")


def test_saying_a_ruling_again_enters_nothing(two: Month) -> None:
    entry_id = _asked(two, "approve", "1" * 24)
    for _ in range(2):
        two.told("confirm", entry_id, who="owner1")
    for _ in range(2):
        two.told("withdraw", entry_id, "--reason", "r")
    assert two.kinds() == ["approve", "confirm", "withdraw"]


def test_a_stranger_decides_nothing_and_the_attempt_is_kept(two: Month) -> None:
    assert "stranger is not among `people`" in two.refused("approve", "1" * 24, who="stranger")
    [entry] = two.entries()
    assert (entry.kind, entry.actor, entry.body["command"], entry.body["subject"]) == (
        "denied", "stranger", "decide", "1" * 24
    )  # fmt: skip
    two.refused("approve", "1" * 24, "--dry-run", who="stranger")
    two.refused("approve", "999999", who="stranger")  # it named nothing that is known
    assert two.kinds() == ["denied"]
    assert two.told("list", who="stranger") == []


def test_an_unknown_decision_is_said(two: Month) -> None:
    _asked(two, "approve", "1" * 24)
    assert "there is no such decision" in two.refused("confirm", "0" * 16, who="owner1")
    assert "at least 6 characters" in two.refused("confirm", "000", who="owner1")
    assert "needs the ids of decisions" in two.refused("confirm", who="owner1")


def test_a_decision_that_waits_says_what_makes_it_count(two: Month) -> None:
    waits = (
        "1 decision waits for a second person and changes nothing until then: `mbr decide confirm`, then run"
    )
    again = "run the month again: decisions count from its next run on"
    done = two.decide("approve", "1" * 24, "2" * 24)  # 16.00 waits, 2.50 does not
    assert done.stderr.splitlines() == [waits, again]
    two.told("withdraw", two.entries()[0].entry_id, "--reason", "zu viel")
    assert two.decide("approve", "1" * 24).stderr.splitlines() == [waits]
