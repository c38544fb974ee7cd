"""The figures behind the close report: exact sums, the verdict, and contradictions that must stop a month.

Expected figures are worked by hand from the rows in ``examples.py`` or in the test. Does not belong here:
ranks, scales and places (``test_close_report_amounts``).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from mbr_pipeline.report.bridge import MAX_STEPS, Step, merged
from tests.report.money_facts import money_facts
from tests.support.close_page import close_page_data


def test_money_is_summed_per_currency_with_its_open_part(rich):
    page = close_page_data(*rich)
    assert money_facts(page, "USD") == [
        (Decimal("142.76"), Decimal("142.75")),
        (Decimal("43.00"), Decimal("3.00")),
        (Decimal("60.00"), Decimal("60.00")),
        (Decimal("0.00"), Decimal("0.00")),
        (Decimal("12.00"), Decimal("12.00")),
    ]
    assert money_facts(page, "EUR") == [
        (Decimal("9.99"), Decimal("9.99")),
        (Decimal(0), Decimal(0)),
        None,
        None,
        None,
    ]


def test_figures_that_agree_contradict_nothing(rich, blocked):
    assert close_page_data(*rich).contradictions == ()
    assert close_page_data(*blocked).contradictions == ()


def test_the_bridge_leaves_out_late_charges_and_reaches_the_expected_amount(rich):
    dollars = next(bridge for bridge in close_page_data(*rich).bridges if bridge.currency == "USD")
    assert [(step.label, step.amount) for step in dollars.steps] == [
        ("UNDERBILLED_QUANTITY", Decimal("120.50")),
        ("INVOICE_PRICE_MISMATCH", Decimal("7.25")),
        ("ROUNDING", Decimal("0.01")),
        ("OVERBILLED_QUANTITY", Decimal("-40.00")),
        ("INVOICE_PRICE_MISMATCH", Decimal("-3.00")),
    ]
    assert (dollars.invoiced, dollars.expected) == (Decimal("5000.00"), Decimal("5084.76"))
    assert dollars.unexplained == 0


def test_a_difference_without_a_finding_is_drawn_and_contradicts(rich, table):
    gate, tables = rich
    row = {
        "client_id": "A",
        "currency": "GBP",
        "invoiced_amount": "10.00",
        "expected_amount": "12.00",
        "residual": "2.00",
    }
    page = close_page_data(gate, tables | {"fct_variance_bridge": table("fct_variance_bridge", [row])})
    assert page.bridges[0].steps == (Step("unexplained", Decimal("2.00"), "gap"),)
    assert page.verdict.kind == "contradiction"
    assert (
        "Residual: gate.json says 0.00, but 1 row of fct_variance_bridge is not zero." in page.contradictions
    )


def test_many_codes_are_merged_into_one_increase_and_one_decrease_without_changing_the_sum():
    ups = [Step(f"UP{n}", Decimal(n), "up") for n in range(1, 8)]
    downs = [Step(f"DOWN{n}", Decimal(-n), "down") for n in range(1, 5)]
    # The six largest of 11 steps are UP7, UP6, UP5, DOWN4, UP4 and DOWN3 (which comes before UP3, of the same
    # size).
    page = merged([*ups, *downs])
    assert len(page) <= MAX_STEPS
    assert [(s.label, int(s.amount)) for s in page] == [
        ("UP4", 4),
        ("UP5", 5),
        ("UP6", 6),
        ("UP7", 7),
        ("other (3 codes)", 6),
        ("DOWN3", -3),
        ("DOWN4", -4),
        ("other (2 codes)", -3),
    ]
    assert sum(s.amount for s in page) == 18  # 1 + … + 7 = 28, less 1 + … + 4 = 10


def test_a_single_small_code_keeps_its_name_instead_of_becoming_other():
    steps = [Step(f"UP{n}", Decimal(n + 10), "up") for n in range(8)] + [Step("DOWN", Decimal(-1), "down")]
    assert [s.label for s in merged(steps)][-2:] == ["other (2 codes)", "DOWN"]


@pytest.mark.parametrize(
    ("verdicts", "kind", "headline"),
    [
        (["PASS"], "go", "Invoices may go for 1 client"),
        (["PASS", "PASS_WITH_WAIVER"], "go", "Invoices may go for 2 clients"),
        (["PASS", "HOLD"], "partly", "Invoices may go for 1 client; 1 client is held"),
        (["HOLD", "HOLD"], "held", "No invoice may go: 2 clients are held"),
        ([], "held", "There is no client to invoice"),
    ],
)
def test_the_headline_follows_the_client_gate(verdicts, kind, headline, rich, table):
    gate, tables = rich
    rows = [
        {"client_id": f"C{n}", "currency": c, "verdict": v, "held_amount": "0.00"}
        for n, v in enumerate(verdicts)
        for c in ("USD", "EUR")  # a client with two currencies is one client
    ]
    counts = {
        name: verdicts.count(v)
        for name, v in (("pass", "PASS"), ("pass_with_waiver", "PASS_WITH_WAIVER"), ("hold", "HOLD"))
    }
    page = close_page_data(
        gate | {"clients": counts}, tables | {"fct_client_gate": table("fct_client_gate", rows)}
    )
    assert (page.verdict.kind, page.verdict.headline) == (kind, headline)


def _without(name):
    return lambda gate, tables: (gate, {n: t for n, t in tables.items() if n != name})


def _gate(**changes):
    return lambda gate, tables: (gate | changes, tables)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            _gate(clients={"pass": 3, "pass_with_waiver": 1, "hold": 0}),
            "Clients with hold: gate.json says 0, fct_client_gate 2.",
        ),
        (_gate(exceptions={}), "ROUNDING: gate.json counts 0, fct_exceptions 1."),
        (_gate(money=[]), "Recoverable in EUR: gate.json says 0.00, fct_exceptions 9.99."),
        (
            _gate(residual="0.01"),
            "Residual: gate.json says 0.01, but 0 rows of fct_variance_bridge are not zero.",
        ),
        (_gate(rejected_count=1), "The gate passed, but 1 row was rejected."),
        (_gate(reasons=["SOURCE_EMPTY"]), "The gate passed, but gate.json lists reasons for blocking."),
        (_gate(suites=[]), "The gate passed, but suite invoice_ready did not."),
        (_without("fct_exceptions"), "The gate passed, but table fct_exceptions is missing."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_passed_gate_whose_figures_disagree_stops_the_month(change, sentence, rich):
    page = close_page_data(*change(*rich))
    assert sentence in page.contradictions
    assert (page.verdict.kind, page.verdict.headline) == ("contradiction", "Send nothing yet")


def test_a_suite_that_evaluated_nothing_has_not_passed(rich):
    gate, tables = rich
    suites = [
        {"name": n, "passed": True, "expected": 0, "evaluated": 0, "failed": []}
        for n in ("raw", "marts", "invoice_ready")
    ]
    assert [suite.passed for suite in close_page_data(gate | {"suites": suites}, tables).suites] == [
        False,
        False,
        False,
    ]


def test_where_nothing_was_compared_the_client_directions_are_not_a_zero(rich, table, exception):
    gate, tables = rich
    keys = [
        {
            "client_id": "A",
            "product_code": "P",
            "currency": "USD",
            "verdict": "unreconciled",
            "invoiced_amount": "5.00",
        }
    ]
    claim = exception(1, "VENDOR_PRICE_CHANGE", severity="warning", vendor_claim="5.00")
    page = close_page_data(
        gate,
        tables
        | {
            "fct_reconciliation": table("fct_reconciliation", keys),
            "fct_exceptions": table("fct_exceptions", [claim]),
        },
    )
    assert money_facts(page, "USD") == [
        None,
        None,
        (Decimal("5.00"), Decimal("5.00")),
        (Decimal(0), Decimal(0)),
        None,
    ]
    assert (page.compared.compared, page.compared.total) == (0, 1)


def test_lines_removed_from_the_invoice_are_not_money_that_goes_out(rich):
    (ready,) = close_page_data(*rich).ready
    assert (ready.currency, ready.lines, ready.changed, ready.amount) == ("USD", 2, 1, Decimal("1960.00"))
