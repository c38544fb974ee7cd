"""What a chain says of each decision (§8.3): made, pending, refused or withdrawn.

Belongs here: chains written by hand. Does not: whether a decision still fits (the month's tables).
"""

from __future__ import annotations

from typing import Any

from mbr_pipeline.decide.decisions import Decision, decisions
from mbr_pipeline.decide.ledger.entries import Draft, Entry, Head, after

NOW = "2026-11-05T10:00:00.000000Z"


class Chain:
    """A chain in the making."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, kind: str, actor: str = "clerk1", **body: Any) -> str:
        last = self.entries[-1] if self.entries else None
        head = Head(last.seq, last.at, last.hash) if last else Head()
        self.entries.append(after(head, "north", Draft(kind, "2026-10", body, actor), NOW))
        return self.entries[-1].entry_id

    def ruled(self, kind: str, entry_id: str, actor: str = "owner1") -> None:
        self.add(kind, actor, entry_id=entry_id, of_actor="clerk1", reason="r")

    def fates(self) -> list[tuple[str, str | None]]:
        return [(each.fate, each.confirmed_by) for each in decisions(self.entries)]


def _decided(chain: Chain, pending: bool = False) -> str:
    return chain.add("approve", exception_id="e1", issue_id="i1", pending=pending, seen={}, currency="USD")


def test_a_decision_carries_what_was_seen() -> None:
    chain = Chain()
    seen = {"client_recoverable": "12.50", "client_refund": "0.00"}
    entry_id = chain.add(
        "waive", exception_id="e1", issue_id="i1", reason="agreed", until="2026-12", up_to="20.00",
        currency="USD", seen=seen, pending=False,
    )  # fmt: skip
    assert decisions(chain.entries) == [
        Decision(
            decision_id=entry_id, msp_id="north", seq=1, action="waive", period="2026-10", actor="clerk1",
            at=NOW, reason="agreed", exception_id="e1", issue_id="i1", until="2026-12", up_to="20.00",
            currency="USD", seen=seen,
        )
    ]  # fmt: skip


def test_a_release_is_for_a_client_and_the_keys_that_were_seen() -> None:
    chain = Chain()
    chain.add("release", client_id="c1", keys=["backup", "mail"], reason="paid by hand", pending=False)
    [release] = decisions(chain.entries)
    assert (release.client_id, release.keys, release.exception_id) == ("c1", ("backup", "mail"), None)


def test_a_decision_of_two_waits_for_the_second() -> None:
    chain = Chain()
    one = _decided(chain, pending=True)
    assert chain.fates() == [("pending", None)]
    chain.ruled("confirm", one)
    assert chain.fates() == [("made", "owner1")]


def test_a_refused_decision_never_comes_into_force() -> None:
    chain = Chain()
    one = _decided(chain, pending=True)
    chain.ruled("refuse", one)
    chain.ruled("confirm", one)
    chain.ruled("withdraw", one)
    assert chain.fates() == [("refused", None)]


def test_a_withdrawn_decision_stays_withdrawn_and_says_who_confirmed_it() -> None:
    chain = Chain()
    one, two = _decided(chain, pending=True), _decided(chain)
    chain.ruled("confirm", one)
    chain.ruled("withdraw", one)
    chain.ruled("confirm", one, "owner2")
    assert chain.fates() == [("withdrawn", "owner1"), ("made", None)]
    chain.ruled("withdraw", two)
    assert chain.fates() == [("withdrawn", "owner1"), ("withdrawn", None)]


def test_what_is_already_made_is_not_refused_afterwards() -> None:
    chain = Chain()
    one = _decided(chain)
    chain.ruled("refuse", one)
    assert chain.fates() == [("made", None)]


def test_entries_about_other_things_are_no_decisions() -> None:
    chain = Chain()
    chain.add("close", version="1")
    chain.add("land", file="x.csv", sha256="0", replaces=None)
    chain.add("denied", command="decide", subject="e1", why="no")
    assert decisions(chain.entries) == []
