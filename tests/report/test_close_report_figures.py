"""The figures behind the close report: exact sums, the verdict, and contradictions that must stop a month.

Expected figures are worked by hand from the rows in ``conftest.py`` or in the test.
"""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from mbr_pipeline.report.bridge import MAX_STEPS, Step, merged
from mbr_pipeline.report.text import amount_text, exact_sum, figure_texts, percent_text
from mbr_pipeline.safe_text import visible
from tests.support.close_page import close_page_data


def _money(page, currency):
    row = next(row for row in page.money if row.currency == currency)
    return [cell and (cell.amount, cell.open) for cell in row.amounts]


def test_money_is_summed_per_currency_with_its_open_part(rich):
    page = close_page_data(*rich)
    assert _money(page, "USD") == [
        (Decimal("142.76"), Decimal("142.75")),
        (Decimal("43.00"), Decimal("3.00")),
        (Decimal("60.00"), Decimal("60.00")),
        (Decimal("0.00"), Decimal("0.00")),
        (Decimal("12.00"), Decimal("12.00")),
    ]
    assert _money(page, "EUR") == [
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
        "Residual: gate.json says 0.00, but 1 rows of fct_variance_bridge are not zero."
        in page.contradictions
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
        (_gate(rejected_count=1), "The gate passed, but 1 rows were rejected."),
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
    assert _money(page, "USD") == [
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


def test_clients_are_ranked_by_all_their_money_within_a_currency(rich):
    section = next(s for s in close_page_data(*rich).by_client if s.currency == "USD")
    # ACME 127.75 + 3.00; no client 60.00 + 12.00; BOLT 15.00 + 40.00; CORA 0.01
    assert [(row.client_id, row.count) for row in section.rows] == [
        ("ACME", 5),
        (None, 3),
        ("BOLT", 2),
        ("CORA", 1),
    ]
    assert section.rows[0].amounts == (Decimal("127.75"), Decimal("3.00"), Decimal(0), Decimal(0), Decimal(0))


def test_sums_beyond_the_default_decimal_precision_stay_exact(rich, table, exception):
    gate, tables = rich
    huge = "999999999999999999999999999999.99"
    rows = [
        exception(1, "UNBILLED_PRODUCT", client_recoverable=huge),
        exception(2, "ROUNDING", client_recoverable="0.02"),
    ]
    page = close_page_data(gate, tables | {"fct_exceptions": table("fct_exceptions", rows)})
    assert _money(page, "USD")[0][0] == Decimal("1000000000000000000000000000000.01")
    assert exact_sum([Decimal(huge), Decimal("0.02")]) == Decimal("1000000000000000000000000000000.01")


def test_impacts_stored_with_different_scales_are_still_ranked_and_summed(rich):
    gate, tables = rich
    table = tables["fct_exceptions"]
    place = table.column_names.index("vendor_claim")
    wider = table.set_column(place, "vendor_claim", table.column("vendor_claim").cast(pa.decimal128(20, 6)))
    assert close_page_data(gate, tables | {"fct_exceptions": wider}).contradictions == ()


def test_an_impact_below_the_scale_of_the_others_is_money_too(rich, table, exception):
    gate, tables = rich
    exceptions = table("fct_exceptions", [exception(1, "VENDOR_PRICE_CHANGE")])
    place = exceptions.column_names.index("vendor_claim")
    small = pa.array([Decimal("0.004")], pa.decimal128(20, 6))
    page = close_page_data(
        gate, tables | {"fct_exceptions": exceptions.set_column(place, "vendor_claim", small)}
    )
    assert [(s.currency, s.with_money, s.total) for s in page.exceptions] == [("USD", True, 1)]


def test_control_totals_of_one_scope_stand_in_the_order_of_their_datasets(rich, table):
    gate, tables = rich
    same = {"source": "pax8", "control": "ROW_REJECTED", "scope": "all", "passed": False}
    rows = [{**same, "dataset": f"d{n}", "expected": str(n)} for n in (3, 1, 4, 2)]
    page = close_page_data(gate, tables | {"fct_control_totals": table("fct_control_totals", rows)})
    assert [row["expected"] for row in page.control_totals.failing.rows] == ["1", "2", "3", "4"]


def test_floating_point_money_is_refused(rich):
    gate, tables = rich
    bridge = tables["fct_variance_bridge"]
    place = bridge.column_names.index("residual")
    floats = bridge.set_column(place, "residual", pa.array([0.0] * bridge.num_rows))
    with pytest.raises(TypeError, match=r"fct_variance_bridge\.residual is double"):
        close_page_data(gate, tables | {"fct_variance_bridge": floats})
    with pytest.raises(TypeError, match="float"):
        close_page_data(gate | {"residual": 0.0}, tables)


def test_a_table_without_a_contract_column_is_named(rich):
    gate, tables = rich
    with pytest.raises(KeyError, match="fct_client_gate has no column verdict"):
        close_page_data(
            gate, tables | {"fct_client_gate": tables["fct_client_gate"].drop_columns(["verdict"])}
        )


def test_a_gate_that_is_neither_passed_nor_blocked_is_refused(rich):
    gate, tables = rich
    with pytest.raises(ValueError, match="not passed or blocked"):
        close_page_data(gate | {"gate": "maybe"}, tables)


def test_dictionary_encoded_columns_read_like_text(rich):
    gate, tables = rich
    encoded = tables["fct_exceptions"]
    for name in ("exception_code", "currency", "status", "client_id"):
        place = encoded.column_names.index(name)
        encoded = encoded.set_column(place, name, encoded.column(name).dictionary_encode())
    assert close_page_data(gate, tables | {"fct_exceptions": encoded}) == close_page_data(gate, tables)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "USD", "1,234.50"),
        ("1234", "JPY", "1,234"),
        ("1234.000", "JPY", "1,234"),
        ("1.2345", "KWD", "1.2345"),
        ("0.005", "USD", "0.005"),
        ("-0.00", "USD", "0.00"),
        ("0.0000", "GBP", "0.00"),
        ("12345678901234567890123456789012.10", "EUR", "12,345,678,901,234,567,890,123,456,789,012.10"),
        ("5", None, "5.00"),
        ("5", "not a currency", "5.00"),
    ],
)
def test_amounts_have_their_currencys_places_and_are_never_rounded(amount, currency, text):
    assert amount_text(Decimal(amount), currency) == text


def test_control_figures_that_are_compared_have_equally_many_places():
    assert figure_texts(["1500", Decimal("1499.100000000000"), "-0.9"]) == ("1,500.00", "1,499.10", "-0.90")
    assert figure_texts([3, 2, None]) == ("3", "2", "—")
    assert figure_texts(["a column", "1E5"]) == ("a column", "1E5")


def test_a_percentage_is_never_rounded_up_to_the_whole():
    assert percent_text(Decimal("99.9999")) == "99.99 %"


def test_ordinary_spelling_of_any_language_is_left_alone():
    for name in ("Müller & Söhne", "שלום בע״מ", "株式会社　テスト", "می\u200cخواهم", "👩\u200d💻 Co"):
        assert visible(name) == name
