"""A product that is sold while no SKU is mapped to it (contract §5.3, UNMAPPED_PRODUCT).

Belongs here: what the explanation shows. Does not: when the second engine raises it (``tests/recompute``).
"""

from __future__ import annotations

from datetime import date

import pytest

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derive import derive
from mbr_pipeline.recompute.findings.finding import Finding as Found
from mbr_pipeline.recompute.findings.finding import Subject
from tests.explain.books import agreement, books, finding, invoice, sku


def test_the_lines_that_sell_it_and_the_rows_that_do_not_hold_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raised = Found("UNMAPPED_PRODUCT", Subject(product_code="SEAT"), None)
    monkeypatch.setattr(Case, "found", lambda case, about, codes: raised)
    lines = (
        invoice("1", "2", "10", "20"),
        agreement("22", "3", "10", client_id="C-2"),
        invoice("333", "4", "10", "40", service_period_start="2024-01-01", service_period_end="2024-02-01"),
    )
    rules = (
        sku(valid_to=date(2024, 2, 1)),
        sku(sku_id="S-2", source="rmm", line=3, valid_from=date(2024, 3, 1)),
        sku(sku_id="S-3", product_code="OTHER"),
        sku(sku_id="S-4", product_code="!not_billed"),
    )
    case = books(*lines, sku_rules=rules)
    about = finding(
        "UNMAPPED_PRODUCT",
        client_id=None,
        currency=None,
        evidence=tuple(line.record_id for line in lines[:2]),
    )
    derived = derive(about, case)
    sold, named, code = derived.parts
    assert [row[1:] for row in sold.rows] == [
        ("C-1", "invoice line", "2", "2024-02-01 to 2024-03-01"),
        ("C-2", "agreement line", "3", "2023-01-01, open"),
    ]
    assert [row[:4] for row in named.rows] == [
        ("dist", "S-1", "", "2024-02-01"),
        ("rmm", "S-2", "2024-03-01", ""),
    ]
    assert named.rows[1][5] == "rules/acme/sku_map.csv line 3"
    assert code.rows[-1][2] == "yes"
    assert (derived.code, derived.currency, derived.impacts) == ("UNMAPPED_PRODUCT", None, {})
    assert "vendor_backed = false" in derived.clears


def test_where_the_engine_does_not_raise_it_nothing_is_concluded() -> None:
    derived = derive(
        finding("UNMAPPED_PRODUCT", client_id=None, currency=None), books(invoice("1", "2", "10", "20"))
    )
    assert (derived.code, derived.parts[0].rows) == (None, ())
