"""What columns that a proposal does not use say against it: asked, or cleared up by the rows.

Belongs here: doubts about an answer, each kind in a few lines. Does not: how an answer is found
(``test_kinds_of_rows``, ``test_kinds_of_exports``), whole exports.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.profiling.small_files import Proposed, Whole, asked, money, signed

_BILL = "Invoice,Customer ID,SKU,Type,Currency,From,To"
_LINES = "Invoice,Customer ID,Item Code,Qty,Unit Price,Amount,Currency"


def _options(proposal: Any, column: str) -> tuple[Any, ...]:
    return next(q.options for q in proposal.questions if q.key[-1] == column)


@pytest.mark.parametrize(
    ("head", "rows", "is_asked"),
    [
        ("Quantity,Amount,Neto", ("2,20.00,18.50", "3,30.00,28.10"), True),  # an unknown word, money
        ("Quantity,Amount,Total", ("2,20.00,24.00", "3,30.00,36.00"), True),  # may be with tax: no tax named
        ("Quantity,Amount,Tax,Total", ("2,20.00,4.00,24.00", "3,30.00,6.00,36.00"), False),
        ("Quantity,Amount,Recommended", ("2,20.00,25.00", "3,30.00,37.50"), False),  # the client's
        ("Quantity,Amount,Storage GB", ("2,20.00,25.00", "3,30.00,37.50"), False),  # no money
        ("Quantity,Amount,Share %", ("2,20.00,25.00", "3,30.00,37.50"), False),
        ("Quantity,Amount,Worth in USD", ("2,20.00,25.00", "3,30.00,37.50"), False),  # the bill is in EUR
    ],
)
def test_money_that_nothing_explains_beside_the_amount_is_a_question(
    proposed: Proposed, head: str, rows: tuple[str, str], is_asked: bool
) -> None:
    assert ("amount" in asked(proposed(head, *rows))) == is_asked


def test_what_is_repeated_in_every_line_of_a_document_is_the_documents(whole: Whole) -> None:
    rows = ("R1,K1,A,2,5.00,10.00,EUR,40.00", "R1,K1,B,3,10.00,30.00,EUR,40.00")
    found = whole([f"{_LINES},Document Value", *rows, "R2,K2,A,1,5.00,5.00,EUR,5.00"], "invoice_lines")
    assert found.columns["amount"] == "Amount"


def test_an_amount_less_a_discount_is_the_amount(whole: Whole) -> None:
    head = "Invoice,Customer ID,Item Code,Qty,Unit Price,Extended Price,Discount,Net Amount,Currency"
    percent = ("R1,K1,A,2,50.00,100.00,10,90.00,EUR", "R1,K1,B,1,30.00,30.00,0,30.00,EUR")
    in_money = ("R1,K1,A,2,50.00,100.00,7.50,92.50,EUR", "R1,K1,B,1,30.00,30.00,0,30.00,EUR")
    for rows in (percent, in_money):
        found = whole([head, *rows], "invoice_lines")
        assert money(found) == ("Qty", {"made_of": "amount"}, "Net Amount")
    kept = [row.replace(",90.00,", ",100.00,") for row in percent]
    assert "amount" in asked(whole([head, *kept], "invoice_lines"))


def test_a_discount_that_explains_nothing_is_a_question(whole: Whole) -> None:
    head = f"{_LINES},Discount %"
    rows = ("R1,K1,A,2,50.00,100.00,EUR,10", "R1,K1,B,1,30.00,30.00,EUR,0")
    assert "amount" in asked(whole([head, *rows], "invoice_lines"))
    none = [f"{row.rsplit(',', 1)[0]},0" for row in rows]
    assert "amount" not in asked(whole([head, *none], "invoice_lines"))


@pytest.mark.parametrize(
    ("texts", "amounts", "expected"),
    [
        (("Invoice", "Credit Note"), ("50.00", "50.00"), "signed"),
        (("Factuur", "Creditnota"), ("50.00", "50.00"), "signed"),
        (("Invoice", "Credit Note"), ("50.00", "-50.00"), "Amount"),  # it has its minus
        (("Invoice", "Credit Note"), ("-50.00", "50.00"), "TODO"),  # others have one
        (("Invoice", "Refund of a seat"), ("50.00", "50.00"), "TODO"),  # a text of several words
        (("Invoice", "Order"), ("50.00", "50.00"), "Amount"),
    ],
)
def test_a_credit_note_without_a_minus_is_given_back(
    whole: Whole, texts: tuple[str, str], amounts: tuple[str, str], expected: str
) -> None:
    rows = [
        f"R{at},K{at},A,2,25.00,{amount},EUR,{text}"
        for at, (text, amount) in enumerate(zip(texts, amounts, strict=True))
    ]
    rows.append(f"R9,K1,B,1,25.00,25.00,EUR,{texts[0]}")
    amount = whole([f"{_LINES},Document", *rows], "invoice_lines").columns["amount"]
    if expected == "signed":
        test = {"negative_if": {"Document": [texts[1]]}, "as_written_if": {"Document": [texts[0]]}}
        assert amount == {"heading": "Amount", **test}
    else:
        assert amount == expected


def test_the_credit_side_of_an_account_has_its_sign(whole: Whole) -> None:
    rows = ("B1,2026-10-01,100.50,D", "B2,2026-10-02,40.50,C", "B3,2026-10-03,10.50,D")
    head = "Bill Number,Bill Date,Total,Side"
    found = whole([head, *rows], "vendor_invoices")
    test = {"negative_if": {"Side": ["C"]}, "as_written_if": {"Side": ["D"]}}
    signed_total = {"columns": {"invoice_total": {"heading": "Total", **test}}}
    assert _options(found, "invoice_total") == (signed_total, "Total")


def test_whole_money_may_be_cents(proposed: Proposed) -> None:
    found = proposed("Quantity,Unit Price,Amount", "2,1250,2500", "1,990,990")
    assert {"unit_cost", "amount"} <= asked(found)
    assert {"heading": "Amount", "implied_decimals": "2"} in _options(found, "amount")
    assert asked(proposed("Quantity,Unit Price,Amount", "2,12,24", "1,990,990")) == set()


def test_money_that_is_called_one_with_tax_is_a_question(whole: Whole) -> None:
    rows = ("R1,K1,A,2,6.00,12.00,EUR", "R2,K2,A,3,6.00,18.00,EUR")
    for amount, is_asked in (("Total TTC", True), ("Total HT", False)):
        found = whole([_LINES.replace("Amount", amount), *rows], "invoice_lines")
        assert ("amount" in asked(found)) == is_asked


def test_a_list_price_of_a_year_is_a_question(whole: Whole) -> None:
    head = "Product Code,Product Name,Sales Price,Period Type"
    found = whole([head, "A,Backup,10.00,Monthly", "B,Domain,24.00,Yearly"], "products")
    per = {"Period Type": {"Monthly": "1", "Yearly": "12"}}
    assert _options(found, "default_unit_price") == ("Sales Price", {"heading": "Sales Price", "per": per})
    monthly = whole([head, "A,Backup,10.00,Monthly", "B,Domain,24.00,Monthly"], "products")
    assert monthly.columns["default_unit_price"] == "Sales Price"


@pytest.mark.parametrize(
    ("counts", "is_asked"),
    [
        ("Seats,Extensions", True),
        ("Licensed Seats,Extensions", False),  # it says that they were bought
        ("Seats,Unassigned Seats", False),
        ("Seats,Storage Limit", False),
    ],
)
def test_a_second_count_that_may_be_the_seats_is_a_question(
    whole: Whole, counts: str, is_asked: bool
) -> None:
    rows = ("K1,S1,5,7", "K2,S1,8,9", "K3,S2,2,2")
    found = whole([f"Customer ID,SKU,{counts}", *rows], "license_counts")
    assert ("entitled_quantity" in asked(found)) == is_asked


@pytest.mark.parametrize(("day", "is_asked"), [("Usage Day Of", True), ("Renewal Date", False)])
def test_counts_of_several_days_are_a_question(whole: Whole, day: str, is_asked: bool) -> None:
    rows = ("K1,S1,5,2026-10-01", "K1,S1,6,2026-10-02", "K2,S1,8,2026-10-01")
    found = whole([f"Customer ID,SKU,Licensed Seats,{day}", *rows], "license_counts")
    assert ("as_of_date" in asked(found)) == is_asked


def test_an_id_of_lines_beside_names_that_repeat_is_a_question(whole: Whole) -> None:
    rows = [f"R{at},K{at % 2},P{at},Backup,2,5.00,10.00,EUR" for at in range(5)]
    head = _LINES.replace("Item Code", "Item Code,Item Name")
    assert "product_code" in asked(whole([head, *rows], "invoice_lines"))
    same = [row.replace(f"P{at}", "P") for at, row in enumerate(rows)]
    assert "product_code" not in asked(whole([head, *same], "invoice_lines"))


def test_a_customer_that_is_the_same_in_every_row_may_be_the_reseller(whole: Whole) -> None:
    rows = [f"Us,Site {at},S1,{at + 3}" for at in range(4)]
    found = whole(["Customer,Site Name,SKU,Licensed Seats", *rows], "license_counts")
    assert "vendor_customer_id" in asked(found)


def test_parts_of_a_product_without_an_id_are_a_question(whole: Whole) -> None:
    head = "Customer ID,Product Name,Component Name,Quantity,Unit Cost,Amount"
    rows = ("K1,Server,CPU", "K1,Server,Disk", "K2,Server,CPU", "K2,Mail,Box")
    found = whole([head, *(f"{row},2,5.00,10.00" for row in rows)])
    assert _options(found, "sku_id") == ("Product Name", "Component Name")


def test_a_number_that_is_another_in_every_row_is_no_invoice_for_certain(whole: Whole) -> None:
    rows = [f"D{at},K1,S1,2,5.00,10.00" for at in range(4)]
    head = "Document Number,Customer ID,SKU,Quantity,Unit Cost,Amount"
    assert "invoice_id" in asked(whole([head, *rows]))
    assert "invoice_id" not in asked(whole([head.replace("Document", "Invoice"), *rows]))


def test_quotes_and_own_invoices_are_asked_what_they_are(whole: Whole) -> None:
    line = ["R1,Alder,2026-10-01,5.00", "R2,Birch,2026-10-02,7.00"]
    bills = whole(["Invoice Number,Vendor,Invoice Date,Total", *line], None)
    own = whole(["Invoice Number,Client Name,Invoice Date,Total", *line], None)
    assert (bills.dataset, bills.is_certain, own.is_certain) == ("vendor_invoices", True, False)
    rows = [f"Q{at},Alder,A,2,5.00,10.00,GST" for at in range(3)]
    quotes = whole(["Quote Number,Customer,Item,Qty,Price,Amount,Tax Code", *rows], None)
    assert not quotes.is_certain
    assert "a quote is no invoice" in quotes.questions[0].text


def test_what_adds_up_to_a_row_of_totals_is_an_amount_and_no_price(whole: Whole) -> None:
    rows = (
        "Alder,S1,2,10.00", "Alder,S2,1,7.00", "Subtotal: Alder,,,17.00", "Birch,S1,3,15.00",
        "Subtotal: Birch,,,15.00", "Grand Total,,,32.00",
    )  # fmt: skip
    found = whole(["Customer,SKU,Quantity,Seller Cost", *rows])
    assert found.words["totals"] == ["Subtotal:*", "Grand Total"]
    assert money(found) == (signed("Quantity", "Seller Cost"), {"made_of": "amount"}, "Seller Cost")


def test_what_is_filled_once_for_an_invoice_holds_for_all_its_lines(whole: Whole) -> None:
    head = "Nummer,Klant,Factuurdatum,Type,Product,Aantal,Prijs,Bedrag"
    rows = (
        "F1,Alder,2026-10-01,Factuur,A,2,5.00,10.00", ",,,,B,1,7.00,7.00",
        "F2,Birch,2026-10-02,Creditnota,A,1,5.00,5.00", ",,,,B,1,7.00,7.00",
        ",Cedar,2026-10-03,Factuur,A,1,5.00,5.00",
    )  # fmt: skip
    found = whole([head, *rows], "invoice_lines")
    assert found.words["fill_down"] == ["Klant", "Factuurdatum", "Type", "Nummer"]
    assert found.columns["amount"]["negative_if"] == {"Type": ["Creditnota"]}


def test_what_the_lines_above_say_in_one_cell_is_read(whole: Whole) -> None:
    rows = ("K1,S1,2,5.00,10.00", "K2,S1,3,5.00,15.00")
    found = whole(["Report,,,,", "Currency: USD,,,,", "Customer ID,SKU,Quantity,Unit Cost,Amount", *rows])
    assert found.columns["currency"] == {"above": "Currency"}


@pytest.mark.parametrize(
    ("heading", "texts", "is_asked"),
    [
        ("Sale Status", ("I", "Q"), True),  # no list knows them
        ("Deal Stage", ("Closed won", "Closed lost"), True),
        ("Type", ("Hosting", "AddFunds"), True),
        ("Type", ("Sales invoice", "Sales credit note"), False),  # kinds of documents
        ("Status", ("Paid", "Sent"), False),
        ("Ship State", ("Texas", "Ohio"), False),
    ],
)
def test_a_status_that_no_list_knows_is_a_question(
    whole: Whole, heading: str, texts: tuple[str, str], is_asked: bool
) -> None:
    rows = [f"R{at},K{at},A,2,5.00,10.00,EUR,{texts[at % 2]}" for at in range(4)]
    found = whole([f"{_LINES},{heading}", *rows], "invoice_lines")
    assert ("where" in asked(found)) == is_asked


def test_a_status_and_a_flag_are_one_question(whole: Whole) -> None:
    rows = ("K1,S1,5,active,false", "K2,S1,8,cancelled,false", "K3,S2,2,active,true")
    found = whole(["Customer ID,SKU,Licensed Seats,Current State,isTrial", *rows], "license_counts")
    only = {"Current State": ["active"], "isTrial": ["false"]}
    assert _options(found, "where") == ({"only": only},)


def test_suppliers_and_prospects_are_no_clients_for_certain(whole: Whole) -> None:
    rows = ("K1,Alder,Customer", "K2,Birch,Supplier", "K3,Cedar,Customer")
    found = whole(["Client ID,Client Name,Kind", *rows], "clients")
    assert _options(found, "where") == ({"only": {"Kind": ["Customer"]}},)


def test_an_id_of_clients_that_two_share_is_a_question(whole: Whole) -> None:
    head = "Record ID,Client ID,Client Name,Condition"
    rows = ("x1,K1,Alder,Active", "x2,K2,Birch,Inactive", "x3,K2,Cedar,Active")
    found = whole([head, *rows], "clients")
    assert _options(found, "client_id") == ("Client ID", "Record ID")
    values = {"Active": "active", "Inactive": "inactive"}
    assert found.columns["status"] == {"heading": "Condition", "values": values}


def test_lines_that_are_there_for_the_msp_and_for_its_client_are_a_question(whole: Whole) -> None:
    rows = [
        f"{payer},{client},Phone,{price}"
        for client in ("Alder", "Birch")
        for payer, price in (("Us", "4.00"), (client, "9.00"))
    ]
    found = whole(["Billed Party,Client Name,Product,Price", *rows])
    assert _options(found, "where")[0] == {"only": {"Billed Party": ["Us"]}}
    once = [row for row in rows if row.startswith("Us")] * 2
    assert "where" not in asked(whole(["Billed Party,Client Name,Product,Price", *once]))


def test_the_only_number_of_a_row_is_its_amount(whole: Whole) -> None:
    rows = ("Alder,Phone,4.00", "Birch,Phone,5.00")
    found = whole(["Client Name,Product,Price", *rows])
    assert (found.columns["amount"], found.columns["unit_cost"]) == ("Price", {"made_of": "amount"})
    more = [f"{row},{at + 3}" for at, row in enumerate(rows)]
    assert {"amount", "unit_cost"} <= asked(whole(["Client Name,Product,Price,Minuten", *more]))


def test_of_two_ways_to_write_numbers_the_bare_one_is_read(whole: Whole) -> None:
    rows = ('k1,S1,2,5.50,"5,50 €",11.00,"11,00 €"', 'k2,S1,1,5.50,"5,50 €",5.50,"5,50 €"')
    head = "Customer ID,SKU,Quantity,Unit Price Value,Unit Price Text,Total Price Value,Total Price Text"
    assert money(whole([head, *rows]))[1:] == ("Unit Price Value", "Total Price Value")


def test_a_heading_of_two_names_is_both(whole: Whole) -> None:
    rows = ("F1,2026-10-01,10.50", "F2,2026-10-02,7.00")
    found = whole(["Numero fattura / Documento,Data emissione,Imponibile/Importo", *rows], "vendor_invoices")
    assert found.columns["invoice_id"] == "Numero fattura / Documento"
    assert found.columns["invoice_total"] == "Imponibile/Importo"
