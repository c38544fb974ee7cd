"""`mbr profile` on files of any form: encodings, workbooks, hostile and random text.

Belongs here: that any bytes give a proposal or one line. Does not: headings (``test_headings_and_rows``).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

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
from mbr_pipeline.profiling.propose import propose
from mbr_pipeline.profiling.styles import date_forms, ends, number_styles
from tests.cli.profile.sampling import GERMAN, Sampled, printed


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
    proposal = propose(tmp_path / "s.xlsx", "vendor_invoices")
    assert proposal.settings == {
        "header_row": "3",
        "sheet": "TODO which one",
        "decimals": ".",
        "dates": "D.M.YYYY",
        "columns": {
            "invoice_id": "Invoice No",
            "invoice_date": "Date",
            "currency": "Currency",
            "invoice_total": "Amount",
        },
    }
    text = printed(tmp_path / "s.xlsx", "vendor_invoices")
    assert "#   invoice_total         12.5\n" in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty; export it again, or leave it out"),
        ("\n\n", "is empty; export it again, or leave it out"),
        ("a;b\n", "has headings (a, b) and no row below them; take a file with some, or leave it out"),
    ],
)
def test_a_file_without_rows_is_an_error_that_says_so(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "s.csv").write_text(text)
    result = CliRunner().invoke(commands, ["profile", str(tmp_path / "s.csv"), "--dataset", "clients"])
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == f"s.csv: {told}"


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
    assert date_forms(["03/04/2026 10:15:00"]) == ["DD/MM/YYYY", "MM/DD/YYYY"]
    assert date_forms(["10/31/2026 11:59:59 PM"]) == ["M/D/YYYY"]
    assert date_forms([]) == date_forms(["x"]) == []
    assert {style.point for style in number_styles(["1.234"]).styles} == {".", ","}
    assert number_styles(["12,50-", "1.000,00"]).styles[0].negatives == "trailing"
    assert number_styles(["€ 5,00", "5,00 EUR"]).styles[0].signs == ("EUR", "€")
    assert ends([]) == set()
