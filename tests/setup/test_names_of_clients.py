"""Names and codes that one export writes otherwise than another: asked, and said in the profile.

Belongs here: who a name is, groups before product codes, the currency of the folder, and adding a name to
``mbr.yml``. Does not: which column has names (``test_setup``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.setup.known_files import LEAVE
from mbr_pipeline.setup.plan import Plan, plan
from mbr_pipeline.setup.settings_edit import add_renamed

COMPANIES = (
    "Company ID,Company Name,Status\n1,Alder Dental,Active\n2,Birch Legal,Active\n3,Cedar Inn,Active\n"
)
ADDITIONS = (
    "Addition ID,Agreement Name,Company Name,Product ID,Quantity,Price,Ext Price,Effective\n"
    "1,A1,Alder Dental,BP,10,22.00,220.00,01/01/2026\n2,A2,Birch Legal,EDR,5,6.50,32.50,02/15/2026\n"
    "3,A3,Cedar Inn,BP,2,22.00,44.00,01/01/2026\n"
)
INVOICES = (
    "InvoiceNo,Customer,InvoiceDate,DueDate,Item,ItemQuantity,ItemRate,ItemAmount\n"
    "1,Alder Dental,10/01/2026,10/31/2026,Cloud:BP,10,22.00,220.00\n"
    "2,Birch Legal,10/01/2026,10/31/2026,EDR,5,6.50,32.50\n"
    '3,"Cedar Inn, Inc.",10/01/2026,10/31/2026,Cloud:BP,2,22.00,44.00\n'
)
ANSWERS: dict[str, dict[str, Any]] = {
    "": {"currency": "USD"},
    "QuickBooks invoices.csv": {
        "columns.service_period_start": {"period": "month_start"},
        "columns.charge_category": {"constant": "recurring"},
    },
}


def planned(tmp_path: Path, text: str = INVOICES, **answers: dict[str, Any]) -> Plan:
    folder = tmp_path / "exports"
    folder.mkdir(exist_ok=True)
    (folder / "ConnectWise companies.csv").write_text(COMPANIES)
    (folder / "ConnectWise additions.csv").write_text(ADDITIONS)
    (folder / "QuickBooks invoices.csv").write_text(text)
    own = ANSWERS["QuickBooks invoices.csv"] | answers.get("invoices", {})
    rest = answers.get("folder", ANSWERS[""])
    return plan(folder, {"": rest, "QuickBooks invoices.csv": own}, "2026-10")


def profile_of(found: Plan, dataset: str) -> dict[str, Any]:
    return next(e.profile["columns"] for s in found.sources for e in s.files if e.dataset == dataset)


def test_a_name_that_the_list_of_clients_lacks_is_asked_and_becomes_a_word(tmp_path: Path) -> None:
    [(name, question)] = planned(tmp_path).questions
    assert (name, question.key) == ("QuickBooks invoices.csv", ("client", "Cedar Inn, Inc."))
    assert question.options[0] == "Cedar Inn" and question.options[-1] == LEAVE
    done = planned(tmp_path, invoices={"client.Cedar Inn, Inc.": "Cedar Inn"})
    assert done.questions == []


def test_the_currency_is_asked_once_for_all_files(tmp_path: Path) -> None:
    asked = planned(tmp_path, folder={}).questions
    assert [name for name, question in asked if question.key == ("currency",)] == [""]
    with pytest.raises(ConfigError, match="three capital letters"):
        planned(tmp_path, folder={"currency": "dollars"})


def test_groups_before_product_codes_are_taken_off(tmp_path: Path) -> None:
    found = planned(tmp_path)
    words = profile_of(found, "invoice_lines")["product_code"]
    assert words == {"heading": "Item", "without_prefix": ["Cloud:"]}
    assert "QuickBooks invoices.csv: product_code is read without Cloud:" in found.notes


def test_two_groups_of_one_code_are_a_question(tmp_path: Path) -> None:
    found = planned(tmp_path, INVOICES.replace("EDR,5", "Hardware:BP,5"))
    asked = {question.key: question for _, question in found.questions}
    question = asked["columns", "product_code"]
    assert "“Cloud:BP” and “Hardware:BP” are both BP" in question.text
    assert question.options[1] == "Item"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "client_id: Customer  # called so",
            'client_id: {heading: Customer, renamed: {"A, Inc.": "1"}}  # called so',
        ),
        ('client_id: "*Customer"', 'client_id: {heading: "*Customer", renamed: {"A, Inc.": "1"}}'),
        ("client_id: {heading: Customer}", 'client_id: {renamed: {"A, Inc.": "1"}, heading: Customer}'),
        (
            "client_id:  # why\n                heading: Customer\n                renamed:\n"
            '                  "B": "2"  # said',
            "client_id:  # why\n                heading: Customer\n                renamed:\n"
            '                  "A, Inc.": "1"\n                  "B": "2"  # said',
        ),
    ],
)
def test_adding_a_name_changes_nothing_else(tmp_path: Path, before: str, after: str) -> None:
    head = "# mine\nmsps:\n  m:\n    sources:\n      qb:\n        settings:\n          invoice_lines:\n"
    text = (
        head
        + "            columns:\n              {}\n              amount: Amount   # keep\npolicies: {{}}\n"
    )
    path = tmp_path / "mbr.yml"
    path.write_text(text.format(before))
    add_renamed(tmp_path, ("m", "qb", "invoice_lines", "client_id"), {"A, Inc.": "1"})
    assert path.read_text() == text.format(after)
    assert yaml.safe_load(path.read_text())


def test_what_cannot_be_added_surely_is_said_and_left(tmp_path: Path) -> None:
    path = tmp_path / "mbr.yml"
    text = (
        "msps: {m: {sources: {qb: {settings: {invoice_lines: &a {columns: {client_id: Customer}},"
        " agreements: *a}}}}}\n"
    )
    path.write_text(text)
    with pytest.raises(ConfigError, match="add `renamed: {A: B}`"):
        add_renamed(tmp_path, ("m", "qb", "agreements", "client_id"), {"A": "B"})
    assert path.read_text() == text
