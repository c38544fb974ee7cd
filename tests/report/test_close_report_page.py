"""The rendered close report: what it answers, that it is safe against hostile text, and that it is the same
every time.

Expected figures are the hand sums stated in ``conftest.py``.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from tests.support.close_page import close_page


class _Page(HTMLParser):
    """The page as a browser's parser sees it: elements with attributes, and the text without style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag):
        self._in_style = False
        if tag in ("td", "th", "li", "span", "dd", "dt"):
            self.words.append(" ")

    def handle_data(self, data):
        if not self._in_style:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def _section(html: str, heading: str) -> str:
    """The text between one h2 and the next."""
    start = html.index(f'<h2 id="{heading}">')
    end = html.find("<h2 ", start + 1)
    return _Page(html[start : end if end > 0 else len(html)]).text


def test_a_passed_month_says_how_many_clients_may_go_and_how_many_are_held(rich):
    text = _Page(close_page(*rich)).text
    assert "Invoices may go for 2 clients; 2 clients are held" in text
    assert "1 of those that may go with a waived difference" in text


def test_a_blocked_run_says_nothing_may_go_and_why(blocked):
    html = close_page(*blocked)
    text = _Page(html).text
    assert "Nothing may go: CONTROL_TOTAL_MISMATCH, ROW_REJECTED" in text
    assert "may go for" not in text
    assert html.index('id="controls"') < html.index('id="unknown"')


def test_a_blocked_run_shows_not_evaluated_and_never_a_zero_for_what_nobody_looked_at(blocked):
    html = close_page(*blocked)
    glance = _section(html, "headline")
    assert glance.count("not evaluated") == 5
    assert not re.search(r"(?<![\d.,])0(?![\d.,])", glance)
    assert "0.00" not in glance.replace("0.00 means no cent is left unexplained", "")
    assert "Money at stake; From invoiced to expected; Held clients; Exceptions by code" in _section(
        html, "unknown"
    )


def test_empty_tables_of_a_blocked_run_are_not_evaluated_either(blocked, rich):
    gate, tables = blocked
    empty = {name: table.slice(0, 0) for name, table in rich[1].items()} | tables
    without_columns = {name: pa.table({"other": [""]}).slice(0, 0) for name in rich[1]} | tables
    assert close_page(gate, empty) == close_page(gate, tables) == close_page(gate, without_columns)


def test_the_five_directions_show_the_hand_sums_per_currency(rich):
    html = close_page(*rich)
    money = _section(html, "money")
    dollars = "USD coverage 95.60 % 142.76 open 142.75 43.00 open 3.00 60.00 0.00 12.00"
    assert money.endswith(dollars)
    assert "EUR no vendor charges to cover 9.99 0.00 not evaluated not evaluated not evaluated" in money
    assert "152.75" not in money  # 142.76 + 9.99, a sum across currencies


def test_coverage_stands_beside_every_total(rich):
    html = close_page(*rich)
    for heading in ("money", "bridge", "codes", "clients"):
        assert "coverage 95.60 %" in _section(html, heading), heading
    # Ready to send, and held back
    assert _section(html, "headline").count("coverage 95.60 %") == 2
    # EUR has invoices and no vendor charges
    assert "EUR no vendor charges to cover" in _section(html, "money")


def test_held_clients_are_listed_with_codes_amounts_and_what_was_not_compared(rich):
    held = _section(close_page(*rich), "held")
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
    text = _section(close_page(gate, tables), "held")
    assert "unreconciled" in text and "ZERO" in text and "no reason recorded" not in text


def test_exceptions_are_money_first_and_unmapped_first_among_the_rest(rich):
    listed = _section(close_page(*rich), "exceptions")
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
    rejected = _section(close_page(*blocked), "rejected")
    assert "4,321 rows could not be read exactly" in rejected
    assert "Showing 3 of 4,321; all rows: rejected.csv beside this page." in rejected


def test_failing_control_totals_come_first_and_passing_ones_are_counted(blocked):
    controls = _section(close_page(*blocked), "controls")
    assert "INV-3 The lines of INV-3 add up" in controls
    assert "1 control total failing" in controls
    assert "2 control totals passed: invoice_total 2; 1 failed." in controls
    assert controls.index("INV-3") < controls.index("INV-1")


