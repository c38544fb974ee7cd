"""Codes beside names, and names that are called an id: the rows tell which is which, else it is asked.

Belongs here: products and customers told by a name though a code stands beside it, or by a text that says
something else. Does not: columns under headings that no list names (``test_by_rows``).
"""

from __future__ import annotations

from typing import Any

import pytest

from mbr_pipeline.profiling.proposal import Proposal
from tests.profiling.small_files import Whole, asked

_BILL = "Invoice,Customer ID,Quantity,Unit Cost,Amount,Currency,From,To"
_DAYS = "EUR,2026-10-01,2026-10-31"


def _options(proposal: Proposal, column: str) -> tuple[Any, ...]:
    return next(q.options for q in proposal.questions if q.key[-1] == column)


def _bill(whole: Whole, head: str, *rows: tuple[str, str]) -> Proposal:
    lines = [f"I1,{customer},2,5.00,10.00,{_DAYS},{more}" for customer, more in rows]
    return whole([f"{_BILL},{head}", *lines])


@pytest.mark.parametrize(
    ("heading", "codes", "expected"),
    [
        ("Herstellerartikelnr.", ("GZ-ELITE", "65297990"), "Herstellerartikelnr."),
        ("Référence", ("GZ-E", "BD-P"), "Référence"),
        ("Art.-Nr.", ("GZ-E", "BD-P"), "Art.-Nr."),
        ("Manufacturer Reference", ("GZ-E", "BD-P"), "Manufacturer Reference"),
        ("Nominal Code", ("4000", "4010"), "Product"),  # of bookkeeping
        ("Référence", ("GZ E", "BD P"), "Product"),  # several words are no code
    ],
)
def test_a_code_that_goes_together_with_the_name_at_several_customers_is_the_product(
    whole: Whole, heading: str, codes: tuple[str, str], expected: str
) -> None:
    one, two = codes
    rows = (("K1", f"Elite,{one}"), ("K1", f"Premium,{two}"), ("K2", f"Elite,{one}"))
    found = _bill(whole, f"Product,{heading}", *rows)
    assert (found.columns["sku_id"], found.columns["sku_name"]) == (expected, "Product")


def test_a_code_that_does_not_go_together_with_the_name_is_asked(whole: Whole) -> None:
    rows = (("K1", "Elite,GZ-E"), ("K1", "Elite,GZ-EY"), ("K2", "Elite,GZ-E"), ("K2", "Premium,BD-P"))
    found = _bill(whole, "Product,Référence", *rows)
    assert _options(found, "sku_id") == ("Référence", "Product")
    orders = [("K1", f"Elite,PO-{at}") for at in range(3)]  # another in every row: of orders
    assert _bill(whole, "Product,Référence", *orders).columns["sku_id"] == "Product"


def test_the_code_of_a_list_of_products_is_another_in_every_row(whole: Whole) -> None:
    lines = ["Código,Descripción,PVP", "SEG-EP,Protección de puestos,7.50", "BKP,Copia en la nube,30.00"]
    assert whole(lines, "products").columns["product_code"] == "Código"
    counted = ["Código,Descripción,PVP", "1,Protección de puestos,7.50", "2,Copia en la nube,30.00"]
    three = [*counted, "3,Filtro de correo,2.20"]
    assert whole(three, "products").columns["product_code"] != "Código"  # it only counts the rows


def test_a_subscription_that_several_customers_have_is_the_product(whole: Whole) -> None:
    rows = [
        f"I1,{customer},{many},{price},{many * price:.2f},{_DAYS},{plan}"
        for customer, many in (("K1", 2), ("K2", 3))
        for plan, price in (("Total Protection", 2.5), ("Total Backup", 1.5))
    ]
    found = whole([f"{_BILL},Subscription", *rows])
    assert found.columns["sku_id"] == "Subscription"
    assert "subscription_id" not in found.columns
    own = whole([f"{_BILL},SKU,Subscription", f"I1,K1,2,5.00,10.00,{_DAYS},S1,x1"])
    assert own.columns["subscription_id"] == "Subscription"


def test_a_description_whose_texts_have_several_prices_is_asked(whole: Whole) -> None:
    def told(price: str) -> Proposal:
        rows = [
            f"I1,{customer},2,{each},{2 * float(each):.2f},{_DAYS},{plan},Monthly usage"
            for customer in ("K1", "K2")
            for plan, each in (("Starter", "5.00"), ("Plus", price))
        ]
        return whole([f"{_BILL},Range,Description", *rows])

    assert _options(told("9.00"), "sku_id") == ("Range", "Description")
    assert "sku_id" not in asked(told("5.00"))


def test_a_product_with_several_prices_is_asked_beside_what_tells_more_apart(whole: Whole) -> None:
    rows = [
        f"I1,{customer},2,{price},{2 * float(price):.2f},{_DAYS},Glue,{charge}"
        for customer in ("K1", "K2")
        for charge, price in (("User of Glue", "39.00"), ("Start of Glue", "500.00"))
    ]
    found = whole([f"{_BILL},Product Name,Charge Name", *rows])
    assert _options(found, "sku_id") == ("Product Name", "Charge Name")


def test_the_only_heading_that_ends_with_a_product_is_it(whole: Whole) -> None:
    rows = ("K1,Mail filter,25", "K1,Training,20", "K2,Mail filter,45")
    found = whole(["Customer ID,Primary Product,Licensed Seats", *rows], "license_counts")
    assert found.columns["sku_id"] == "Primary Product"
    more = [f"{row},Monthly" for row in rows]
    two = whole(["Customer ID,Primary Product,Licensed Seats,Billing Plan", *more], "license_counts")
    assert "sku_id" in asked(two)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [("Account Code", "Account Code"), ("Ledger Code", "TODO")],
)
def test_an_id_of_accounts_beside_names_that_repeat_is_the_customers(
    whole: Whole, heading: str, expected: str
) -> None:
    rows = ("C1,Alder,S1,25", "C2,Birch,S1,45", "C2,Birch,S2,45", "C3,Cedar,S1,9")
    found = whole([f"{heading},Customer,SKU,Licensed Seats", *rows], "license_counts")
    assert found.columns["vendor_customer_id"] == expected
    assert "vendor_customer_id" in asked(
        whole([f"{heading},Customer,SKU,Licensed Seats", *rows[:2], rows[3]], "license_counts")
    )


def test_a_domain_is_asked_with_the_id_that_stands_beside_the_name(whole: Whole) -> None:
    rows = ("Alder,7100,alder.example,S1,25", "Birch,7200,birch.example,S1,45")
    head = "Organization Name,EID,Primary Domain,SKU,Licensed Seats"
    found = whole([head, *rows], "license_counts")
    assert _options(found, "vendor_customer_id")[-2:] == ("EID", "Organization Name")
