"""The worklist by a browser without scripts: what is shown, deciding in two steps, taking back.

Belongs here: what the page says and what the ledger then holds. Does not: which decision fits what
(``tests/decide``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.decide.months import EXCEPTIONS, KEYS, PEOPLE, Month, exception
from tests.serve.worklist.desks import LIST, Desk, close, team
from tests.support.small import PERIOD


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk.alone(Month(tmp_path)) as made:
        yield made


def titles(page: str) -> list[str]:
    """Return the first digits of the findings of a list, in its order."""
    return re.findall(r'<a class="open" id="f(.)', page)


def test_the_list_shows_what_is_to_do_with_most_money_first(desk: Desk) -> None:
    desk.visitor.get(LIST)
    # USD: 16.00, 9.00, 7.00, 2.50; EUR has fewer findings; 3 has no money; 5 cleared itself
    assert titles(desk.visitor.page) == ["1", "6", "4", "2", "7", "3"]
    text = desk.visitor.text
    assert "To do 6 Decided 0 All 7" in text
    assert "6 findings 600.00 EUR refund 25.00 USD recoverable 2.50 USD refund 7.00 USD vendor claim" in text
    desk.visitor.get(f"{LIST}?show=all")
    assert titles(desk.visitor.page) == ["1", "6", "4", "2", "5", "7", "3"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("client=C-2", ["6", "3"]),
        ("code=VENDOR_AMOUNT_MISMATCH", ["4"]),
        ("product=SEAT&client=C-1", ["1", "4", "2"]),
        ("source=-", ["1", "6", "7", "3"]),
        ("q=l-1+PSA", ["2"]),
        ("sort=client&by=client", ["1", "4", "2", "6", "3", "7"]),
        ("by=source", ["1", "6", "7", "3", "4", "2"]),
        ("client=none", []),
        ("show=x&by=y&sort=z&page=-1", ["1", "6", "4", "2", "7", "3"]),
        ("page=99", ["1", "6", "4", "2", "7", "3"]),
    ],
)
def test_the_address_chooses_and_orders(desk: Desk, query: str, shown: list[str]) -> None:
    assert desk.visitor.get(f"{LIST}?{query}").status_code == 200
    assert titles(desk.visitor.page) == shown


def test_what_is_not_mapped_comes_before_all_money_and_a_page_has_a_hundred(desk: Desk) -> None:
    many = [
        exception("a", "OVERBILLED_QUANTITY", f"C-{n:03}", "SEAT", client_refund=f"{n + 1}.00")
        | {"exception_id": f"{n:024x}", "issue_id": f"{n + 4096:024x}"}
        for n in range(130)
    ]
    unmapped = exception("b", "UNMAPPED_SKU", None, None, source="vendor", priced_at_cost="0.50")
    desk.month.audit(exceptions=[*many, unmapped])
    desk.visitor.get(LIST)
    assert len(titles(desk.visitor.page)) == 100 and titles(desk.visitor.page)[0] == "b"
    assert "131 findings 8,515.00 USD refund 0.50 USD at cost" in desk.visitor.text
    desk.visitor.get(f"{LIST}?page=2&by=code")
    assert len(titles(desk.visitor.page)) == 31
    # the group's figures are of the whole group
    assert "More invoiced than delivered. OVERBILLED_QUANTITY 130 findings 8,515.00 USD" in desk.visitor.text


def test_one_reason_is_asked_for_many_and_what_does_not_fit_is_told(desk: Desk) -> None:
    desk.visitor.get(f"{LIST}?client=C-1")
    assert desk.preview("approve", "1", "2", "4", list="client=C-1") == 200
    text = desk.visitor.text
    assert "Approve 2 findings?" in text
    assert "1 × VENDOR_AMOUNT_MISMATCH changes no client's invoice" in text
    assert "16.00 USD recoverable 2.50 USD refund" in text
    assert desk.month.entries() == []
    assert desk.enter(reason="as agreed on the phone") == 200
    assert desk.visitor.page.count('aria-current="page"') and "2 findings approved." in desk.visitor.text
    assert titles(desk.visitor.page) == ["4"]  # the same part of the list
    entries = desk.month.entries()
    assert [(e.kind, e.actor, e.body["exception_id"][0], e.body["reason"]) for e in entries] == [
        ("approve", "clerk1", "1", "as agreed on the phone"),
        ("approve", "clerk1", "2", "as agreed on the phone"),
    ]


def test_the_same_form_sent_twice_enters_once(desk: Desk) -> None:
    desk.visitor.get(LIST)
    desk.preview("approve", "1")
    form = desk.form()
    for said in ("1 finding approved.", "1 finding approved so already: entered once."):
        assert desk.visitor.post(f"{LIST}/decide", form).status_code == 200
        assert said in desk.visitor.text
    assert desk.month.kinds() == ["approve"]


def test_a_waiver_asks_until_when_and_keeps_what_was_written(desk: Desk) -> None:
    desk.visitor.get(LIST)
    desk.preview("waive", "1")
    assert desk.enter(until="2026-13", reason="one month free") == 422
    assert "one month free" in desk.visitor.page and "2026-13" in desk.visitor.page
    assert desk.enter(until="2027-03", up_to="twenty", reason="one month free") == 422
    assert desk.enter(until="2027-03") == 422
    assert "waive needs a reason" in desk.visitor.text
    assert desk.month.entries() == []
    assert desk.enter(until="2027-03", up_to="20", reason="one month free") == 200
    [entry] = desk.month.entries()
    assert (entry.kind, entry.body["until"], entry.body["up_to"]) == ("waive", "2027-03", "20")
    desk.visitor.get(f"{LIST}?show=decided")
    assert "waived by clerk1 , until 2027-03" in desk.visitor.text


def test_all_of_a_narrowed_list_can_be_decided(desk: Desk) -> None:
    desk.visitor.get(f"{LIST}?q=C-1")
    desk.visitor.post(f"{LIST}/decide", {"whole": "1", "action": "defer", "list": "q=C-1"})
    assert "Defer 3 findings?" in desk.visitor.text
    assert desk.enter(reason="ask the vendor") == 200
    assert sorted(e.body["exception_id"][0] for e in desk.month.entries()) == ["1", "2", "4"]


def test_what_was_decided_last_is_taken_back_as_a_whole(desk: Desk) -> None:
    desk.visitor.get(LIST)
    desk.preview("approve", "1", "2")
    desk.enter()
    batch = re.search(r'name="batch" value="([^"]+)"', desk.visitor.page)
    assert batch and "Take back 2 decisions" in desk.visitor.text
    for said in ("2 decisions withdrawn.", "There is nothing to take back"):
        fields = {"batch": batch.group(1), "reason": "wrong client", "list": "client=C-1"}
        desk.visitor.post(f"{LIST}/undo", fields)
        assert said in desk.visitor.text
    assert desk.month.kinds() == ["approve", "approve", "withdraw", "withdraw"]
    assert {e.body["reason"] for e in desk.month.entries()[2:]} == {"wrong client"}
    assert titles(desk.visitor.page) == ["1", "4", "2"]


def test_a_client_held_by_what_could_not_be_compared_is_released(desk: Desk) -> None:
    desk.visitor.get(LIST)
    assert "Held because something could not be compared" in desk.visitor.text
    assert "C-4 SEAT 8.00 USD" in desk.visitor.text  # QUIET has no invoice lines
    desk.visitor.post(f"{LIST}/release", {"client": "C-4"})
    assert "Release C-4 ?" in desk.visitor.text and desk.month.entries() == []
    desk.visitor.post(f"{LIST}/release", desk.form())
    assert "release needs a reason" in desk.visitor.text and desk.month.entries() == []
    desk.visitor.post(f"{LIST}/release", [*desk.form(), ("reason", "counted by hand")])
    assert "C-4 is released." in desk.visitor.text and desk.month.kinds() == ["release"]
    assert desk.visitor.post(f"{LIST}/release", {"client": "C-1"}).status_code == 404


def test_what_was_not_seen_of_a_client_is_not_released(desk: Desk) -> None:
    desk.visitor.get(LIST)
    desk.visitor.post(f"{LIST}/release", {"client": "C-4"})
    seen = [*desk.form(), ("reason", "counted by hand")]
    another = {**KEYS[4], "product_code": "=<b>NEW"}
    desk.month.audit(keys=[*KEYS, another])
    desk.visitor.post(f"{LIST}/release", seen)
    assert "what cannot be compared of C-4 is not what it was when you looked" in desk.visitor.text
    assert desk.month.entries() == []
    desk.visitor.post(f"{LIST}/release", [*desk.form(), ("reason", "counted by hand")])
    assert [entry.body["keys"] for entry in desk.month.entries()] == [["=<b>NEW", "SEAT"]]


def test_another_run_between_looking_and_deciding_is_told(desk: Desk) -> None:
    desk.visitor.get(LIST)
    desk.preview("approve", "1", "2")
    desk.month.audit(
        exceptions=[{**EXCEPTIONS[0], "client_recoverable": "17.00"}, *EXCEPTIONS[2:]]
    )  # 1 is other money now, 2 is gone
    desk.enter()
    text = desk.visitor.text
    assert "1 × its money is not what it was when you opened the page: look at it again" in text
    assert "1 × it is gone: the last run did not find it again" in text
    assert desk.month.entries() == []


def test_two_people_at_once_each_decide_once_and_the_other_is_told(tmp_path: Path) -> None:
    month = Month(tmp_path, PEOPLE.replace('USD: "15.00"', 'USD: "16.00"'))
    with team(month, "clerk1", "clerk2") as (first, second):
        for desk in (first, second):
            desk.visitor.get(LIST)
        for desk, letters in ((first, "12"), (second, "24")):
            desk.preview("defer", *letters)
        for desk in (first, second):
            desk.enter(reason="ask")
        assert "2 findings deferred." in first.visitor.text
        assert "1 finding deferred." in second.visitor.text
        told = "clerk1 decided it since you opened the page (defer): look at it again"
        assert f"1 × {told}" in second.visitor.text
    assert [(e.actor, e.body["exception_id"][0]) for e in month.entries()] == [
        ("clerk1", "1"),
        ("clerk1", "2"),
        ("clerk2", "4"),
    ]


def test_a_closed_month_takes_no_decision(desk: Desk) -> None:
    desk.visitor.get(LIST)
    desk.preview("approve", "1")
    form = desk.form()
    close(desk.month)
    assert desk.visitor.post(f"{LIST}/decide", form).status_code == 409
    assert f"acme {PERIOD} is closed" in desk.visitor.text
    desk.visitor.get(LIST)
    assert 'name="action"' not in desk.visitor.page
    assert desk.month.kinds() == ["close"]
