"""Questions about files whose rows are not records have answers that can be given as they stand.

Belongs here: wide files, several values in a cell, names of files, gaps, and that each ready answer reads the
file. Does not: the words themselves (``tests/connectors/mapped``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.preview import preview
from mbr_pipeline.setup.exports import Export, key_of, recognised


def asked(path: Path, answers: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        key_of(question.key): question.options for question in recognised(path, path.name, answers).questions
    }


def read(export: Export) -> list[tuple[str | None, ...]]:
    dataset = DATASETS[export.dataset]
    found = preview(export.path, dataset, export.profile, rows=100, month=date(2026, 10, 1))
    assert (found.refused, found.undecided) == (0, ())
    names = ("vendor_customer_id", "sku_id", "entitled_quantity")
    return [tuple(record[name] for name in names) for record in found.records]


def test_a_wide_file_is_read_by_the_first_answer(tmp_path: Path) -> None:
    path = tmp_path / "seats.csv"
    path.write_text("Customer,Premium,Backup\nAlder,10,3\nBirch,5,0\n")
    answers: dict[str, Any] = {"dataset": "license_counts"}
    options = asked(path, answers)["columns.sku_id"]
    assert options[0]["unpivot"] == {"keep": ["Customer"], "name": "SKU", "value": "Seats"}
    done = recognised(path, path.name, answers | {"columns.sku_id": options[0]})
    assert done.questions == []
    assert read(done) == [
        ("Alder", "Premium", "10"),
        ("Alder", "Backup", "3"),
        ("Birch", "Premium", "5"),
        ("Birch", "Backup", "0"),
    ]


def test_a_gap_that_is_filled_leaves_the_totals_out(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    end = "EUR,2026-10-01,2026-10-31,recurring"
    lines = [f"K1,S1,2,5.00,10.00,{end}", f",S2,1,5.00,5.00,{end}", f"K1,Total,,,15.00,{end}"]
    head = "Customer ID,SKU,Quantity,Unit Cost,Amount,Currency,From,To,Charge Category"
    path.write_text("\n".join([head, *lines]) + "\n")
    answers: dict[str, Any] = {"dataset": "vendor_charges"}
    options = asked(path, answers)["where"]
    done = recognised(path, path.name, answers | {"where": options[0]})
    assert done.profile["fill_down"] == ["Customer ID"]
    assert done.profile["where"] == {"skip": {"SKU": ["Total"]}}
    found = preview(path, DATASETS["vendor_charges"], done.profile, rows=10, month=date(2026, 10, 1))
    assert [(row["vendor_customer_id"], row["amount"]) for row in found.records] == [
        ("K1", "10"),
        ("K1", "5"),
    ]


def test_several_values_in_a_cell_are_asked_and_split_by_the_first_answer(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("Tenant,User,License\nT,ann,Finance+SCM\nT,bob,Finance\nT,eve,SCM\n")
    answers: dict[str, Any] = {"dataset": "license_counts"}
    options = asked(path, answers)["columns.sku_id"]
    assert options[0]["split"] == {"heading": "License", "by": "+"} and options[1] == "License"
    done = recognised(path, path.name, answers | {"columns.sku_id": options[0]})
    assert done.questions == []
    assert read(done) == [("T", "Finance", "1"), ("T", "SCM", "1"), ("T", "Finance", "1"), ("T", "SCM", "1")]


def test_names_of_licences_with_a_comma_are_no_list(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text('Tenant,User,License\nT,ann,"Backup, daily"\nT,bob,Finance\n')
    assert "columns.sku_id" not in asked(path, {"dataset": "license_counts"})


def test_a_customer_that_no_column_names_may_be_in_the_name_of_the_file(tmp_path: Path) -> None:
    lines = "SKU,Total Licenses\nPremium,10\n"
    for name, form, customer in (
        ("CUST-0042_2026-10.csv", "*_YYYY-MM", "CUST-0042"),
        ("2026-10 Alder Dental.csv", "YYYY-MM *", "Alder Dental"),
        ("alder.csv", "*", "alder"),
    ):
        path = tmp_path / name
        path.write_text(lines)
        answers: dict[str, Any] = {"dataset": "license_counts"}
        option = asked(path, answers)["columns.vendor_customer_id"][0]
        assert option == {"file_name": form}
        done = recognised(path, name, answers | {"columns.vendor_customer_id": option})
        assert read(done) == [(customer, "Premium", "10")]


def test_rows_of_one_invoice_are_filled_down_without_a_question(tmp_path: Path) -> None:
    path = tmp_path / "QuickBooks.csv"
    head = "InvoiceNo,Customer,InvoiceDate,DueDate,Item,ItemQuantity,ItemRate,ItemAmount\n"
    path.write_text(
        head + "1,Alder,10/01/2026,10/31/2026,BP,10,22.00,220.00\n1,,,,EDR,4,6.00,24.00\n"
        "2,Birch,10/01/2026,10/31/2026,BP,2,22.00,44.00\n"
    )
    export = recognised(path, path.name, {"dataset": "invoice_lines"})
    assert export.profile["fill_down"] == ["Customer", "DueDate", "InvoiceDate"]
    assert "where" not in asked(path, {"dataset": "invoice_lines"})


def test_rows_of_invoices_that_do_not_stand_together_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "QuickBooks.csv"
    head = "InvoiceNo,Customer,InvoiceDate,Item,ItemQuantity,ItemRate,ItemAmount\n"
    path.write_text(
        head + "1,Alder,10/01/2026,BP,10,22.00,220.00\n2,Birch,10/01/2026,BP,2,22.00,44.00\n"
        "1,,,EDR,4,6.00,24.00\n"
    )
    options = asked(path, {"dataset": "invoice_lines"})["where"]
    assert options == ({"fill_down": ["Customer"]}, {"skip": {"Customer": [""]}})
    done = recognised(path, path.name, {"dataset": "invoice_lines", "where": options[0]})
    assert (done.profile["fill_down"], "where" in done.profile) == (["Customer"], False)
