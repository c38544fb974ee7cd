"""What a proposal has to show before it says nothing: each file is asked about, or read by the surer column.

Belongs here: the dataset, amounts, ids and rows that nothing proves. Does not: what a single doubt of
the last look is about (``test_last_look``).
"""

from __future__ import annotations

from tests.profiling.small_files import Whole, asked

_INVOICES = "Invoice No,Line No,Account Name,Item,Item Code,Qty,Rate,Extension,Currency"


def _with_items(*rows: str) -> list[str]:
    return [_INVOICES, *rows]


def test_a_dataset_that_the_file_fills_less_than_another_is_asked(whole: Whole) -> None:
    found = whole(
        [
            "Company,Software,Seats,Unit cost,Bought on",
            "Alder,Editor,5,20.00,2026-01-03",
            "Alder,Backup,3,9.50,2026-02-03",
            "Birch,Editor,8,20.00,2026-03-03",
            "Birch,Backup,2,9.50,2026-04-03",
        ],
        None,
    )
    assert "dataset" in asked(found)
    assert any("license_counts" in reason for reason in found.candidates[0].reasons)


def test_a_dataset_of_which_no_column_is_known_is_asked(whole: Whole) -> None:
    head = "請求書番号,顧客ID,商品コード,数量,単価,金額,通貨"
    found = whole([head, 'R1,C1,K1,10,"1,200","12,000",JPY', 'R1,C2,K1,2,"1,200","2,400",JPY'], None)
    assert "dataset" in asked(found)


def test_a_product_is_no_amount_where_a_column_has_it_in_most_rows(whole: Whole) -> None:
    found = whole(
        _with_items(
            "A1,1,Alder,Managed desk,DESK-1,10,4.00,40.00,EUR",
            "A1,2,Alder,Text messages,TEXT-1,200,5.00,10.00,EUR",
            "A2,1,Birch,Managed desk,DESK-1,20,4.00,80.00,EUR",
            "A2,2,Birch,Backup space,SPACE-1,3,7.00,21.00,EUR",
            "A3,1,Cedar,Managed desk,DESK-1,30,4.00,108.00,EUR",
            "A3,2,Cedar,Backup space,SPACE-1,2,7.00,14.00,EUR",
        ),
        "invoice_lines",
    )
    assert {"amount", "unit_price"} <= asked(found)
    assert found.options["columns", "amount"] == ("Extension", {"product_of": ["Qty", "Rate"]})


def test_a_product_is_the_amount_where_no_other_column_can_be(whole: Whole) -> None:
    found = whole(
        [
            "Invoice No,Account Name,Item,Qty,Rate,Currency",
            "A1,Alder,Managed desk,10,4.00,EUR",
            "A2,Birch,Managed desk,20,4.00,EUR",
            "A3,Cedar,Backup space,3,7.00,EUR",
        ],
        "invoice_lines",
    )
    assert found.columns["amount"] == {"product_of": ["Qty", "Rate"]}


def test_a_code_beside_a_description_is_asked(whole: Whole) -> None:
    rows = [
        f"{customer},{tariff},{text},2,{price},EUR"
        for customer in ("Alder", "Birch", "Cedar")
        for tariff, text, price in (
            ("T100A", "Line of ten channels", "40.00"),
            ("T200A", "Line of two channels", "20.00"),
            ("T300B", "Block of ten numbers", "5.00"),
            ("T400B", "Block of a hundred numbers", "22.00"),
        )
    ]
    found = whole(["Customer,Tariff,Description,Quantity,Unit cost,Currency", *rows])
    assert "sku_id" in asked(found)
    assert found.options["columns", "sku_id"] == ("Tariff", "Description")


def test_a_number_of_lines_that_each_document_has_again_is_joined_with_it(whole: Whole) -> None:
    lines = _with_items(
        "A1,1,Alder,Managed desk,DESK-1,10,4.00,40.00,EUR",
        "A1,2,Alder,Backup space,SPACE-1,1,7.00,7.00,EUR",
        "A2,1,Birch,Managed desk,DESK-1,20,4.00,80.00,EUR",
    )
    found = whole(lines, "invoice_lines")
    assert found.columns["invoice_line_id"] == {"joined": ["Invoice No", "Line No"], "by": ":"}
    twice = whole([*lines, lines[1]], "invoice_lines")
    assert twice.columns["invoice_line_id"] == {"made_of": "content"}


def test_a_heading_of_a_group_is_no_line_also_where_it_begins_an_invoice(whole: Whole) -> None:
    found = whole(
        [
            "Number,Customer,Net of invoice,Product,Text,Quantity,Price,Amount,Currency",
            "A1,Alder,61.00,,Every month,0,0,0,EUR",
            ",,,Desk,Managed desk,10,4.00,40.00,",
            ",,,Space,Backup space,3,7.00,21.00,",
            "A2,Birch,98.00,Desk,Managed desk,21,4.00,84.00,EUR",
            ",,,,Once,0,0,0,",
            ",,,Space,Backup space,2,7.00,14.00,",
        ],
        "invoice_lines",
    )
    assert found.words["where"] == {"skip": {"Product": [""]}}
    assert found.words["fill_down"][0] == "Number"


def test_money_of_rows_without_a_product_keeps_them(whole: Whole) -> None:
    found = whole(
        [
            "Number,Customer,Product,Text,Quantity,Price,Amount,Refund,Currency",
            "A1,Alder,Desk,Managed desk,10,4.00,40.00,,EUR",
            "A1,Alder,,Given back,0,0,0,-12.50,EUR",
            "A2,Birch,Desk,Managed desk,21,4.00,84.00,,EUR",
            "A2,Birch,Space,Backup space,2,7.00,14.00,,EUR",
        ],
        "invoice_lines",
    )
    assert "where" in asked(found)


def test_a_footer_with_a_time_is_no_record_and_any_other_last_row_is_asked(whole: Whole) -> None:
    lines = ["Item,Kind,Sales price", "Managed desk,Service,40.00", "Backup space,Service,7.00"]
    timed = whole([*lines, "Mail filter,Service,3.00", "Printed 31 October 2026 at 08:14,,"], "products")
    assert timed.words["where"] == {"skip": {"Kind": [""]}}
    assert "where" not in whole([*lines, "Mail filter,,"], "products").words


def test_an_amount_that_is_open_is_offered_with_the_sign_of_credit_notes(whole: Whole) -> None:
    found = whole(
        [
            "Invoice No,Account Name,Item,Qty,Rate,Extension,Currency,Document",
            "A1,Alder,Managed desk,10,4.00,40.00,EUR,Invoice",
            "A1,Alder,Text messages,200,5.00,10.00,EUR,Invoice",
            "A2,Birch,Managed desk,20,4.00,80.00,EUR,Invoice",
            "A3,Cedar,Managed desk,30,4.00,120.00,EUR,Credit note",
        ],
        "invoice_lines",
    )
    signed = found.options["columns", "amount"][0]
    assert signed["heading"] == "Extension"
    assert signed["negative_if"] == {"Document": ["Credit note"]}


def test_a_heading_that_is_a_path_is_known_by_its_end(whole: Whole) -> None:
    found = whole(
        [
            "bill/tenantId,money/productSku,use/billedQuantity,money/unitPrice,money/myCost,money/currencyCode",
            "t1,B100,4,0.50,2.00,EUR",
            "t1,B200,2,1.50,3.00,EUR",
            "t2,B100,6,0.50,3.00,EUR",
        ]
    )
    assert found.columns["sku_id"] == "money/productSku"
    assert found.columns["amount"] == "money/myCost"
