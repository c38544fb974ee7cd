"""The audit's frame of ready invoice lines: everything wrong with them is a count (contract §6.1).

Belongs here: lines, their months, sums and minor units. Does not: the other frames (``test_frames``).
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.audit.looking import Look
from tests.support.handmade_marts import SOUND, Rows, invoice_line, ready_line


def _ready(look: Look, changes: Mapping[str, Rows]) -> dict[str, int]:
    [row] = look(changes)["ready"]
    return {name: count for name, count in row.items() if count}


L1, L2 = SOUND["marts.fct_invoice_lines_ready"]


# what is wrong with the ready lines, and which counts it must show in
READY: dict[str, tuple[Rows, dict[str, int]]] = {
    "a line of a passing client is missing": (
        [L1],
        {"lines_missing": 1, "sums_not_of_landed_and_approved": 1},
    ),
    "a line goes out under another source": (
        [{**L1, "source": "other"}, L2],
        {"lines_missing": 1},
    ),
    "a line goes out under another number": (
        [{**L1, "invoice_line_id": "L-9"}, L2],
        {"lines_missing": 1},
    ),
    "a line of a held client goes out": (
        [L1, L2, ready_line("L-3", "C-2", "5.00", "USD", change="added")],
        {"lines_of_held_clients": 1, "sums_not_of_landed_and_approved": 1},
    ),
    "a line of a client nobody judged goes out": (
        [L1, L2, ready_line("L-8", "C-8", "1.00", "USD", change="added")],
        {"lines_of_unknown_clients": 1, "sums_not_of_landed_and_approved": 1},
    ),
    "a line goes out twice": (
        [L1, L1, L1, L2],
        {"lines_repeated": 2, "sums_not_of_landed_and_approved": 1},
    ),
    "one number of two sources is two lines": (
        [L1, L2, {**L1, "source": "other", "change": "added", "amount": "0"}],
        {},
    ),
    "a line without an amount": (
        [{**L1, "amount": None}, L2],
        {"lines_without_money": 1, "lines_finer_than_minor_unit": 1, "sums_not_of_landed_and_approved": 1},
    ),
    "a line without a quantity": ([{**L1, "quantity": None}, L2], {"lines_without_money": 1}),
    "a line without a price": ([{**L1, "unit_price": None}, L2], {"lines_without_money": 1}),
    "a line without a currency": (
        [{**L1, "currency": None}, L2],
        {"lines_without_money": 1, "lines_finer_than_minor_unit": 1, "sums_not_of_landed_and_approved": 2},
    ),
    "a line in a currency nobody knows": (
        [{**L1, "currency": "ZZZ", "change": "corrected"}, L2],
        {"lines_finer_than_minor_unit": 1, "sums_not_of_landed_and_approved": 2},
    ),
    "a cent less": ([{**L1, "amount": "79.99"}, L2], {"sums_not_of_landed_and_approved": 1}),
    "a hundredth of a cent less": (
        [{**L1, "amount": "79.9999"}, L2],
        {"lines_finer_than_minor_unit": 1, "sums_not_of_landed_and_approved": 1},
    ),
}


@pytest.mark.parametrize("case", READY)
def test_what_is_wrong_with_the_ready_lines_shows_in_its_counts_and_in_no_other(
    case: str, look: Look
) -> None:
    rows, counts = READY[case]
    assert _ready(look, {"marts.fct_invoice_lines_ready": rows}) == counts


def test_a_line_landed_in_an_earlier_period_or_held_is_not_missed(look: Look) -> None:
    lines = [*SOUND["intermediate.int_invoice_lines"], invoice_line("L-4", "C-2", "1", "EUR")]
    assert _ready(look, {"intermediate.int_invoice_lines": lines}) == {}


def test_equal_lines_add_up_and_a_sum_of_equal_amounts_is_not_one_of_them(look: Look) -> None:
    lines = [invoice_line(f"L-{n}", "C-1", "7.50", "USD") for n in range(3)]
    ready = [ready_line(f"L-{n}", "C-1", "7.50", "USD") for n in range(3)]
    changes = {"intermediate.int_invoice_lines": lines, "marts.fct_invoice_lines_ready": ready}
    assert _ready(look, changes) == {}


def test_amounts_that_are_exchanged_between_currencies_do_not_sum(look: Look) -> None:
    ready = [{**L1, "amount": "700"}, {**L2, "amount": "80"}]
    assert _ready(look, {"marts.fct_invoice_lines_ready": ready}) == {"sums_not_of_landed_and_approved": 2}


_OF_C1 = {**SOUND["marts.fct_exceptions"][0], "exception_id": "e-9", "client_id": "C-1"}
"""8.00 that C-1 should be billed more."""


@pytest.mark.parametrize(
    ("action", "state", "amounts", "wrong"),
    [
        ("approve", "in_force", ("88.00",), 0),
        ("approve", "in_force", ("80.00", "8.00"), 0),
        ("approve", "in_force", ("80.00",), 1),
        ("approve", "stale", ("88.00",), 1),
        ("approve", "stale", ("80.00",), 0),
        ("waive", "in_force", ("88.00",), 1),
        ("waive", "in_force", ("80.00",), 0),
    ],
)
def test_what_goes_out_is_what_was_landed_and_what_was_approved(
    action: str, state: str, amounts: tuple[str, ...], wrong: int, look: Look
) -> None:
    decision = {"decision_id": "d-1", "exception_id": "e-9", "action": action, "state": state}
    ready = [{**L1, "amount": amounts[0], "change": "corrected"}, L2]
    ready += [ready_line("MBR-e-9", "C-1", amount, "USD", change="added") for amount in amounts[1:]]
    changes: dict[str, Rows] = {
        "marts.fct_exceptions": [_OF_C1],
        "marts.fct_decisions": [decision],
        "marts.fct_invoice_lines_ready": ready,
    }
    assert _ready(look, changes) == ({"sums_not_of_landed_and_approved": wrong} if wrong else {})


@pytest.mark.parametrize(
    ("currency", "fitting", "too_fine"),
    [
        ("JPY", ("1", "12"), ("0.5", "0.1", "0.01", "1.001", "0.0001")),
        ("ONE", ("1", "0.1", "1.3"), ("0.05", "0.11", "0.001", "0.0001")),
        ("USD", ("1", "0.1", "0.01", "0.03"), ("0.005", "0.001", "0.0101", "0.0001")),
        ("KWD", ("1", "0.01", "0.001", "0.003"), ("0.0005", "0.0001")),
        ("CLF", ("1", "0.001", "0.0001", "0.0003"), ()),
    ],
)
def test_no_ready_line_is_finer_than_its_currencys_minor_unit(
    currency: str, fitting: tuple[str, ...], too_fine: tuple[str, ...], look: Look
) -> None:
    amounts = [*fitting, *too_fine]
    lines = [invoice_line(f"N-{n}", "C-1", amount, currency) for n, amount in enumerate(amounts)]
    ready = [ready_line(f"N-{n}", "C-1", amount, currency) for n, amount in enumerate(amounts)]
    found = _ready(look, {"intermediate.int_invoice_lines": lines, "marts.fct_invoice_lines_ready": ready})
    assert found == ({"lines_finer_than_minor_unit": len(too_fine)} if too_fine else {})
