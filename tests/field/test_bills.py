"""Bills as vendors and distributors send them, each with the right figures of whoever sent it.

Belongs here: what a reader makes of the files of ``cases``. Does not: whole months (``test_months``), and the
words of profiles (tests/connectors/mapped).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.field.field_cases import CASES, read, total


def test_01_an_aws_usage_report_has_exponents_and_honest_rows_that_look_alike() -> None:
    rows, file = read("01-aws-cur", "aws")
    assert file.faults == []
    assert total(rows, charge_category="usage") == Decimal("0.0000210112")
    assert total(rows, charge_category="tax") == Decimal("0.08")
    # nothing is equal in all that a duplicate is told by
    assert (
        len({tuple(row[name] for name in row if name not in ("_line", "_extra", "line_id")) for row in rows})
        == 86
    )


def test_03_an_azure_enterprise_export_has_exponents() -> None:
    rows, file = read("03-azure-ea", "azure")
    assert (file.faults, total(rows, currency="CAD")) == (
        [],
        Decimal("1.26136926505726").quantize(Decimal("1e-12")),
    )


def test_04_a_google_cost_table_names_its_invoice_above_the_headings() -> None:
    rows, file = read("04-gcp-cost-table", "gcp")
    assert file.faults == []
    assert {row["invoice_id"] for row in rows} == {"4711"}
    assert total(rows, charge_category="usage", currency="USD") == Decimal("1110.00")
    assert total(rows, charge_category="credit", currency="USD") == Decimal("-15.00")
    assert "2 records are totals and were passed over" in file.warnings


@pytest.mark.parametrize("source", ["azure", "portal"])
def test_05_a_second_mark_inside_the_file_is_no_other_bill(source: str) -> None:
    rows, _ = read("05-double-bom", source)
    assert {row["invoice_id"] for row in rows} == {"G100"}
    assert total(rows) == Decimal("60.00")


def test_13_a_list_per_customer_without_amount_and_dates() -> None:
    folder = CASES / "13-count-unit-price/landing/acme/2026-10/neural"
    bills = [read("13-count-unit-price", "neural", path) for path in sorted(folder.iterdir())]
    found = [(rows[0]["vendor_customer_id"], total(rows)) for rows, _ in bills]
    assert found == [("CUST-0042", Decimal("186.00")), ("CUST-0043", Decimal("231.00"))]
    assert {(row["charge_period_start"], row["charge_period_end"]) for rows, _ in bills for row in rows} == {
        ("2026-10-01", "2026-11-01")
    }


@pytest.mark.parametrize("source", ["psa2", "qbo"])
def test_14_an_accounting_import_has_no_amount_or_no_type_of_line(source: str) -> None:
    rows, file = read("14-xero-import", source)
    assert file.faults == []
    assert total(rows, charge_category="recurring") == Decimal("264.00")
    assert {row["product_code"] for row in rows if row["charge_category"] == "recurring"} == {"M365BP"}
    assert all(row["client_id"] == "Client A" for row in rows)


def test_16_accounting_formats() -> None:
    rows, file = read("16-accounting-format", "acc")
    assert ([Decimal(row["amount"]) for row in rows], file.faults) == (
        [Decimal("1234.56"), Decimal("-90.00"), 0, Decimal("15.00")],
        [],
    )


def test_17_french_numbers_with_narrow_blanks() -> None:
    rows, file = read("17-french-nbsp", "fr")
    assert (total(rows), file.faults) == (Decimal("3022.56"), [])


def test_18_a_price_of_which_only_a_part_is_billed() -> None:
    rows, _ = read("18-ingram-duration", "ingram")
    assert total(rows) == Decimal("217.44")
    assert all(Decimal(row["quantity"]) * Decimal(row["unit_cost"]) == Decimal(row["amount"]) for row in rows)


def test_20_a_usage_workbook() -> None:
    rows, _ = read("20-cloudblue-usage", "cloudblue")
    assert total(rows) == Decimal("32.75")


def test_21_days_in_cells_that_are_not_formatted_as_dates() -> None:
    rows, file = read("21-xlsx-general-dates", "xl")
    assert file.faults == []
    assert {(row["charge_period_start"], row["charge_period_end"]) for row in rows} == {
        ("2026-10-01", "2026-11-01")
    }
    _, strict = read("21-xlsx-general-dates", "xl", dates="M/D/YYYY")
    assert [fault.value for fault in strict.faults] == ["46296"]
    assert strict.faults[0].reason.startswith("is 2026-10-01 in a cell that is not formatted as a date")


def test_23_a_last_day_ends_at_23_59() -> None:
    rows, file = read("23-legacy-usage-2359", "ms")
    assert (total(rows), file.faults) == (Decimal("0.89"), [])
    assert rows[0]["charge_period_end"] == "2026-11-01"


def test_24_credits_without_dates_are_the_month_s() -> None:
    rows, file = read("24-credits-without-dates", "aws")
    assert file.faults == []
    assert total(rows, charge_category="credit", charge_period_start="2026-10-01") == Decimal("-197.683073")
    assert {row["charge_period_end"] for row in rows} == {"2026-11-01"}


_PORTUGUESE = {"delimiter": ";", "decimals": ",", "dates": "DD/MM/YYYY"}


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        ("ms", None, {}),
        ("ms", "recon_pt-PT.csv", _PORTUGUESE),
        ("csp", "recon_csp_en-US.csv", {}),
    ],
)
def test_08_a_refund_of_seats_takes_them_away(source: str, name: str | None, words: dict[str, str]) -> None:
    case = "08-cloudcockpit-indirect"
    path = CASES / case / ("input/" + name if name else "landing/acme/2026-10/ms/vendor_charges.csv")
    if source == "ms" and name:
        words = words | {"columns": _columns() | {"invoice_id": {"constant": "CC"}}}
    rows, file = read(case, source, path, **words)
    assert file.faults == []
    assert [(Decimal(row["quantity"]), Decimal(row["amount"])) for row in rows] == [
        (10, Decimal("186.00")),
        (-10, Decimal("-96.00")),
        (12, Decimal("115.20")),
    ]
    days = [31, 16, 16]
    assert sum(Decimal(row["quantity"]) * each for row, each in zip(rows, days, strict=True)) == 342
    assert all(Decimal(row["quantity"]) * Decimal(row["unit_cost"]) == Decimal(row["amount"]) for row in rows)
    assert {row["charge_period_end"] for row in rows} == {"2026-11-01"}


def test_08_a_month_of_one_digit() -> None:
    case = "08-cloudcockpit-indirect"
    columns = _columns() | {"invoice_id": {"constant": "CC"}}
    rows, file = read(case, "ms", CASES / case / "input/recon_en-US_january.csv", columns=columns)
    assert file.faults == []
    assert [(row["charge_period_start"], row["charge_period_end"]) for row in rows] == [
        ("2027-01-01", "2027-02-01")
    ]


def _columns() -> dict[str, object]:
    from mbr_pipeline.workspace.settings import load_settings

    settings = load_settings(CASES / "08-cloudcockpit-indirect").msps["acme"].sources["ms"].settings
    return dict(settings["vendor_charges"]["columns"])
