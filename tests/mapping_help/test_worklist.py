"""The worklist: what is on it, in which order, with which names, and the row that each suggestion would
be.

Belongs here: ``month`` and ``worklist`` on a month written by hand. Does not: how names are compared
(``test_clients``, ``test_catalogue``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from mbr_pipeline.mapping_help.worklist import Row
from tests.mapping_help.lists import only, todo
from tests.mapping_help.month import CHARGES, CLIENT_MAP, charge, land, unmapped
from tests.support.small import write

GUID = "90b8474f-46c2-573e-870d-f189928ca1b2"


def test_the_name_comes_from_the_lines_that_are_evidence_and_the_row_holds_from_the_month_on(
    tmp_path: Path,
) -> None:
    land(
        tmp_path,
        "pax8",
        "vendor_charges",
        CHARGES + charge(1, "T-1", "Alder Architects Ltd") + charge(2, "T-2", "Bluewater Dental"),
    )
    item = only(todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])))
    assert (item.kind, item.source, item.id, item.names) == (
        "customer",
        "pax8",
        "T-1",
        ("Alder Architects Ltd",),
    )
    assert item.costs == (("USD", Decimal("10.00")),)
    assert item.answer.suggestions[0].id == "C1"
    assert item.row == Row("customer", "pax8", "T-1", "C1", "", date(2026, 10, 1), None)


def test_a_bill_that_reaches_back_needs_a_row_from_its_first_day(tmp_path: Path) -> None:
    late = charge(1, "T-1", "Alder Architects", start="2026-09-11").replace("2026-11-01", "2026-10-01")
    land(tmp_path, "pax8", "vendor_charges", CHARGES + late + charge(2, "T-1", "Alder Architects"))
    item = only(
        todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2", "vendor_charges.csv:3"]))
    )
    assert item.row is not None
    assert item.row.valid_from == date(2026, 9, 11)


def test_a_prepayment_that_began_earlier_counts_from_the_first_day_of_the_month(tmp_path: Path) -> None:
    land(
        tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "Alder Architects", start="2026-03-01")
    )
    item = only(todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])))
    assert item.row is not None
    assert item.row.valid_from == date(2026, 10, 1)


def test_the_row_fits_between_rows_of_the_same_customer(tmp_path: Path) -> None:
    land(
        tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "Alder Architects", start="2026-10-12")
    )
    write(
        tmp_path / "rules/acme/client_map.csv",
        CLIENT_MAP + "pax8,T-1,C1,,2026-10-05\npax8,T-1,C1,2026-11-15,\n",
    )
    item = only(todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])))
    assert item.row is not None
    assert (item.row.valid_from, item.row.valid_to) == (date(2026, 10, 5), date(2026, 11, 15))
    assert item.answer.suggestions[0].id == "C1"


def test_a_customer_that_is_only_counted_is_known_by_its_id_and_comes_last(tmp_path: Path) -> None:
    land(
        tmp_path,
        "pax8",
        "license_counts",
        f"vendor_customer_id,sku_id,as_of_date,entitled_quantity\n{GUID},K1,2026-10-09,4\n",
    )
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-9", "Nobody Here"))
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + f"huntress,{GUID},C2,,\n")
    counted = unmapped("customer", "pax8", GUID, ["license_counts.csv:2"], cost=None, currency=None)
    stranger, by_id = todo(
        tmp_path, counted, unmapped("customer", "pax8", "T-9", ["vendor_charges.csv:2"])
    ).items
    assert (stranger.id, stranger.row, by_id.names, by_id.costs) == ("T-9", None, (), ())
    [suggestion] = by_id.answer.suggestions
    assert (suggestion.id, suggestion.because) == (
        "C2",
        "line 2 of client_map.csv maps this id of huntress to it",
    )


def test_most_money_comes_first_within_a_currency_and_currencies_are_never_added(tmp_path: Path) -> None:
    found = todo(
        tmp_path,
        unmapped("customer", "pax8", "A", cost="9.99"),
        unmapped("customer", "pax8", "B", cost="1000.00"),
        unmapped("sku", "pax8", "K", cost="200.00", currency="EUR"),
        unmapped("customer", "pax8", "B", cost="5.00", currency="EUR"),
        unmapped("customer", "pax8", "E", cost="50.00", currency="EUR"),
        unmapped("customer", "pax8", "Z", cost="70.00"),
    )
    assert [
        (item.id, [f"{amount} {currency}" for currency, amount in item.costs]) for item in found.items
    ] == [
        ("K", ["200.0000 EUR"]),
        ("E", ["50.0000 EUR"]),
        ("B", ["5.0000 EUR", "1000.0000 USD"]),
        ("Z", ["70.0000 USD"]),
        ("A", ["9.9900 USD"]),
    ]


def test_what_was_mapped_since_the_run_is_off_the_list_and_counted(tmp_path: Path) -> None:
    land(
        tmp_path,
        "pax8",
        "vendor_charges",
        CHARGES + charge(1, "T-1", "Alder Architects") + charge(2, "T-2", "Bluewater Dental"),
    )
    write(
        tmp_path / "rules/acme/client_map.csv",
        CLIENT_MAP + "pax8,T-1,C1,2026-10-01,\npax8,T-2,C2,2026-10-02,\n",
    )
    exceptions = [unmapped("customer", "pax8", f"T-{n}", [f"vendor_charges.csv:{n + 1}"]) for n in (1, 2)]
    found = todo(tmp_path, *exceptions)
    # the second row begins a day too late for the line of 1 October
    assert (found.waiting, only(found).id, only(found).row) == (
        1,
        "T-2",
        Row("customer", "pax8", "T-2", "C2", "", date(2026, 10, 1), date(2026, 10, 2)),
    )


def test_a_name_that_another_vendors_mapped_customer_has_tells_the_client(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "Finch Group"))
    land(tmp_path, "huntress", "vendor_charges", CHARGES + charge(1, "77", "Finch Group"), period="2026-08")
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + "huntress,77,C1,,\n")
    item = only(todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])))
    assert item.answer.suggestions[0].id == "C1"
    assert (
        "line 2 of client_map.csv maps “Finch Group” of huntress to it" in item.answer.suggestions[0].because
    )


def test_a_rule_that_ended_before_the_month_teaches_no_name(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "Finch Group"))
    land(tmp_path, "huntress", "vendor_charges", CHARGES + charge(1, "77", "Finch Group"), period="2026-08")
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + "huntress,77,C1,,2026-10-01\n")
    assert (
        only(todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"]))).answer.suggestions
        == ()
    )


def test_a_client_that_only_the_map_names_is_suggested_by_its_id_alone(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "C404"))
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + "pax8,T-1,C404,2026-11-01,\n")
    item = only(todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])))
    [suggestion] = item.answer.suggestions
    assert (suggestion.id, suggestion.name) == ("C404", "")
    assert suggestion.because == "line 2 of client_map.csv maps this id of pax8 to it from 2026-11-01"
    assert item.row is not None
    assert item.row.valid_to == date(2026, 11, 1)


def test_own_seats_are_nobody_to_suggest(tmp_path: Path) -> None:
    """huntress knows our own tenant by the name of a customer of pax8, which nobody maps yet."""
    own = charge(1, "T-9", "Acme IT internal use")
    land(tmp_path, "huntress", "vendor_charges", CHARGES + own)
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-9", "Acme IT internal use"))
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + "huntress,T-9,!internal,,\n")
    item = only(todo(tmp_path, unmapped("customer", "pax8", "T-9", ["vendor_charges.csv:2"])))
    assert item.names == ("Acme IT internal use",)
    assert [suggestion.id for suggestion in item.answer.suggestions] == []
