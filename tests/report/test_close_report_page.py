"""The rendered close report: what it answers.

Belongs here: figures and reasons on the page; expected figures are the hand sums stated in ``examples.py``.
Does not: hostile text, order and lengths (``test_close_report_safety``).
"""

from __future__ import annotations

import re

import pyarrow as pa

from mbr_pipeline.exception_codes import exception_codes
from tests.report.page import Page, section
from tests.support.close_page import close_page


def test_a_passed_month_says_how_many_clients_may_go_and_how_many_are_held(rich):
    text = Page(close_page(*rich)).text
    assert "Invoices may go for 2 clients; 2 clients are held" in text
    assert "1 of those that may go with a waived difference" in text


def test_a_blocked_run_says_nothing_may_go_and_why(blocked):
    html = close_page(*blocked)
    text = Page(html).text
    assert "Nothing may go: CONTROL_TOTAL_MISMATCH, ROW_REJECTED" in text
    assert "may go for" not in text
    assert html.index('id="controls"') < html.index('id="unknown"')


def test_a_blocked_run_shows_not_evaluated_and_never_a_zero_for_what_nobody_looked_at(blocked):
    html = close_page(*blocked)
    glance = section(html, "headline")
    assert glance.count("not evaluated") == 5
    assert not re.search(r"(?<![\d.,])0(?![\d.,])", glance)
    assert "0.00" not in glance.replace("0.00 means no cent is left unexplained", "")
    assert "Money at stake; From invoiced to expected; Held clients; Exceptions by code" in section(
        html, "unknown"
    )


def test_empty_tables_of_a_blocked_run_are_not_evaluated_either(blocked, rich):
    gate, tables = blocked
    empty = {name: table.slice(0, 0) for name, table in rich[1].items()} | tables
    without_columns = {name: pa.table({"other": [""]}).slice(0, 0) for name in rich[1]} | tables
    assert close_page(gate, empty) == close_page(gate, tables) == close_page(gate, without_columns)


def test_the_five_directions_show_the_hand_sums_per_currency(rich):
    html = close_page(*rich)
    money = section(html, "money")
    dollars = "USD coverage 95.60 % 142.76 open 142.75 43.00 open 3.00 60.00 0.00 12.00"
    assert money.endswith(dollars)
    assert "EUR no vendor charges to cover 9.99 0.00 not evaluated not evaluated not evaluated" in money
    assert "152.75" not in money  # 142.76 + 9.99, a sum across currencies


def test_coverage_stands_beside_every_total(rich):
    html = close_page(*rich)
    for heading in ("money", "bridge", "codes", "clients"):
        assert "coverage 95.60 %" in section(html, heading), heading
    # Ready to send, and held back
    assert section(html, "headline").count("coverage 95.60 %") == 2
    # EUR has invoices and no vendor charges
    assert "EUR no vendor charges to cover" in section(html, "money")


def test_held_clients_are_listed_with_codes_amounts_and_what_was_not_compared(rich):
    held = section(close_page(*rich), "held")
    assert "250.00 EUR 3,000.00 USD 5" in held[held.index("Acme Ltd") :]
    assert "UNDERBILLED_QUANTITY ×2 · 120.50 USD recoverable" in held
    assert "INVOICE_PRICE_MISMATCH ×2 · 7.25 USD recoverable · 3.00 USD refund" in held
    assert "SOLD_BELOW_COST" in held
    assert "FAX" in held and "GONE" not in held  # GONE has no invoice line, so it holds nobody
    assert "Bolt" not in held


def test_a_client_held_by_lines_of_nothing_has_its_reason_too(rich, table):
    gate, tables = rich
    held = [
        {
            "client_id": "ECHO",
            "currency": "USD",
            "verdict": "HOLD",
            "open_exceptions": 0,
            "held_amount": "0.00",
        }
    ]
    figures = {"invoiced_unit_days": "0", "invoiced_amount": "0.00"}
    keys = [
        {"client_id": "ECHO", "product_code": "ZERO", "currency": "USD", "verdict": "unreconciled", **figures}
    ]
    tables = {
        **tables,
        "fct_client_gate": table("fct_client_gate", held),
        "fct_reconciliation": table("fct_reconciliation", keys),
    }
    text = section(close_page(gate, tables), "held")
    assert "unreconciled" in text and "ZERO" in text and "no reason recorded" not in text


