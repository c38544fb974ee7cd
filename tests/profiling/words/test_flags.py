"""Columns of yes and no: who is active, and which lines recur.

Belongs here: what such a column says by its heading. Does not: rows that may not count by one
(``test_rows_left_out``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import Whole, asked

_CLIENTS = "Client ID,Client Name,{},City"
_LINES = "Invoice Number,Client ID,Product Code,Description,Quantity,Unit Price,Amount,Currency,From,To,{}"


def _line(at: int, more: str) -> str:
    return f"I{at},C{at},S{at},Backup,2,{at}0.50,{at * 2}1.00,EUR,2026-10-01,2026-10-31,{more}"


@pytest.mark.parametrize(
    ("heading", "cells", "values"),
    [
        ("Active", ("Yes", "No", "Yes"), {"Yes": "active", "No": "inactive"}),
        ("Is Active", ("TRUE", "FALSE", "TRUE"), {"TRUE": "active", "FALSE": "inactive"}),
        ("Aktiv", ("ja", "nein", "nein"), {"ja": "active", "nein": "inactive"}),
        ("Attivo", ("Sì", "No", "Sì"), {"Sì": "active", "No": "inactive"}),
        ("Inactive", ("No", "No", "Yes"), {"No": "active", "Yes": "inactive"}),
        ("Active", ("Y", "", "Y"), {"Y": "active", "": "inactive", "N": "inactive"}),
        ("Active", ("Yes", "Yes", "Yes"), {"Yes": "active", "No": "inactive"}),
    ],
)
def test_yes_and_no_are_a_clients_status(
    whole: Whole, heading: str, cells: tuple[str, ...], values: dict[str, str]
) -> None:
    rows = [f"C{at},Acme {at} Ltd,{cell},Leeds" for at, cell in enumerate(cells)]
    found = whole([_CLIENTS.format(heading), *rows], None)
    assert (found.dataset, asked(found)) == ("clients", set())
    assert found.columns["status"] == {"heading": heading, "values": values}
    assert "where" not in found.words


def test_what_else_a_column_says_of_clients_is_asked_once(whole: Whole) -> None:
    rows = ["C1,Acme Ltd,Yes,Leeds", "C2,Bolt Ltd,perhaps,York", "C3,Crane Ltd,No,Bath"]
    found = whole([_CLIENTS.format("Active"), *rows], "clients")
    assert "perhaps" in asked(found)
    two = [f"C{at},Acme {at} Ltd,{both},Leeds" for at, both in enumerate(("Yes,No", "No,Yes", "Yes,No"))]
    found = whole([_CLIENTS.format("Active,Deleted"), *two], "clients")
    assert asked(found) == {"where"}  # who is deleted may be no client


@pytest.mark.parametrize(
    ("heading", "yes", "no", "values"),
    [
        ("Recurring", "Yes", "No", {"Yes": "recurring", "No": "one_time"}),
        ("Is Recurring", "True", "False", {"True": "recurring", "False": "one_time"}),
        ("Wiederkehrend", "ja", "nein", {"ja": "recurring", "nein": "one_time"}),
        ("One Time", "No", "Yes", {"No": "recurring", "Yes": "one_time"}),
        ("Ricorrente", "sì", "no", {"sì": "recurring", "no": "one_time"}),
    ],
)
def test_yes_and_no_tell_which_lines_recur(
    whole: Whole, heading: str, yes: str, no: str, values: dict[str, str]
) -> None:
    lines = [_LINES.format(heading), _line(1, yes), _line(2, no), _line(3, yes)]
    found = whole(lines, "invoice_lines")
    assert found.columns["charge_category"] == {"heading": heading, "values": values}
    assert asked(found) == set()


def test_lines_of_a_bill_that_do_not_recur_are_asked(whole: Whole) -> None:
    lines = [_LINES.format("Recurring"), _line(1, "Yes"), _line(2, "No"), _line(3, "Yes")]
    found = whole([line.replace("Client ID", "Customer ID") for line in lines], "vendor_charges")
    assert found.columns["charge_category"] == {
        "heading": "Recurring",
        "values": {"Yes": "recurring", "No": "TODO"},
    }


def test_a_type_of_which_every_text_is_known_goes_before_yes_and_no(whole: Whole) -> None:
    lines = [_LINES.format("Line Type,Recurring"), _line(1, "Recurring,Yes"), _line(2, "Setup,No")]
    found = whole(lines, "invoice_lines")
    assert found.columns["charge_category"]["heading"] == "Line Type"
    unknown = [lines[0], _line(1, "Cloud,Yes"), _line(2, "Cloud,No"), _line(3, "Site,No")]
    found = whole(unknown, "invoice_lines")
    assert found.columns["charge_category"]["heading"] == "Recurring"
