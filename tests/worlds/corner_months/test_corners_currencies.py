"""Corners of currencies and sources, and random nonsense: hand-made months through the pipeline, compared
with the second engine.

Belongs here: as in ``test_corners``, currencies of a key, two PSAs, drawn records. Does not: quantities
(``test_corners``).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.recompute.handmade import Handmade, P, agreed, charge, invoiced, mapped, product
from tests.worlds.compare import Builder, compare, run_month
from tests.worlds.corners import MARCH, agree, bought, deal, shelf, sold
from tests.worlds.drawn.chaos import Chaos


def test_a_keys_currency_is_found_step_by_step_and_money_of_two_is_never_added(
    world: Handmade, transformer: Builder
) -> None:
    shelf(world, "mail", "listed", "billed", "shared", "ended", "two", "agreed2", "cost")
    world.rule(
        "client_map",
        *(
            {"source": "dist", "vendor_customer_id": c, "client_id": c}
            for c in ("free", "labour", "ended", "two", "agreed2")
        ),
    )
    world.land(
        "products",
        *(product(c) for c in ("billed", "shared", "ended", "two", "agreed2", "cost", "work")),
        product("listed", default_unit_price="6", currency="JPY"),
    )
    world.land(
        "clients",
        *({"client_id": c, "client_name": c} for c in ("free", "labour", "ended", "two", "agreed2")),
    )
    world.land(
        "vendor_charges",
        bought("1", "listed", "2", "1", "2", vendor_customer_id="free"),
        bought("2", "billed", "2", "1.005", "2.01", vendor_customer_id="free", currency="EUR"),
        bought(
            "3", "billed", "1", "1", "1", vendor_customer_id="free", currency="EUR", charge_category="usage"
        ),
        bought("4", "cost", "2", "1", "2", vendor_customer_id="free", currency="EUR"),
        bought("5", "cost", "2", "1", "2", vendor_customer_id="free", currency="CHF"),
        bought(
            "6",
            "billed",
            "9",
            "1",
            "9",
            vendor_customer_id="free",
            currency="CHF",
            charge_period_start=MARCH,
            charge_period_end="2025-04-01",
        ),
        bought("7", "shared", "2", "1", "2", vendor_customer_id="labour", currency="EUR"),
        bought("8", "ended", "2", "1", "2", vendor_customer_id="ended", currency="EUR"),
        bought("9", "two", "2", "1", "2", vendor_customer_id="two", currency="GBP"),
        bought("10", "agreed2", "2", "1", "2", vendor_customer_id="agreed2"),
    )
    world.land(
        "agreements",
        deal("a", "ended", "2", "5", client_id="ended", currency="CHF", effective_end="2025-03-15"),
        deal(
            "b",
            "ended",
            "2",
            "6",
            client_id="ended",
            currency="USD",
            effective_end="2025-03-10",
            effective_start="2025-02-01",
        ),
        deal("c", "agreed2", "2", "6", client_id="agreed2", currency="USD"),
        deal("d", "agreed2", "3", "6", client_id="agreed2", currency="EUR"),
        deal("e", "two", "3", "6", client_id="two", currency="EUR"),
    )
    world.land(
        "invoice_lines",
        sold("1", "work", "1", "70", "70", client_id="labour", currency="CHF", charge_category="one_time"),
        sold("2", "two", "2", "10", "20", client_id="two", currency="USD"),
        sold("3", "two", "2", "10", "20", client_id="two", currency="GBP"),
    )
    result = agree(world, transformer)
    assert result.key("listed")["currency"] == "JPY" and result.key("listed")["valued_at"] == "list"
    # late Swiss francs do not name the currency of what counts in April in euros
    assert result.key("billed")["currency"] == "EUR" and result.key("billed")["valued_at"] == "cost"
    assert result.found("UNBILLED_PRODUCT", product_code="billed")["client_recoverable"] == Decimal("2.01")
    assert (
        result.key("cost")["valued_at"] == "none"
        and result.found("UNBILLED_PRODUCT", product_code="cost")["blocking"]
    )
    assert result.key("shared")["currency"] == "CHF" == result.key("ended")["currency"]
    assert [row["currency"] for row in result.rows("fct_reconciliation", product_code="two")] == [
        "GBP",
        "USD",
    ]
    assert result.codes(product_code="two") == ["CURRENCY_MISMATCH"] == result.codes(product_code="agreed2")
    assert result.rows("fct_psa_changes", product_code="agreed2") == []


def test_two_psas_may_use_the_same_ids(world: Handmade, transformer: Builder) -> None:
    for source, price in (("halo", "11"), ("psa", "10")):
        world.land("clients", {"client_id": "acme", "client_name": "Acme"}, source=source)
        world.land("products", product("mail"), product("voice"), source=source)
        world.land(
            "agreements",
            agreed("A", "2", price),
            agreed(
                "B",
                "2",
                price,
                product_code="voice",
                effective_start="2025-01-01" if source == "psa" else "2025-02-01",
            ),
            source=source,
        )
        voice = invoiced("2", "2", price, str(2 * int(price)), product_code="voice")
        world.land(
            "invoice_lines",
            invoiced("1", "2", price, str(2 * int(price)), agreement_line_id="A"),
            voice,
            source=source,
        )
    world.rule("sku_map", mapped("S1", "mail"), mapped("S2", "voice"))
    world.land("vendor_charges", charge("1", "4", "1", "4"), charge("2", "4", "1", "4", sku_id="S2"))
    result = agree(world, transformer)
    assert result.codes(product_code="mail") == [] and result.key("mail")["agreement_quantity"] == 4
    # no line is named: the later of the two agreements, Halo's at 11, is in force for both
    assert result.found("INVOICE_PRICE_MISMATCH", product_code="voice")["source"] == "psa"
    assert result.found("INVOICE_PRICE_MISMATCH", product_code="voice")["client_recoverable"] == 2


@pytest.mark.parametrize("seed", [20, 21])
def test_random_nonsense_comes_to_what_the_second_engine_makes_of_it(
    tmp_path: Path, transformer: Builder, seed: int
) -> None:
    Chaos(tmp_path, seed).write()
    folder, document = run_month(tmp_path, "msp", P, transformer)
    differences = compare(tmp_path, "msp", P, folder, document)
    assert not differences, "\n".join(differences)
    # enough of it meets: most codes, and keys of every verdict, map first among them
    assert len(document["exceptions"]) >= 20
    verdicts = set(pq.read_table(folder / "fct_reconciliation.parquet").column("verdict").to_pylist())
    assert verdicts == {"matched", "exception", "unreconcilable", "unreconciled"}
