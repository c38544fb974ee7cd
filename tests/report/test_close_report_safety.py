"""The rendered close report is safe against hostile text and the same every time.

Belongs here: text, links, policy, order and lengths. Does not: what the page answers
(``test_close_report_page``).
"""

from __future__ import annotations

import base64
import hashlib
import random
import re

import pytest

from tests.report.page import Page, section
from tests.support.close_page import close_page

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
    page = Page(html)
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
    page = Page(html)
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
        page = Page(html)
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
    listed = section(html, "exceptions")
    assert "Showing 200 of 250 by money; all rows: fct_exceptions." in listed
    assert re.findall(r"(\d+\.\d\d) USD", listed)[:2] == ["250.00", "249.00"]
    assert "51.00 USD" in listed and " 50.00 USD" not in listed
    assert len(re.findall(r'<tr id="f1-[0-9]+" class="screen ', html)) == 160  # on paper the first 40 of 200


def test_exceptions_of_equal_amount_stand_in_the_order_of_their_ids(rich, table, exception):
    gate, tables = rich
    rows = [exception(n, "UNBILLED_PRODUCT", client_id="ACME", client_recoverable="5.00") for n in (3, 1, 2)]
    html = close_page(gate, tables | {"fct_exceptions": table("fct_exceptions", rows)})
    assert re.findall(r"ex000\d", section(html, "exceptions")) == ["ex0001", "ex0002", "ex0003"]
