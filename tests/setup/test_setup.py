"""From a folder of exports to a workspace: what is recognised, what is asked, and that it is all or nothing.

Belongs here: `mbr setup` up to the run. Does not: how one file is read (``tests/profiling``).
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import yaml
from click.testing import CliRunner

from mbr_pipeline.cli.setup import command
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.setup.exports import recognised
from mbr_pipeline.setup.plan import plan
from mbr_pipeline.workspace.settings import load_settings

CLIENTS = "client_id,client_name\n101,Alder Dental\n102,Birch Legal\n"
PRODUCTS = "product_code,product_name\nBP,Business Premium\n"
AGREEMENTS = (
    "agreement_line_id,agreement_id,client_id,product_code,quantity,unit_price,currency,effective_start\n"
    "1,A1,101,BP,10,22.00,USD,2026-01-01\n"
)
INVOICES = (
    "invoice_line_id,invoice_id,client_id,product_code,quantity,unit_price,amount,currency,"
    "service_period_start,service_period_end\n1,I1,101,BP,10,22.00,220.00,USD,2026-10-01,2026-11-01\n"
)
CHARGES = (
    "line_id,invoice_id,vendor_customer_id,sku_id,charge_category,quantity,unit_cost,amount,currency,"
    "charge_period_start,charge_period_end\nL1,B1,C-7,S1,recurring,10,18,180,USD,2026-10-01,2026-11-01\n"
)
COMPANIES = "Company ID,Company Name,Status\n101,Alder Dental,Active\n102,Birch Legal,Active\n"
ADDITIONS = (
    "Addition ID,Agreement ID,Company Name,Product ID,Quantity,Unit Price,Currency,Effective Date\n"
    "1,A1,Alder Dental,BP,10,22.00,USD,2026-01-01\n2,A2,Birch Legal,BP,5,22.00,USD,2026-02-01\n"
)


def folder_of(root: Path, **files: str) -> Path:
    folder = root / "exports"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name.replace('__', ' ')}.csv").write_text(text, encoding="utf-8")
    return folder


def canonical(root: Path) -> Path:
    return folder_of(
        root,
        psa_clients=CLIENTS,
        psa_products=PRODUCTS,
        psa_agreements=AGREEMENTS,
        psa_invoices=INVOICES,
        pax8__bill=CHARGES,
    )


def test_canonical_files_are_told_by_their_columns_and_the_month_by_their_dates(tmp_path: Path) -> None:
    found = plan(canonical(tmp_path), {}, None)
    assert (found.period, found.questions, found.left, found.lacking) == ("2026-10", [], [], None)
    assert {source.name: source.datasets for source in found.sources} == {
        "psa": ["clients", "products", "agreements", "invoice_lines"],
        "pax8": ["vendor_charges"],
    }


def test_lines_that_have_a_clients_id_and_name_are_no_clients(tmp_path: Path) -> None:
    lines = (
        "recurring_invoice_id,client_id,client_name,item_code,qty_order,unit_price,startdate,currency_code\n"
        "7,101,Alder Dental,BP,10,22.00,2026-01-01,USD\n8,101,Alder Dental,BK,5,9.00,2026-01-01,USD\n"
    )
    with_note = CLIENTS.replace("client_name", "client_name,note").replace("Dental", "Dental,new")
    folder = folder_of(tmp_path, halo__lines=lines, psa_clients=with_note.replace("Legal", "Legal,"))
    found = {path.name: recognised(path, path.name, {}) for path in folder.iterdir()}
    assert found["halo lines.csv"].connector == "mapped"
    assert (found["psa_clients.csv"].connector, found["psa_clients.csv"].dataset) == ("canonical", "clients")


def test_the_workspace_is_whole_and_its_settings_are_valid(tmp_path: Path) -> None:
    target = tmp_path / "northwind"
    done = CliRunner().invoke(command, [str(canonical(tmp_path)), str(target), "--no-run"])
    assert done.exit_code == 0, done.output
    settings = load_settings(target)
    assert list(settings.msps) == ["northwind"]
    landed = {
        path.relative_to(target / "landing/northwind").as_posix(): path.read_text()
        for path in (target / "landing/northwind").rglob("*.csv")
    }
    assert landed["2026-10/pax8/vendor_charges.pax8-bill.csv"] == CHARGES
    assert landed["2026-10/psa/invoice_lines.psa_invoices.csv"] == INVOICES
    assert len(landed) == 5
    assert (target / "rules/northwind/client_map.csv").exists()


def test_a_folder_that_is_not_empty_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w/mine").write_text("mine")
    done = CliRunner().invoke(command, [str(canonical(tmp_path)), str(tmp_path / "w"), "--no-run"])
    assert isinstance(done.exception, ConfigError) and "is not empty" in str(done.exception)
    assert [path.name for path in (tmp_path / "w").iterdir()] == ["mine"]
    assert not list(tmp_path.glob(".w.*"))


def test_files_of_two_months_are_a_question(tmp_path: Path) -> None:
    folder = canonical(tmp_path)
    (folder / "pax8 bill.csv").write_text(CHARGES.replace("2026-10-01,2026-11-01", "2026-09-01,2026-10-01"))
    found = plan(folder, {}, None)
    assert [(name, question.key, set(question.options)) for name, question in found.questions] == [
        ("", ("period",), {"2026-09", "2026-10"})
    ]
    assert plan(folder, {"": {"period": "2026-10"}}, None).questions == []
    assert plan(folder, {}, "2026-10").period == "2026-10"


def test_without_a_terminal_questions_go_to_the_file_of_answers_and_come_back(tmp_path: Path) -> None:
    folder, answers = canonical(tmp_path), tmp_path / "answers.yml"
    (folder / "pax8 bill.csv").write_text(CHARGES.replace("2026-10-01,2026-11-01", "2026-09-01,2026-10-01"))
    arguments = [str(folder), str(tmp_path / "w"), "--no-run", "--answers", str(answers)]
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, ConfigError) and "1 thing to decide" in str(done.exception)
    assert not (tmp_path / "w").exists()
    written = yaml.safe_load(answers.read_text())
    assert written[""]["period"].startswith("TODO")
    written[""]["period"] = "2026-10"
    answers.write_text(yaml.safe_dump(written))
    assert CliRunner().invoke(command, arguments).exit_code == 0
    assert (tmp_path / "w/landing/w/2026-10/pax8").is_dir()


def test_agreements_that_know_clients_by_name_are_joined_by_name(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ConnectWise__companies=COMPANIES, ConnectWise__agreements=ADDITIONS)
    answers = {
        "ConnectWise agreements.csv": {"dataset": "agreements"},
        "ConnectWise companies.csv": {"dataset": "clients"},
    }
    found = plan(folder, answers, "2026-10")
    profiles = {
        e.dataset: e.profile["columns"]["client_id"] for source in found.sources for e in source.files
    }
    assert profiles == {"clients": "Company Name", "agreements": "Company Name"}
    assert any("by the names of ConnectWise companies.csv" in note for note in found.notes)


def test_agreements_with_the_ids_beside_the_names_are_read_by_the_ids(tmp_path: Path) -> None:
    beside = ADDITIONS.replace("Company Name,", "Company Name,Number,").replace("Dental,", "Dental,101,")
    folder = folder_of(
        tmp_path,
        ConnectWise__companies=COMPANIES,
        ConnectWise__agreements=beside.replace("Legal,", "Legal,102,"),
    )
    answers = {
        "ConnectWise agreements.csv": {"dataset": "agreements"},
        "ConnectWise companies.csv": {"dataset": "clients"},
    }
    found = plan(folder, answers, "2026-10")
    profiles = {
        e.dataset: e.profile["columns"]["client_id"] for source in found.sources for e in source.files
    }
    assert profiles == {"clients": "Company ID", "agreements": "Number"}


def test_what_cannot_be_read_is_named_and_a_folder_without_invoices_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, pax8__bill=CHARGES)
    (folder / "notes.docx").write_bytes(b"x")
    found = plan(folder, {}, None)
    assert [name for name, _ in found.left] == ["notes.docx"]
    assert found.lacking and "invoice_lines" in found.lacking
    done = CliRunner().invoke(command, [str(folder), str(tmp_path / "w"), "--no-run"])
    assert isinstance(done.exception, ConfigError) and not (tmp_path / "w").exists()


def test_a_file_that_is_left_out_is_named_with_the_reason_before_anything_is_asked(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Invoice", "Kunde", "Betrag"], ["R1", "Alder", "=4*5"], ["R1", "Birch", "=2*5"]):
        book.active.append(row)
    folder = canonical(tmp_path)
    book.save(folder / "rechnung.xlsx")
    (folder / "pax8 bill.csv").unlink()
    done = CliRunner().invoke(command, [str(folder), str(tmp_path / "w"), "--no-run"])
    told = "LEFT OUT: rechnung.xlsx: none of its rows can be read, the first in line 2, Betrag: is a formula"
    assert told in done.output and isinstance(done.exception, ConfigError)
    with pytest.raises(ConfigError, match=r"rechnung\.xlsx: none of its rows can be read"):
        alone = tmp_path / "alone"
        alone.mkdir()
        book.save(alone / "rechnung.xlsx")
        plan(alone, {}, None)


def test_rows_that_would_be_rejected_are_told_before_they_land(tmp_path: Path) -> None:
    head = "Invoice,Customer ID,SKU,Type,Quantity,Amount,Currency,From,To"
    october = "USD,2026-10-01,2026-10-31"
    rows = f"B1,C7,S1,Subscription,10,180.00,{october}\nB1,C8,S1,Subscription,2,x,{october}\n"
    folder = canonical(tmp_path)
    (folder / "pax8 bill.csv").write_text(f"{head}\n{rows}", encoding="utf-8")
    answers = {"columns.amount": "Amount", "columns.quantity": "Quantity", "decimals": "."}
    found = plan(
        folder, {"pax8 bill.csv": {**answers, "columns.unit_cost": {"made_of": "amount"}}}, "2026-10"
    )
    assert found.questions == []
    [told] = [note for note in found.notes if "rejected" in note]
    assert told.startswith("pax8 bill.csv: 1 row would be rejected, the first in line 3, Amount: “x”")


@pytest.mark.parametrize("text", ["", "\n\n", "just words\n"])
def test_a_file_with_nothing_in_it_is_left_out_or_asked_and_never_taken(tmp_path: Path, text: str) -> None:
    folder = canonical(tmp_path)
    (folder / "odd.csv").write_text(text)
    found = plan(folder, {}, None)
    taken = [e.name for source in found.sources for e in source.files if not e.questions]
    assert "odd.csv" not in taken
    assert "odd.csv" in [name for name, _ in (*found.left, *found.questions)]


def test_a_hostile_name_lands_as_plain_letters(tmp_path: Path) -> None:
    folder = canonical(tmp_path)
    (folder / "pax8 bill.csv").rename(folder / "pax8 $(rm -rf) ☃ bill.csv")
    assert CliRunner().invoke(command, [str(folder), str(tmp_path / "w"), "--no-run"]).exit_code == 0
    [landed] = (tmp_path / "w/landing/w/2026-10/pax8").iterdir()
    assert landed.name == "vendor_charges.pax8-rm--rf-bill.csv"


def test_a_known_system_is_told_by_its_own_columns(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(CHARGES, encoding="utf-8")
    assert (recognised(path, "export.csv", {}).connector, recognised(path, "export.csv", {}).dataset) == (
        "canonical",
        "vendor_charges",
    )


def test_records_of_json_lines_are_told_by_their_names(tmp_path: Path) -> None:
    folder = canonical(tmp_path)
    (folder / "psa_clients.csv").unlink()
    (folder / "psa clients.jsonl").write_text('{"client_id": "101", "client_name": "Alder Dental"}\n')
    (folder / "other.jsonl").write_text('{"name": "Alder Dental"}\n')
    found = plan(folder, {}, None)
    assert [(e.name, e.dataset) for s in found.sources for e in s.files if "jsonl" in e.name] == [
        ("psa clients.jsonl", "clients")
    ]
    assert [name for name, _ in found.left] == ["other.jsonl"]


def test_small_numbers_that_happen_to_be_ids_are_not_taken_for_ids(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        ConnectWise__companies="Company ID,Company Name\n5,Alder Dental\n10,Birch Legal\n7,Alder Dental\n",
        ConnectWise__agreements=ADDITIONS,
    )
    answers: dict[str, dict[str, str]] = {
        "ConnectWise agreements.csv": {"dataset": "agreements"},
        "ConnectWise companies.csv": {"dataset": "clients"},
    }
    found = plan(folder, answers, "2026-10")
    # two companies share a name, so names cannot stand for ids; the quantities 10 and 5 must not either
    asked = [(name, question.key) for name, question in found.questions if question.key[1:] == ("client_id",)]
    assert asked == [("ConnectWise agreements.csv", ("columns", "client_id"))]
    answers["ConnectWise agreements.csv"]["columns.client_id"] = "Company Name"
    again = plan(folder, answers, "2026-10")
    assert [question for _, question in again.questions if question.key[1:] == ("client_id",)] == []


def test_a_link_to_a_file_is_read_as_the_file(tmp_path: Path) -> None:
    folder = canonical(tmp_path)
    (folder / "psa_clients.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "psa_clients.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert "clients" in {name for source in plan(folder, {}, None).sources for name in source.datasets}
