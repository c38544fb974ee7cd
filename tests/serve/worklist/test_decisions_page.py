"""The page of decisions: a second person confirms or refuses, and anybody takes back (contract §8.2, §8.3).

Belongs here: what the page says and what the ledger then holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.decide.months import PEOPLE, Month
from tests.serve.worklist.desks import HERE, LIST, Desk, close, team

PAGE = f"{HERE}/decisions"


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[list[Desk]]:
    with team(Month(tmp_path, PEOPLE), "clerk1", "owner1") as found:
        yield found


def rule(desk: Desk, kind: str, *decision_ids: str, reason: str = "") -> int:
    """Choose decisions on the page and press a button."""
    desk.visitor.get(PAGE)
    fields = [*(("decision", each) for each in decision_ids), ("kind", kind), ("reason", reason)]
    return desk.visitor.post(f"{PAGE}/rule", fields).status_code


def decided(desk: Desk, *letters: str, action: str = "approve", **more: str) -> list[str]:
    """Decide findings by the list; returns the ids of the decisions."""
    desk.visitor.get(LIST)
    desk.preview(action, *letters)
    assert desk.enter(**more) == 200
    return [e.entry_id for e in desk.month.entries() if e.kind == action][-len(letters) :]


def test_what_is_above_the_limit_waits_for_a_second_person(desks: list[Desk]) -> None:
    clerk, owner = desks
    [waiting] = decided(clerk, "1")  # 16.00 USD, the limit is 15.00
    assert "1 finding approved, 1 of them waiting for a second person." in clerk.visitor.text
    [done] = decided(clerk, "2")
    clerk.visitor.get(PAGE)
    text = clerk.visitor.text
    assert text.index("Waits for a second person (1)") < text.index("All others")
    assert "owner1" not in text and "clerk1 has not the role approver, which confirm needs" in text
    assert 'value="confirm"' not in clerk.visitor.page
    assert rule(clerk, "confirm", waiting) == 422
    assert clerk.month.kinds()[-1] == "denied"
    assert rule(owner, "confirm", waiting) == 200
    assert "1 decision confirmed." in owner.visitor.text
    assert rule(owner, "confirm", waiting) == 200
    assert "1 decision was confirmed already." in owner.visitor.text
    assert clerk.month.kinds() == ["approve", "approve", "denied", "confirm"]
    owner.visitor.get(LIST)
    assert "To do 4 Decided 2 All 7" in owner.visitor.text
    assert rule(owner, "confirm", done) == 422
    assert "it waits for nobody: it is in force" in owner.visitor.text


def test_refusing_and_withdrawing_need_a_reason_that_is_kept_with_them(desks: list[Desk]) -> None:
    clerk, owner = desks
    [first] = decided(clerk, "1")
    [second] = decided(clerk, "2")
    assert rule(owner, "refuse", first) == 422
    assert "refuse needs a reason" in owner.visitor.text and f'value="{first}"' in owner.visitor.page
    assert owner.visitor.page.count(" checked") == 1
    assert rule(owner, "refuse", first, reason="not agreed") == 200
    assert rule(clerk, "withdraw", second, second, reason="wrong client") == 200
    assert "1 decision withdrawn." in clerk.visitor.text
    ruled = [(e.kind, e.actor, e.body["reason"]) for e in clerk.month.entries()][2:]
    assert ruled == [("refuse", "owner1", "not agreed"), ("withdraw", "clerk1", "wrong client")]


def test_what_is_no_decision_of_the_month_is_not_ruled(desks: list[Desk]) -> None:
    clerk, owner = desks
    [first] = decided(clerk, "1")
    for ids in ((), ("f" * 16,), (first, "f" * 16), (first[:8],), ("",)):
        assert rule(owner, "refuse", *ids, reason="no") == 422
        assert "Choose decisions of this month first" in owner.visitor.text
    assert rule(owner, "approve", first) == 422
    assert clerk.month.kinds() == ["approve"]


def test_the_one_who_decided_does_not_confirm(desks: list[Desk]) -> None:
    _, owner = desks
    [own] = decided(owner, "1")
    assert rule(owner, "confirm", own) == 422
    assert "owner1 made it: somebody else confirms it" in owner.visitor.text
    assert owner.month.kinds() == ["approve"]


def test_all_that_wait_on_the_page_are_confirmed_at_once_without_ones_own(desks: list[Desk]) -> None:
    clerk, owner = desks
    decided(clerk, "1")
    clerk.visitor.get(PAGE)
    assert 'name="whole"' not in clerk.visitor.page, "one is ticked as quickly"
    decided(clerk, "2", action="waive", until="2026-12", up_to="20.00", reason="agreed")
    [own] = decided(owner, "4", action="waive", until="2026-12", up_to="20.00", reason="agreed")
    owner.visitor.get(PAGE)
    assert "all 3 below" in owner.visitor.text
    seen = dict(owner.form())["shown"]
    later = decided(clerk, "3", action="waive", until="2026-12", up_to="20.00", reason="agreed")
    owner.visitor.get(PAGE)
    assert owner.visitor.post(f"{PAGE}/rule", {"shown": seen, "whole": "1", "kind": "confirm"}).ok
    assert "2 decisions confirmed. 1 decision of your own left out" in owner.visitor.text
    assert owner.month.kinds()[-2:] == ["confirm"] * 2
    ruled = {e.body["entry_id"] for e in owner.month.entries() if e.kind == "confirm"}
    assert not ruled & {own, *later}, "nor what came after they looked"


def test_a_closed_month_lets_a_waiver_end_and_nothing_else(desks: list[Desk]) -> None:
    clerk, owner = desks
    [waiver] = decided(clerk, "2", action="waive", until="2027-03", reason="agreed")
    [waiting] = decided(clerk, "1")
    close(clerk.month)
    assert rule(owner, "confirm", waiting) == 409
    assert "is closed" in owner.visitor.text and 'value="confirm"' not in owner.visitor.page
    assert rule(owner, "withdraw", waiver, reason="ended by the client") == 200
    assert owner.month.kinds()[-1] == "withdraw"


def test_a_finding_tells_who_decided_what_about_it_in_any_month(desks: list[Desk]) -> None:
    clerk, owner = desks
    [first] = decided(clerk, "1", reason="as agreed")
    rule(owner, "refuse", first, reason="ask them first")
    owner.visitor.get(f"{HERE}/findings/{'1' * 24}")
    text = owner.visitor.text
    history = text[text.index("Who decided what") :]
    assert history.index("owner1 refuse") < history.index("clerk1 approve")
    assert "ask them first" in history and "as agreed" in history and "refused" in history
    assert "How it follows from its records cannot be shown now" in text  # this month was never computed
