"""The canonical datasets as the contract lists them: what counts later, what is an interval, what must not be
empty.

Belongs here: the marks of ``connectors.datasets``. Does not: the columns, which tests/docs/test_reference.py
compares with the page.
"""

from __future__ import annotations

from connectors.datasets import DATASETS, Column, Dataset, Kind


def test_datasets_stand_in_the_contracts_order() -> None:
    assert list(DATASETS) == [
        "clients",
        "products",
        "vendor_invoices",
        "vendor_charges",
        "license_counts",
        "agreements",
        "invoice_lines",
    ]
    assert all(dataset.name == name for name, dataset in DATASETS.items())


def test_bills_and_invoices_of_earlier_months_count_later_and_nothing_else_does() -> None:
    assert {name for name, d in DATASETS.items() if d.carries_over} == {
        "vendor_invoices",
        "vendor_charges",
        "invoice_lines",
    }


def test_the_books_of_the_msp_are_its_clients_products_agreements_and_invoices() -> None:
    assert {name for name, d in DATASETS.items() if d.psa} == {
        "clients",
        "products",
        "agreements",
        "invoice_lines",
    }


def test_bills_counts_agreements_and_invoices_must_have_rows() -> None:
    assert {n for n, d in DATASETS.items() if d.must_have_rows} == {
        "vendor_charges",
        "license_counts",
        "agreements",
        "invoice_lines",
    }


def test_intervals_are_periods_of_charge_of_service_and_of_agreements() -> None:
    assert {name: d.interval for name, d in DATASETS.items() if d.interval} == {
        "vendor_charges": ("charge_period_start", "charge_period_end"),
        "agreements": ("effective_start", "effective_end"),
        "invoice_lines": ("service_period_start", "service_period_end"),
    }


def test_records_are_identified_within_their_source_but_clients_and_products_across_all() -> None:
    assert {name: (d.identity, d.identity_per_source) for name, d in DATASETS.items() if d.identity} == {
        "clients": (("client_id",), False),
        "products": (("product_code",), False),
        "vendor_invoices": (("invoice_id",), True),
        "vendor_charges": (("invoice_id", "line_id"), True),
        "agreements": (("agreement_line_id",), True),
        "invoice_lines": (("invoice_id", "invoice_line_id"), True),
    }


def test_columns_that_must_be_there_are_the_starred_ones_of_the_contract() -> None:
    assert DATASETS["clients"].required_columns == ("client_id", "client_name")
    assert DATASETS["license_counts"].required_columns == (
        "vendor_customer_id",
        "sku_id",
        "as_of_date",
        "entitled_quantity",
    )
    assert set(DATASETS["agreements"].column_names) - set(DATASETS["agreements"].required_columns) == {
        "effective_end"
    }
    assert set(DATASETS["invoice_lines"].column_names) - set(DATASETS["invoice_lines"].required_columns) == {
        "agreement_line_id",
        "charge_category",
        "description",
        "invoice_date",
        "due_date",
    }


def test_a_column_and_a_dataset_promise_nothing_by_themselves() -> None:
    assert Column("x") == Column("x", Kind.TEXT, required=False, default=None, choices=())
    bare = Dataset("x", ())
    assert (bare.identity_per_source, bare.carries_over, bare.psa, bare.must_have_rows) == (
        True,
        False,
        False,
        False,
    )
