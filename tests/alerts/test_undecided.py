"""Decisions that wait for somebody (contract §11): a second person, a new waiver, an answer.

Belongs here: which of a chain's decisions stand on a day, with their money; and that a look at the workspace
tells them. Does not: when a cause is told again (test_lifecycle).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from mbr_pipeline.alerts.causes import Fact
from mbr_pipeline.alerts.outbox import Outbox
from mbr_pipeline.alerts.undecided import undecided
from mbr_pipeline.alerts.watch import look
from mbr_pipeline.decide.decisions import Decision, decisions
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry, Head, after
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.workspace import Workspace

NONE = dict.fromkeys(
    ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded", "priced_at_cost"),
    "0.00",
)


def _body(issue: str, amount: str, currency: str = "USD", **more: Any) -> dict[str, Any]:
    about = {"exception_id": f"e-{issue}", "issue_id": issue, "exception_code": "UNDERBILLED_QUANTITY"}
    whose = {"client_id": "C-1", "product_code": "SEAT", "currency": currency}
    return about | whose | {"seen": NONE | {"client_recoverable": amount}, "pending": False} | more


class Chain:
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, kind: str, body: dict[str, Any], period: str = "2026-10", actor: str = "clerk1") -> str:
        last = self.entries[-1] if self.entries else None
        head = Head(last.seq, last.at, last.hash) if last else Head()
        self.entries.append(
            after(head, "acme", Draft(kind, period, body, actor), "2026-11-05T10:00:00.000000Z")
        )
        return self.entries[-1].entry_id

    def rule(self, kind: str, entry_id: str) -> None:
        self.add(kind, {"entry_id": entry_id, "of_actor": "clerk1", "reason": "r"}, actor="owner1")

    @property
    def made(self) -> list[Decision]:
        return decisions(self.entries)

    def facts(self, day: date = date(2026, 11, 5), notice: int = 10) -> dict[tuple[str, str | None], Fact]:
        found = undecided("acme", self.made, day, notice)
        return {(fact.cause.kind, fact.cause.period): fact for fact in found}


def test_what_waits_for_a_second_person_is_one_cause_of_its_month_with_its_money() -> None:
    chain = Chain()
    one = chain.add("approve", _body("i1", "600.00", pending=True))
    two = chain.add(
        "waive", _body("i2", "1.00", pending=True, until="2026-12", up_to="900.50", reason="agreed")
    )
    three = chain.add("approve", _body("i3", "800", "JPY", pending=True))
    done = chain.add("approve", _body("i4", "700.00", pending=True))
    chain.rule("confirm", done)
    chain.rule("refuse", chain.add("approve", _body("i5", "700.00", pending=True)))
    chain.add("approve", _body("i6", "700.00"))
    [(name, fact)] = chain.facts().items()
    assert name == ("DECISION_PENDING", "2026-10")
    assert fact.cause.subject is None
    assert fact.title == "acme 2026-10: 3 decisions wait for a second person"
    # 600.00 and up to 900.50
    assert fact.money == {"JPY": "800.00", "USD": "1500.50"}
    assert fact.action == f"mbr decide confirm {one} {two} {three} --msp acme"
    assert fact.text.splitlines()[1] == (
        f"{two} waive UNDERBILLED_QUANTITY C-1 SEAT, 900.50 USD, by clerk1: agreed"
    )
    assert fact.reasons == tuple(sorted((one, two, three)))
    chain.rule("confirm", one)
    chain.rule("refuse", two)
    chain.rule("withdraw", three)
    assert chain.facts() == {}


def test_a_waiver_is_told_in_the_last_days_of_its_last_month() -> None:
    chain = Chain()
    one = chain.add("waive", _body("i1", "40.00", until="2026-12", reason="agreed"))
    chain.rule("withdraw", chain.add("waive", _body("i2", "1.00", until="2026-12", reason="agreed")))
    chain.add("waive", _body("i3", "1.00", until="2026-12", reason="agreed"))
    chain.add("waive", _body("i3", "1.00", until="2027-06", reason="longer"), period="2026-11")
    days = {day: chain.facts(day) for day in (date(2026, 12, 21), date(2026, 12, 22), date(2026, 12, 31))}
    assert days[date(2026, 12, 21)] == {}  # December ends with the 31st: ten days before its end is the 22nd
    for day in (date(2026, 12, 22), date(2026, 12, 31)):
        [(name, fact)] = days[day].items()
        assert name == ("WAIVER_EXPIRING", "2026-12")
        assert (fact.title, fact.reasons) == ("acme 2026-12: 1 decision ends after 2026-12", (one,))
        assert fact.money == {"USD": "40.00"}
        assert fact.action == "mbr decide list --msp acme --period 2026-10"
    assert chain.facts(date(2027, 1, 1)) == {}
    assert list(chain.facts(date(2026, 12, 31), notice=0)) == []


def test_a_deferral_stands_until_there_is_another_decision_on_its_issue() -> None:
    chain = Chain()
    one = chain.add("defer", _body("i1", "7.00", reason="ask"))
    chain.add("defer", _body("i2", "8.00", reason="ask"))
    [(name, fact)] = chain.facts().items()
    assert (name, fact.money) == (("DEFERRED", "2026-10"), {"USD": "15.00"})
    assert fact.title == "acme 2026-10: 2 decisions are deferred and wait for an answer"
    chain.add("approve", _body("i2", "8.00"), period="2026-11")
    assert chain.facts()["DEFERRED", "2026-10"].reasons == (one,)
    chain.add("approve", _body("i1", "7.00", pending=True), period="2026-11")
    assert chain.facts()["DEFERRED", "2026-10"].reasons == (one,)  # nobody decided it yet
    chain.rule("withdraw", one)
    assert list(chain.facts()) == [("DECISION_PENDING", "2026-11")]


def test_a_look_tells_them_and_their_end(workspace: Workspace, box: Outbox) -> None:
    with appending(open_database(workspace.paths.ledger)) as chains:
        [entry] = chains.append("acme", [Draft("defer", "2026-10", _body("i1", "7.00"), "clerk1")])
    look(workspace, box, datetime(2026, 11, 4, 12, tzinfo=UTC))
    assert [(cause["cause"], cause["period"]) for cause in box.standing()] == [("DEFERRED", "2026-10")]
    body = {"entry_id": entry.entry_id, "of_actor": "clerk1", "reason": "settled"}
    with appending(open_database(workspace.paths.ledger)) as chains:
        chains.append("acme", [Draft("withdraw", "2026-10", body, "clerk1")])
    look(workspace, box, datetime(2026, 11, 4, 13, tzinfo=UTC))
    assert box.standing() == []
