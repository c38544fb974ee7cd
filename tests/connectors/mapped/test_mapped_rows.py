"""What a declared profile works out from a row and its neighbours.

Belongs here: months, signs, prices, rows left out, values filled down, identifiers and seats. Does not: the
form of single values (``test_mapped_texts``).
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.connectors.mapped.german import (
    LINE,
    Write,
    german,
    lines_and_reasons,
    opened,
    records,
    with_column,
)


def test_a_month_becomes_its_first_day_and_the_first_of_the_next(write: Write) -> None:
    profile = with_column(
        "charge_period_start", {"heading": "von", "take": "month_start", "dates": "MM.YYYY"}
    )
    profile["columns"]["charge_period_end"] = {
        "heading": "von",
        "take": "next_month_start",
        "dates": "MM.YYYY",
    }
    rows, _ = german(
        *(LINE.replace("01.10.2026", month) for month in ("12.2026", "02.2024")), profile=profile, write=write
    )
    assert [(row["charge_period_start"], row["charge_period_end"]) for row in rows] == [
        ("2026-12-01", "2027-01-01"),
        ("2024-02-01", "2024-03-01"),
    ]


def test_the_day_after_the_last_day_of_the_calendar_is_refused(write: Write) -> None:
    _, file = german(LINE.replace("31.10.2026", "31.12.9999"), write=write)
    assert lines_and_reasons(file) == [(2, "bis", "31.12.9999")]


def test_another_column_makes_a_number_negative_and_never_twice(write: Write) -> None:
    profile = with_column(
        "amount",
        {"heading": "Betrag", "negative_if": {"Art": ["Gutschrift"]}, "as_written_if": {"Art": ["Lizenz"]}},
    )
    credit = LINE.replace("Lizenz", "Gutschrift")
    rows, file = german(
        LINE,
        credit,
        LINE.replace("600,00", "-600,00"),
        credit.replace("600,00", "0,00"),
        credit.replace("600,00", "-600,00"),
        credit.replace("600,00", "9" * 40),
        profile=profile,
        write=write,
    )
    assert [row["amount"] for row in rows] == ["600", "-600", "-600", "0", "-" + "9" * 40]
    assert lines_and_reasons(file) == [(6, "Betrag", "-600,00")]


def test_a_text_of_which_nobody_said_what_it_does_to_the_sign_is_rejected(write: Write) -> None:
    signs = {"negative_if": {"Art": ["Gutschrift", "Storno*"]}, "as_written_if": {"Art": ["Lizenz", ""]}}
    profile = with_column("amount", {"heading": "Betrag", **signs})
    texts = ("Lizenz", "Gutschrift", "Storno 7", "GUTSCHRIFT", "Gutschrift 7", "", "Rabatt")
    file_lines = [LINE.replace("Lizenz", text) for text in texts]
    profile["columns"]["charge_category"] = {"constant": "recurring"}
    rows, file = german(*file_lines, profile=profile, write=write)
    assert [row["amount"] for row in rows] == ["600", "-600", "-600", "600"]
    assert lines_and_reasons(file) == [
        (5, "Art", "GUTSCHRIFT"),
        (6, "Art", "Gutschrift 7"),
        (8, "Art", "Rabatt"),
    ]
    assert "is in neither `negative_if` nor `as_written_if` of amount" in file.faults[0].reason


def test_all_other_texts_can_be_said_to_leave_the_sign_alone(write: Write) -> None:
    profile = with_column(
        "amount",
        {"heading": "Betrag", "negative_if": {"Art": ["Gutschrift"]}, "as_written_if": {"Art": ["*"]}},
    )
    rows, file = german(LINE, LINE.replace("Lizenz", "Gutschrift"), profile=profile, write=write)
    assert ([row["amount"] for row in rows], file.faults) == (["600", "-600"], [])


def test_a_price_that_is_not_named_is_worked_out_to_ten_places_half_up(write: Write) -> None:
    profile = with_column("unit_cost", {"heading": "Betrag", "divided_by": "Menge"})
    rows, file = german(
        *(
            LINE.replace("1.200", quantity).replace("600,00", amount)
            for quantity, amount in (
                ("3", "2,00"),
                ("-4", "2,00"),
                ("0,5", "0"),
                ("20.000.000.000", "1"),
                ("20.000.000.000", "-1"),
                ("1", "9" * 40),
                ("0,00", "1"),
                ("", "1"),
            )
        ),
        profile=profile,
        write=write,
    )
    # 2/3; a sign on either side; 5e-11 lies half way and goes away from zero
    assert [row["unit_cost"] for row in rows] == [
        "0.6666666667",
        "-0.5",
        "0",
        "0.0000000001",
        "-0.0000000001",
        "9" * 40,
    ]
    assert lines_and_reasons(file) == [(8, "Menge", "0,00"), (9, "Menge", "")]


# rows


def test_rows_that_where_leaves_out_are_counted_in_a_warning(write: Write) -> None:
    profile = {"where": {"only": {"Rechnung": ["R-1", "R-2"]}, "skip": {"Art": ["Summe*", ""], "Pos": "99"}}}
    rows, file = german(
        LINE,
        LINE.replace("R-1", "R-2"),
        LINE.replace("R-1", "R-3"),
        LINE.replace("Lizenz", "Summe Oktober"),
        LINE.replace("Lizenz", " "),
        LINE.replace("1;", "99;", 1),
        "Gesamt;;;;;;;1.200,00;;",
        profile=profile,
        write=write,
    )
    assert [row["invoice_id"] for row in rows] == ["R-1", "R-2"]
    assert file.faults == []
    assert file.warnings == ["5 records are not vendor_charges and were passed over"]


def test_values_are_filled_down_within_their_group_only(write: Write) -> None:
    bare = LINE.replace("R-1;Müller", ";")
    rows, file = german(
        LINE,
        bare,
        LINE.replace("R-1;Müller", ";Maier"),
        LINE.replace("R-1;Müller", "R-2;"),
        bare,
        profile={"fill_down": ["Kunde", "Rechnung"]},
        write=write,
    )
    # a new customer ends the invoice of the one before: its own is not known until it is written
    assert [(row["vendor_customer_id"], row.get("invoice_id")) for row in rows] == [
        ("Müller", "R-1"),
        ("Müller", "R-1"),
        ("Maier", None),
        ("Maier", "R-2"),
        ("Maier", "R-2"),
    ]
    assert "Kunde" not in json.loads(rows[1]["_extra"])
    assert file.faults == []


def test_a_group_s_own_row_and_its_total_are_no_lines_and_a_total_is_never_filled_down(write: Write) -> None:
    bare = LINE.replace("Müller", "")
    rows, _ = german(
        ";;Müller",
        bare,
        ";;Summe Müller;;;;;600,00",
        bare,
        ";;Maier",
        bare,
        profile={"fill_down": ["Kunde"], "where": {"skip": {"Kunde": ["Summe*"], "Betrag": [""]}}},
        write=write,
    )
    assert [(row["_line"], row["vendor_customer_id"]) for row in rows] == [
        (3, "Müller"),
        (5, "Müller"),
        (7, "Maier"),
    ]


def test_behind_a_row_that_is_lost_nothing_is_filled_down_until_it_is_written_again(write: Write) -> None:
    bare = LINE.replace("Müller", "")
    rows, file = german(
        LINE,
        bare,
        LINE.replace("Müller", "Maier") + ";",
        bare,
        LINE,
        bare,
        profile={"fill_down": "Kunde"},
        write=write,
    )
    assert [fault.line for fault in file.faults] == [4]
    found = [(row["_line"], row.get("vendor_customer_id")) for row in rows]
    assert found == [(2, "Müller"), (3, "Müller"), (5, None), (6, "Müller"), (7, "Müller")]


def test_identifiers_made_of_content_are_stable_and_count_equal_rows(write: Write, tmp_path: Path) -> None:
    profile = with_column("line_id", {"made_of": "content"})
    other = LINE.replace("600,00", "700,00")
    first, _ = german(LINE, other, LINE, profile=profile, write=write)
    assert len({row["line_id"] for row in first}) == 3
    # another order, another spelling of the same numbers, another value in a column that is not used
    second, _ = german(
        other, LINE.replace("600,00", "600"), LINE.replace("1;", "77;", 1), profile=profile, write=write
    )
    assert sorted(row["line_id"] for row in first) == sorted(row["line_id"] for row in second)
    assert {row["amount"]: row["line_id"] for row in first}["700"] == {
        row["amount"]: row["line_id"] for row in second
    }["700"]


GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_an_id_in_capitals_makes_no_other_content(write: Write) -> None:
    profile = with_column("line_id", {"made_of": "content"})
    both = [LINE.replace("Müller", text) for text in (GUID, GUID.upper())]
    rows, _ = german(*both, profile=profile, write=write)
    assert [row["line_id"].rpartition("-")[2] for row in rows] == ["0", "1"]
    assert len({row["line_id"].rpartition("-")[0] for row in rows}) == 1
    # the record itself has what landed, and no other text is compared so
    assert [row["vendor_customer_id"] for row in rows] == [GUID, GUID.upper()]
    named = [LINE.replace("Müller", text) for text in ("ab", "AB")]
    rows, _ = german(*named, profile=profile, write=write)
    assert len({row["line_id"].rpartition("-")[0] for row in rows}) == 2


SEATS = {
    "columns": {
        "vendor_customer_id": "Tenant",
        "sku_id": "License",
        "as_of_date": "Day",
        "entitled_quantity": {"count": "rows"},
        "assigned_quantity": {"heading": "State", "values": {"on": "1", "off": "0"}},
    }
}


USERS = (
    "Tenant,License,User,State,Day\n"
    "T,A,ann,on,2026-10-01\nT,A,bob,off,2026-10-01\nT,A,ann,on,2026-10-01\nT,B,ann,on,2026-10-01\n"
    "T,A,,on,2026-10-01\n"
)


def test_seats_are_counted_by_rows_or_once_for_each_distinct_text(write: Write) -> None:
    path = write("license_counts.csv", USERS)
    by_rows = records(opened(path, SEATS, "license_counts"))
    assert [(row["sku_id"], row["entitled_quantity"], row["assigned_quantity"]) for row in by_rows] == [
        ("A", "1", "1"),
        ("A", "1", "0"),
        ("A", "1", "1"),
        ("B", "1", "1"),
        ("A", "1", "1"),
    ]
    columns = {**SEATS["columns"], "entitled_quantity": {"count": "distinct", "heading": "User"}}
    file = opened(path, {"columns": columns}, "license_counts")
    assert [(row["_line"], row["entitled_quantity"]) for row in records(file)] == [
        (2, "1"),
        (3, "1"),
        (5, "1"),
    ]
    assert lines_and_reasons(file) == [(6, "User", None)]
    assert file.warnings == ["1 record repeats what is counted once"]
    text = f"Tenant,License,User,State,Day\n{GUID},A,ann,on,2026-10-01\n{GUID.upper()},A,ann,on,2026-10-01\n"
    twice = opened(write("license_counts.csv", text), {"columns": columns}, "license_counts")
    assert [row["_line"] for row in records(twice)] == [2]
