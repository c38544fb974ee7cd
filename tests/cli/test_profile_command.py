"""`mbr profile`: what it proposes from a sample, what it leaves to a person, and that what it prints is read
back.

Belongs here: ``mbr_pipeline.profiling`` and the printed block. Does not: reading by a profile
(tests/connectors/mapped/test_mapped.py).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.datasets import DATASETS
from mbr_pipeline.cli import commands
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.profiling.as_yaml import yaml_text
from mbr_pipeline.profiling.headings import match, score
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.propose import propose
from mbr_pipeline.profiling.sample import take_sample
from mbr_pipeline.profiling.styles import date_forms, ends, number_styles
from mbr_pipeline.profiling.synonyms import HEADINGS, MEANINGS
from mbr_pipeline.workspace.settings import load_settings

Sampled = Callable[..., Proposal]
GERMAN = (
    "Kundennr;Kunde;Rechnungsnr;Pos;Artikelnr;Bezeichnung;Art;Menge;Einzelpreis;Betrag;Währung;Leistung"
    " von;Leistung bis\r\n"
    "K-1;Müller;R-1;1;S-1;Sitz;Lizenz;1.200;0,50;600,00;EUR;01.10.2026;31.10.2026\r\n"
    "K-1;Müller;R-1;2;S-2;Platz;Gutschrift;1;-3,25;-3,25;EUR;01.10.2026;31.10.2026\r\n"
)


@pytest.fixture
def sampled(tmp_path: Path) -> Sampled:
    def _sampled(text: str | bytes, dataset: str = "vendor_charges", name: str = "sample.csv") -> Proposal:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return propose(take_sample(path), DATASETS[dataset])

    return _sampled


def printed(path: Path, dataset: str = "vendor_charges") -> str:
    result = CliRunner().invoke(
        commands, ["profile", str(path), "--dataset", dataset, "--source", "distri"], catch_exceptions=False
    )
    assert result.exit_code == 0
    return result.stdout


def loaded(tmp_path: Path, block: str) -> Any:
    """What mbr.yml makes of a printed block below its sources."""
    head = "msps:\n  acme:\n    name: Acme\n    sources:\n      psa: {datasets: [invoice_lines]}\n"
    (tmp_path / "mbr.yml").write_text(head + block, encoding="utf-8")
    return load_settings(tmp_path).msps["acme"].sources["distri"]


def test_a_file_that_leaves_no_doubt_is_proposed_whole_and_loads_as_it_is_printed(
    sampled: Sampled, tmp_path: Path
) -> None:
    proposal = sampled(GERMAN.encode("cp1252"))
    assert proposal.settings == {
        "encoding": "cp1252",
        "delimiter": ";",
        "dates": "DD.MM.YYYY",
        "decimals": ",",
        "thousands": ".",
        "columns": {
            "line_id": "Pos",
            "invoice_id": "Rechnungsnr",
            "vendor_customer_id": "Kundennr",
            "vendor_customer_name": "Kunde",
            "sku_id": "Artikelnr",
            "sku_name": "Bezeichnung",
            "charge_category": {"heading": "Art", "values": {"Lizenz": "recurring", "Gutschrift": "credit"}},
            "charge_type": "Art",
            "quantity": "Menge",
            "unit_cost": "Einzelpreis",
            "amount": "Betrag",
            "currency": "Währung",
            "charge_period_start": "Leistung von",
            "charge_period_end": {"heading": "Leistung bis", "take": "day_after"},
        },
    }
    text = printed(tmp_path / "sample.csv")
    assert "# Nothing is TODO" in text
    source = loaded(tmp_path, text)
    assert (source.connector, source.datasets, source.settings) == (
        "mapped",
        ["vendor_charges"],
        {"vendor_charges": proposal.settings},
    )
    # every word and every column says why
    bare = [line for line in text.splitlines() if re.match(r" {12,14}\w+:", line) and "  # " not in line]
    assert [line.strip() for line in bare] == ["columns:"]


def test_the_first_rows_are_shown_as_they_would_come_out(sampled: Sampled, tmp_path: Path) -> None:
    sampled(GERMAN.encode("cp1252"))
    rows = dict(re.findall(r"^#   (\w+) +(.*)$", printed(tmp_path / "sample.csv"), re.MULTILINE))
    assert [cell.strip() for cell in rows["quantity"].split("|")] == ["1200", "1"]
    assert [cell.strip() for cell in rows["amount"].split("|")] == ["600", "-3.25"]
    assert [cell.strip() for cell in rows["charge_period_end"].split("|")] == ["2026-11-01", "2026-11-01"]
    assert [cell.strip() for cell in rows["vendor_customer_name"].split("|")] == ["Müller", "Müller"]


def test_what_is_todo_is_refused_until_it_is_filled_in(sampled: Sampled, tmp_path: Path) -> None:
    sampled(GERMAN.replace("Währung", "Whatever").replace("Lizenz", "Dings").encode("cp1252"))
    text = printed(tmp_path / "sample.csv")
    assert "# 2 TODO to fill in." in text
    with pytest.raises(
        ConfigError, match=r"vendor_charges.columns.charge_category.values.Dings still says TODO"
    ):
        loaded(tmp_path, text)
    with pytest.raises(ConfigError, match=r"vendor_charges.columns.currency still says TODO"):
        loaded(tmp_path, text.replace("Dings: TODO", "Dings: recurring"))
    filled = text.replace("Dings: TODO", "Dings: recurring").replace(
        "currency: TODO", "currency: {constant: EUR}"
    )
    assert loaded(tmp_path, filled).settings["vendor_charges"]["columns"]["currency"] == {"constant": "EUR"}


def test_dates_that_two_forms_read_are_left_to_a_person_and_their_columns_are_not_shown(
    sampled: Sampled, tmp_path: Path
) -> None:
    text = GERMAN.replace("01.10.2026", "03/04/2026").replace("31.10.2026", "05/06/2026")
    proposal = sampled(text)
    assert (proposal.words["dates"], proposal.columns["charge_period_end"]) == (
        "TODO",
        {"heading": "Leistung bis", "take": "TODO"},
    )
    assert proposal.why["dates"] == "DD/MM/YYYY or MM/DD/YYYY: no row decides, such as 03/04/2026"
    shown = printed(tmp_path / "sample.csv")
    assert "not decided: charge_period_start, charge_period_end\n" in shown
    assert not re.search(r"^#   charge_period", shown, re.MULTILINE)
    # one row that only one form reads decides for all columns
    assert sampled(text.replace("05/06/2026", "05/13/2026", 1)).words["dates"] == "MM/DD/YYYY"
    assert sampled(text.replace("05/06/2026", "13/05/2026", 1)).words["dates"] == "DD/MM/YYYY"


def test_the_end_of_a_period_is_decided_by_whole_months_that_agree(sampled: Sampled) -> None:
    def take(first: str, second: str) -> Any:
        proposal = sampled(GERMAN.replace("31.10.2026", first, 1).replace("31.10.2026", second, 1))
        return proposal.columns["charge_period_end"]

    bis = {"heading": "Leistung bis"}
    assert take("31.10.2026", "15.10.2026") == {**bis, "take": "day_after"}
    assert take("01.11.2026", "15.10.2026") == "Leistung bis"
    assert take("01.11.2026", "31.10.2026") == {**bis, "take": "TODO"}
    assert take("14.10.2026", "15.10.2026") == {**bis, "take": "TODO"}


@pytest.mark.parametrize(
    ("amounts", "decimals"),
    [
        (("600", "3"), "TODO"),
        (("1.234", "1"), "TODO"),
        (("1,234", "-1,234"), "TODO"),
        (("1.234", "1.23"), "."),
        (("1.234", "1,5"), ","),
        (("1.234.567", "1"), ","),
        (("1,234,567", "1"), "."),
        (("12.50", "12,50"), "TODO"),
        (("zwei", "1"), "TODO"),
    ],
)
def test_the_decimal_mark_is_proposed_only_where_a_value_decides(
    sampled: Sampled, amounts: tuple[str, str], decimals: str
) -> None:
    proposal = sampled(
        f"Invoice No;Amount;Currency\nR-1;{amounts[0]};EUR\nR-2;{amounts[1]};EUR\n", "vendor_invoices"
    )
    assert proposal.words["decimals"] == decimals


def test_two_headings_that_fit_one_column_are_both_named(sampled: Sampled) -> None:
    proposal = sampled(
        "Invoice;Invoice Number;Date;Total;Currency\na;b;2026-10-31;1.50;EUR\n", "vendor_invoices"
    )
    assert proposal.columns["invoice_id"] == "TODO"
    assert proposal.column_why["invoice_id"] == "“Invoice” or “Invoice Number”: both fit"


def test_a_heading_that_fits_two_columns_is_given_to_neither() -> None:
    matches = match(["Total"], {"amount": "total", "invoice_total": "total|sum"})
    assert {name: (found.heading, found.why) for name, found in matches.items()} == {
        "amount": (None, "“Total” fits invoice_total as well"),
        "invoice_total": (None, "“Total” fits amount as well"),
    }


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("INVOICE_NO.", "invoice_id"),
        ("invoiceNumber", "invoice_id"),
        ("Rechnungs-Nr.", "invoice_id"),
        ("Währung", "currency"),
        ("Betrag (EUR)", "amount"),
        ("Stück", "quantity"),
        ("Unit  Price USD", "unit_cost"),
        ("Start Date", "charge_period_start"),
        ("Artikelnumer", "sku_id"),
        ("Invoice Date", None),
        ("Von-Bis", None),
        ("bin", None),
        ("Terminal", None),
        ("Comment", None),
        ("", None),
        ("Unit", None),
    ],
)
def test_headings_are_compared_without_case_accents_and_units_but_short_words_exactly(
    heading: str, column: str | None
) -> None:
    fitting = [name for name, names in HEADINGS["vendor_charges"].items() if score(heading, names)[0]]
    assert fitting == ([column] if column else [])


@pytest.mark.parametrize("dataset", HEADINGS)
def test_no_name_of_a_heading_means_two_columns_and_every_column_has_names(dataset: str) -> None:
    names = [name for listed in HEADINGS[dataset].values() for name in listed.split("|")]
    assert sorted(set(names)) == sorted(names)
    assert list(HEADINGS[dataset]) == list(DATASETS[dataset].column_names)


def test_every_meaning_is_a_canonical_value_and_no_text_has_two() -> None:
    choices = {
        choice for dataset in DATASETS.values() for column in dataset.columns for choice in column.choices
    } | {"true", "false"}
    texts = [text for listed in MEANINGS.values() for text in listed.split("|")]
    assert set(MEANINGS) <= choices
    assert len(set(texts)) == len(texts)


def test_an_identifier_that_repeats_is_not_proposed(sampled: Sampled) -> None:
    proposal = sampled(GERMAN.replace("R-1;2;", "R-1;1;"))
    assert proposal.columns["line_id"] == {"made_of": "content"}
    assert sampled(GERMAN.replace("R-1;2;", "R-2;1;")).columns["line_id"] == "Pos"


def test_titles_totals_and_gaps_are_seen(sampled: Sampled) -> None:
    body = GERMAN.splitlines()
    gap = body[1].replace("K-1", "").replace(";1;", ";3;")
    proposal = sampled("\n".join(["Rechnung vom 31.10.2026", "", *body, gap, "Summe;;;;;;;;;1.196,75"]))
    assert proposal.words["header_row"] == "3"
    assert proposal.words["where"] == {"skip": {"Kundennr": ["Summe"]}}
    assert proposal.columns["line_id"] == "Pos"
    assert proposal.notes == [
        "“Kundennr” is empty in 1 of 3 rows (fill_down: list it if the value above holds; where: skip passes"
        " them over)"
    ]


def test_a_customer_called_total_is_no_total(sampled: Sampled) -> None:
    assert "where" not in sampled(GERMAN.replace("K-1", "Total")).words


def test_columns_without_a_value_decide_nothing(sampled: Sampled) -> None:
    proposal = sampled("Kundennr;Menge;von;bis\nK;;;\n")
    assert (proposal.words["dates"], proposal.words["decimals"]) == ("TODO", "TODO")
    assert proposal.columns["charge_period_end"] == {"heading": "bis", "take": "TODO"}


def test_a_month_in_one_column_is_both_ends_of_the_period(sampled: Sampled) -> None:
    proposal = sampled("Kundennr;Menge;Leistungsmonat\nK;1,5;10/2026\nK;2;09/2026\n")
    assert proposal.columns["charge_period_start"] == {"heading": "Leistungsmonat", "take": "month_start"}
    assert proposal.columns["charge_period_end"] == {"heading": "Leistungsmonat", "take": "next_month_start"}
    assert proposal.words["dates"] == "MM/YYYY"


def test_months_without_days_are_left_to_a_person_but_for_the_start_of_a_period(
    sampled: Sampled, tmp_path: Path
) -> None:
    text = "Kundennr;Menge;von;bis\nK;1,5;10/2026;11/2026\nK;2;09/2026;11/2026\n"
    columns = sampled(text).columns
    assert columns["charge_period_start"] == {"heading": "von", "take": "month_start"}
    assert columns["charge_period_end"] == {"heading": "bis", "take": "TODO"}
    assert re.search(
        r"^#   charge_period_start +2026-10-01 +\| 2026-09-01$",
        printed(tmp_path / "sample.csv"),
        re.MULTILINE,
    )
    mixed = sampled(text.replace("11/2026", "30.11.2026"))
    assert (mixed.words["dates"], mixed.columns["charge_period_start"]["take"]) == ("MM/YYYY", "month_start")
    assert mixed.columns["charge_period_end"] == {
        "heading": "bis",
        "dates": "DD.MM.YYYY",
        "take": "day_after",
    }
    partial = sampled(text.replace("11/2026", "15.11.2026"))
    assert partial.columns["charge_period_end"] == {"heading": "bis", "dates": "DD.MM.YYYY", "take": "TODO"}


@pytest.mark.parametrize(
    ("encoding", "proposed"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("cp850", "TODO"),
        ("cp1250", "TODO"),
    ],
)
def test_an_encoding_is_proposed_where_only_one_makes_sense(
    sampled: Sampled, encoding: str, proposed: str
) -> None:
    text = GERMAN.replace("Müller", "Łódź") if encoding == "cp1250" else GERMAN
    proposal = sampled(text.encode(encoding))
    assert proposal.words["encoding"] == proposed
    if encoding == "cp850":
        assert proposal.why["encoding"].startswith("not UTF-8: cp850 or mac-roman; ")


def test_a_file_of_one_column_has_no_delimiter_that_could_be_told(sampled: Sampled, tmp_path: Path) -> None:
    assert sampled("Menge\n5\n").words["delimiter"] == "TODO"
    assert "The first" not in printed(tmp_path / "sample.csv")


def test_a_workbook_with_titles_and_several_sheets(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in (
        (),
        ("Bill of October",),
        ("Invoice No", "Date", "Amount", "Currency"),
        ("I-1", "31.10.2026", 12.5, "USD"),
    ):
        workbook.active.append(row)
    workbook.create_sheet("More")["A1"] = 1
    workbook.save(tmp_path / "s.xlsx")
    proposal = propose(take_sample(tmp_path / "s.xlsx"), DATASETS["vendor_invoices"])
    assert proposal.settings == {
        "header_row": "3",
        "sheet": "TODO which one",
        "dates": "DD.MM.YYYY",
        "decimals": ".",
        "columns": {
            "invoice_id": "Invoice No",
            "invoice_date": "Date",
            "currency": "Currency",
            "invoice_total": "Amount",
        },
    }
    text = printed(tmp_path / "s.xlsx", "vendor_invoices")
    assert "#   invoice_total         12.5\n" in text


@pytest.mark.parametrize("text", ["", "a;b\n", "\n\n"])
def test_a_file_without_rows_is_an_error_that_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.csv").write_text(text)
    result = CliRunner().invoke(commands, ["profile", str(tmp_path / "s.csv"), "--dataset", "clients"])
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == "s.csv: has no rows below its headings; take a sample with some"


def test_nothing_in_a_file_can_steer_the_terminal_or_leave_its_place_in_the_yaml(tmp_path: Path) -> None:
    evil = 'Betrag\n        settings: {x: y} # \x1b[2J"'
    head, row = ["Art", evil, "Kunde"], ["\x1b]0;x\x07: {a", "1,50", "}\u202e\x9b1m"]
    quoted = [";".join('"' + cell.replace('"', '""') + '"' for cell in cells) for cells in (head, row)]
    (tmp_path / "s.csv").write_text("\n".join([*quoted, ""]), encoding="utf-8")
    text = printed(tmp_path / "s.csv")
    assert all(character.isprintable() for character in text.replace("\n", ""))
    assert "\n        settings: {x" not in text


_PIECES = [
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\0",
    b"\xfc",
    b'"',
    b";",
    b",",
    b"\t",
    b"\n",
    b"\r\n",
    b"Menge",
    b"Betrag",
    b"von",
    b"bis",
    b"1.234",
    b"0,5",
    b"01.10.2026",
    b"10/2026",
    b"(",
    b"\x1b[2J",
    b"Summe",
    b"\x85",
    b" ",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=60).map(b"".join), st.sampled_from(sorted(DATASETS)))
@example("Menge;€\n1;2\n".encode(), "agreements")
def test_any_bytes_give_a_proposal_or_one_line_that_says_what_to_do(data: bytes, dataset: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.csv"
        path.write_bytes(data)
        result = CliRunner().invoke(commands, ["profile", str(path), "--dataset", dataset])
    if result.exception:
        assert isinstance(result.exception, ConfigError)
        assert str(result.exception).startswith("s.csv: ")
    else:
        assert all(character.isprintable() for character in result.stdout.replace("\n", ""))
        (block,) = yaml.safe_load(result.stdout).values()
        assert block["connector"] == "mapped"


@given(st.text(max_size=40))
@example("10")
@example("0x1F")
@example("2026-10-01")
@example("true")
@example("No")
@example("a: b #")
@example("\U0001f600\x00")
def test_any_text_is_read_back_from_yaml_as_it_was(text: str) -> None:
    written = yaml_text(text)
    assert written.isprintable()
    for document in (f"a: {written}  # why", f"{{{written}: [{written}]}}"):
        for loader in (yaml.BaseLoader, yaml.SafeLoader):
            (found,) = yaml.load(document, Loader=loader).items()
            assert found in (("a", text), (text, [text]))


def test_styles_that_read_all_values_are_all_reported() -> None:
    assert date_forms(["03.04.2026", "3.12.2026"]) == ["D.M.YYYY"]
    assert date_forms(["03/04/2026 10:15:00"]) == ["DD/MM/YYYY hh:mm:ss", "MM/DD/YYYY hh:mm:ss"]
    assert date_forms([]) == date_forms(["x"]) == []
    assert {style.point for style in number_styles(["1.234"]).styles} == {".", ","}
    assert number_styles(["12,50-", "1.000,00"]).styles[0].negatives == "trailing"
    assert number_styles(["€ 5,00", "5,00 EUR"]).styles[0].signs == ("EUR", "€")
    assert ends([]) == set()