def test_exceptions_are_money_first_and_unmapped_first_among_the_rest(rich):
    listed = section(close_page(*rich), "exceptions")
    dollars = listed[listed.index("With money, USD") : listed.index("Without an amount")]
    assert re.findall(r"(\d+\.\d\d) USD", dollars) == [
        "100.00",
        "60.00",
        "40.00",
        "20.50",
        "15.00",
        "12.00",
        "7.25",
        "3.00",
        "0.01",
    ]
    bare = listed[listed.index("Without an amount") :]
    assert bare.index("UNMAPPED_CUSTOMER") < bare.index("SOLD_BELOW_COST")
    assert "88.00 USD at cost" in bare


def test_the_gate_of_a_blocked_run_lists_rejects_with_their_total(blocked):
    rejected = section(close_page(*blocked), "rejected")
    assert "4,321 rows could not be read exactly" in rejected
    assert "Showing 3 of 4,321; all rows: rejected.csv beside this page." in rejected


def test_failing_control_totals_come_first_and_passing_ones_are_counted(blocked):
    controls = section(close_page(*blocked), "controls")
    assert "INV-3 The lines of INV-3 add up" in controls
    assert "1 control total failing" in controls
    assert "2 control totals passed: invoice_total 2; 1 failed." in controls
    assert controls.index("INV-3") < controls.index("INV-1")


def test_suites_that_did_not_run_are_not_evaluated(blocked):
    suites = section(close_page(*blocked), "suites")
    assert suites.count("not evaluated") == 2
    assert "rejected_rows_are_zero" in suites


def test_the_index_leads_to_each_listed_finding_of_a_client(rich):
    html = close_page(*rich)
    index = html[
        html.index('<details class="index">') : html.index("</details>", html.index('class="index"'))
    ]
    assert "Find a client: 4 clients below" in Page(index).text
    rows = re.findall(r'<tr id="(f[0-9]+-[0-9]+)" class="([^"]*)">(.*?)</tr>', html, re.DOTALL)
    assert len({anchor for anchor, _, _ in rows}) == len(rows)
    led_to = [(anchor, code) for anchor, code in re.findall(r'<a href="#(f[^"]*)"><code>([^<]*)<', index)]
    assert sorted(led_to) == sorted((anchor, re.search("<code>([^<]*)<", row)[1]) for anchor, _, row in rows)
    assert len(led_to) > 5


def test_the_index_of_kinds_leads_to_the_same_findings_most_money_first(rich):
    html = close_page(*rich)
    start = html.index("Find a kind")
    index = html[start : html.index("</details>", start)]
    listed = re.findall(r'<tr id="(f[0-9]+-[0-9]+)" class="[^"]*"><td><code>([^<]*)<', html)
    led_to = [
        (anchor, code)
        for code, links in re.findall(r"<li><code>([^<]*)</code>(.*?)</li>", index, re.DOTALL)
        for anchor in re.findall(r'<a href="#(f[^"]*)">', links)
    ]
    codes = [code for code in exception_codes() if code in dict(map(reversed, listed))]
    assert led_to == [(anchor, code) for wanted in codes for anchor, code in listed if code == wanted]
    assert len(codes) > 3


def test_what_is_open_holding_or_wrong_is_told_by_class_for_the_filter(rich):
    html = close_page(*rich)
    for anchor, classes, row in re.findall(r'<tr id="(f[^"]*)" class="([^"]*)">(.*?)</tr>', html, re.DOTALL):
        text = Page(row).text
        assert ("open" in classes.split()) == (re.search(r" open(holds)?$", text) is not None), anchor
        assert ("holding" in classes.split()) == text.endswith("holds"), anchor
    assert len(re.findall(r'<input type="radio" name="only"', html)) == 4