def test_suites_that_did_not_run_are_not_evaluated(blocked):
    suites = _section(close_page(*blocked), "suites")
    assert suites.count("not evaluated") == 2
    assert "rejected_rows_are_zero" in suites


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"><img src=x onerror=alert(1)>'",
    "override": "pay \u202e01.dlug\u202c now",
    "control": "nul\x00 bell\x07 tab\t line\u2028end",
    "template": "{{ 7 * 7 }}{% raw %}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_every_place_stays_text(text, rich, blocked, table, exception):
    gate, tables = rich
    tables = dict(tables)
    tables["dim_client"] = table("dim_client", [{"client_id": "ACME", "client_name": text}])
    every = dict.fromkeys(
        ("client_id", "product_code", "source", "vendor_customer_id", "sku_id", "line_id"), text
    )
    bad = exception(
        1,
        text,
        **every,
        explanation=text,
        severity=text,
        status=text,
        client_recoverable="1.00",
        blocking=True,
    )
    tables["fct_exceptions"] = table("fct_exceptions", [bad | {"exception_id": text, "currency": text}])
    hold = {"client_id": text, "currency": text, "verdict": "HOLD", "held_amount": "1.00"}
    tables["fct_client_gate"] = table("fct_client_gate", [hold])
    bridge = {
        "client_id": text,
        "currency": text,
        "invoiced_amount": "1.00",
        "expected_amount": "2.00",
        "residual": "0.00",
    }
    tables["fct_variance_bridge"] = table("fct_variance_bridge", [bridge])
    gate = blocked[0] | {
        "msp_id": text,
        "msp_name": text,
        "period": text,
        "evaluated_at": text,
        "input_hash": text,
        "reasons": [text],
        "warnings": [text],
        "controls": [dict.fromkeys(("code", "source", "dataset", "scope", "message"), text)],
        "suites": [
            {
                "name": text,
                "passed": False,
                "expected": 1,
                "evaluated": 1,
                "failed": [dict.fromkeys(("expectation", "subject", "detail"), text)],
            }
        ],
        "rejected_rows": [{"file": text, "line": 1, "column": text, "value": text, "reason": text}],
        "coverage": [{"currency": text, "mapped": "1", "total": "1", "pct": "100"}],
        "inputs": [{"path": text, "sha256": text, "rows": 1, "bytes": 1}],
        "exceptions": {text: 2},
    }
    html = close_page(gate, tables)
    page = _Page(html)
    assert not page.all("script") and not page.all("img")
    assert not [
        name
        for _, attributes in page.elements
        for name in attributes
        if name.startswith("on") or name == "style"
    ]
    assert not re.search("[\x00-\x09\x0b-\x1f\u2028\u202a-\u202e\u2066-\u2069]", html)
    if text.isprintable():
        assert page.text.count(text) > 20  # shown literally: neither executed, nor swallowed
    html.encode("utf-8")


def test_hidden_characters_are_shown_by_their_code_point(rich, table):
    gate, tables = rich
    tables = tables | {
        "dim_client": table("dim_client", [{"client_id": "ACME", "client_name": "A\u202eB\x00"}])
    }
    assert "A⟨U+202E⟩B⟨U+0000⟩" in close_page(gate, tables)


def test_a_lone_surrogate_of_gate_json_can_be_written_as_utf_8(rich):
    gate, tables = rich
    html = close_page(gate | {"msp_name": "bad \ud800 name"}, tables)
    assert "⟨U+D800⟩" in html
    html.encode("utf-8")


def test_a_huge_identifier_is_cut_and_counted(rich):
    gate, tables = rich
    html = close_page(gate | {"warnings": ["x" * 2_000_000]}, tables)
    assert "(2,000,000 characters)" in html
    assert len(html) < 100_000


def test_the_policy_allows_exactly_the_style_sheet_of_the_page_and_nothing_else(rich):
    html = close_page(*rich)
    page = _Page(html)
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", html, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not [a for _, a in page.elements if "style" in a or "src" in a]
    assert all((a.get("href") or "").startswith(("#", "data:")) for _, a in page.elements if "href" in a)
    assert "url(" not in style.group(1) and "@import" not in style.group(1)


def test_every_link_has_its_target_and_every_table_its_caption_and_headers(rich, blocked):
    for example in (rich, blocked):
        html = close_page(*example)
        page = _Page(html)
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert {a["href"] for a in page.all("a")} <= {f"#{i}" for i in ids}
        assert len(page.all("table")) == len(page.all("caption")) == len(page.all("thead"))
        assert all(th.get("scope") in ("col", "row") for th in page.all("th"))
        for svg in page.all("svg"):
            assert svg["role"] == "img"
            assert set((svg["aria-labelledby"] or "").split()) <= set(ids)


def test_the_page_does_not_depend_on_the_order_of_rows_or_on_when_it_is_made(rich):
    gate, tables = rich
    first = close_page(gate, tables)
    shuffled = {}
    for name, table in tables.items():
        order = list(range(table.num_rows))
        random.Random(7).shuffle(order)
        shuffled[name] = table.take(order)
    assert close_page(gate, shuffled) == first
    assert close_page(gate, tables) == first


def test_long_lists_are_cut_at_the_largest_amounts_and_say_so(rich, table, exception):
    gate, tables = rich
    rows = [
        exception(n, "UNBILLED_PRODUCT", client_id=f"C{n:04d}", client_recoverable=f"{n}.00")
        for n in range(1, 251)
    ]
    html = close_page(gate, tables | {"fct_exceptions": table("fct_exceptions", rows)})
    listed = _section(html, "exceptions")
    assert "Showing 200 of 250 by money; all rows: fct_exceptions." in listed
    assert re.findall(r"(\d+\.\d\d) USD", listed)[:2] == ["250.00", "249.00"]
    assert "51.00 USD" in listed and " 50.00 USD" not in listed
    assert html.count('<tr class="screen">') == 160  # on paper the first 40 of the 200


def test_exceptions_of_equal_amount_stand_in_the_order_of_their_ids(rich, table, exception):
    gate, tables = rich
    rows = [exception(n, "UNBILLED_PRODUCT", client_id="ACME", client_recoverable="5.00") for n in (3, 1, 2)]
    html = close_page(gate, tables | {"fct_exceptions": table("fct_exceptions", rows)})
    assert re.findall(r"ex000\d", _section(html, "exceptions")) == ["ex0001", "ex0002", "ex0003"]
