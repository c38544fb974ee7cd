"""Clients of a month in a browser: all of them, and one with its bridge (contract §4.8, §6, §12).

Belongs here: that the pages show what `mbr explain --client` and the tables say. Does not: the geometry of
the picture (tests/report). Worked by hand: C-2 is invoiced 20.00 USD, 8.00 too little for seats and 2.50 too
much for a price, so 25.50 are expected.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.explain import command
from tests.decide.months import exception
from tests.release.months import Month
from tests.serve.browsing import Visitor, served
from tests.serve.close.closing import HOSTILE, gate_json, published
from tests.support.small import PERIOD

HERE = f"/m/acme/{PERIOD}"


def _gate(client_id: str, currency: str, verdict: str, held: str, found: int) -> dict[str, Any]:
    row = {"client_id": client_id, "currency": currency, "verdict": verdict}
    return row | {"held_amount": held, "open_exceptions": found}


TABLES = {
    "marts.fct_client_gate": [
        _gate("C-1", "USD", "PASS", "0", 0), _gate("C-1", "JPY", "PASS", "0", 0),
        _gate("C-2", "USD", "HOLD", "20.00", 3),
    ],
    "marts.dim_client": [
        {"client_id": "C-1", "client_name": "Alder & Sons"}, {"client_id": "C-2", "client_name": HOSTILE[0]}
    ],
    "marts.fct_variance_bridge": [
        {
            "client_id": "C-2", "currency": "USD", "invoiced_amount": "20.00", "expected_amount": "25.50",
            "classified_variance": "5.50", "residual": "0",
        }
    ],
    "marts.fct_exceptions": [
        exception("1", "UNDERBILLED_QUANTITY", "C-2", "SEAT", client_recoverable="8.00")
        | {"explanation": HOSTILE[1]},
        exception("2", "INVOICE_PRICE_MISMATCH", "C-2", "SEAT", client_refund="2.50", line_id="L-3"),
        exception("4", "VENDOR_AMOUNT_MISMATCH", "C-2", "SEAT", vendor_claim="7.00", blocking=False),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    made = published(tmp_path_factory.mktemp("clients"))
    made.publish(TABLES)
    return made


@pytest.fixture
def visitor(month: Month) -> Iterator[Visitor]:
    with served(month.root) as (site, address):
        yield Visitor.by_link(site, address)


def test_all_clients_are_listed_those_on_hold_first(visitor: Visitor) -> None:
    visitor.get(f"{HERE}/clients")
    first, second = visitor.page.index("C-2</bdi>"), visitor.page.index("C-1</bdi>")
    assert first < second
    assert "on hold – 20.00 USD 3 8.00 USD recoverable 2.50 USD refund 7.00 USD vendor claim" in visitor.text
    assert "INVOICE_PRICE_MISMATCH · 2.50 USD refund" in visitor.text
    assert "Alder & Sons C-1 pass 700 JPY 80.00 USD – 0 –" in visitor.text


def test_they_are_searched_and_filtered(visitor: Visitor) -> None:
    for query, found in (("q=aLDer", "C-1"), ("verdict=HOLD", "C-2"), ("q=c-2&verdict=HOLD", "C-2")):
        visitor.get(f"{HERE}/clients?{query}")
        assert "1 client," in visitor.text and f"{found}</bdi>" in visitor.page
    for query in ("q=alder&verdict=HOLD", f"q={quote(HOSTILE[1])}", "page=7"):
        assert "No client is so." in (visitor.get(f"{HERE}/clients?{query}") and visitor.text)
    assert "2 clients," in (visitor.get(f"{HERE}/clients?verdict=x%27&page=-1") and visitor.text)


def test_a_client_shows_what_explain_prints(month: Month, visitor: Visitor) -> None:
    visitor.get(f"{HERE}/clients/C-2")
    assert "5.50 USD more is expected than invoiced" in visitor.text
    assert "Invoiced 20.00; UNDERBILLED_QUANTITY +8.00; INVOICE_PRICE_MISMATCH −2.50; Expected 25.50." in (
        visitor.text
    )
    asked = ["--client", "C-2", "--period", PERIOD, "--workspace", str(month.root), "--json"]
    told = json.loads(CliRunner().invoke(command, asked).stdout)
    [bridge] = told["bridges"]
    table = visitor.text.partition("The same, finding by finding. Residual: 0.00.")[2]
    rows = [f"Invoiced {bridge['invoiced_amount']}", f"Expected {bridge['expected_amount']}"]
    for step in bridge["steps"]:
        sign = "−" if step["signed"].startswith("-") else "+"
        rows.append(f"{step['exception_id']}")
        rows.append(step["exception_code"])
        rows.append(f"SEAT {sign} {step['signed'].lstrip('-')} holds the client")
    assert [
        row for row in rows if row not in table.replace("−", "− ").replace("+", "+ ").replace("  ", " ")
    ] == []
    assert "VENDOR_AMOUNT_MISMATCH" in table and "7.00 USD vendor claim" in table
    assert (
        html.escape(HOSTILE[1], quote=True).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
        in visitor.page
    )
    assert "<img src=x" not in visitor.page
    assert "None: the client is on hold." in visitor.text


def test_lines_that_may_go_out_are_listed(visitor: Visitor) -> None:
    visitor.get(f"{HERE}/clients/C-1")
    assert "Nothing of the client is invoiced or expected in this month." in visitor.text
    assert "I-1 L-1" in visitor.text and "80.00 USD unchanged" in visitor.text
    assert "I-1 L-2" in visitor.text and "700 JPY unchanged" in visitor.text


def test_who_is_not_there_is_said(visitor: Visitor) -> None:
    for name in ("C-3", "", quote(HOSTILE[4], safe=""), quote(HOSTILE[0], safe=""), "x" * 3000):
        assert visitor.get(f"{HERE}/clients/{name}").status_code == 404, name
        assert "no client" in visitor.text
        assert "<img src=x" not in visitor.page
    assert visitor.get("/m/acme/2026-09/clients/C-1").status_code == 404


def test_a_client_of_any_id_has_its_page_and_a_long_list_is_turned(tmp_path: Path) -> None:
    month = published(tmp_path)
    ids = [text for text in HOSTILE if text != ".."] + [f"N-{n:03}" for n in range(120)]
    month.publish(
        {
            "marts.fct_client_gate": [
                {"client_id": each, "currency": "USD", "verdict": "PASS", "held_amount": "0"} for each in ids
            ]
        }
    )
    with served(tmp_path) as (site, address):
        visitor = Visitor.by_link(site, address)
        visitor.get(f"{HERE}/clients")
        assert "1 to 100 of 125 clients" in visitor.text
        links = {part.partition('"')[0] for part in visitor.page.split(f'href="{HERE}/clients/')[1:]}
        visitor.get(f"{HERE}/clients?page=2")
        assert "101 to 125 of 125 clients" in visitor.text
        links |= {part.partition('"')[0] for part in visitor.page.split(f'href="{HERE}/clients/')[1:]}
        assert links == {quote(each, safe="") for each in ids}
        for each in HOSTILE[:-1]:
            assert visitor.get(f"{HERE}/clients/{quote(each, safe='')}").status_code == 200, each


def test_a_blocked_month_says_that_nothing_may_go(tmp_path: Path) -> None:
    month = published(tmp_path)
    month.audit(TABLES, passed=False)
    gate_json(tmp_path, gate="blocked", reasons=["SOURCE_MISSING"])
    with served(tmp_path) as (site, address):
        visitor = Visitor.by_link(site, address)
        visitor.get(f"{HERE}/clients")
        assert "The gate blocked: nothing may go" in visitor.text
        assert "pass nothing – 0" in visitor.text and "80.00 USD" not in visitor.text
        assert "Nothing may go: SOURCE_MISSING" in (visitor.get(f"{HERE}/pack") and visitor.text)
        assert "The gate passed : no" in (visitor.get(f"{HERE}/close") and visitor.text)
