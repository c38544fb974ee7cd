"""How values stand in exported files.

Belongs here: one value. Does not: files (``test_import_files``, ``test_tables``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.release.exports import files, placing
from mbr_pipeline.release.exports.cells import money, places_of, plain, rounded, shown
from mbr_pipeline.release.exports.files import File
from mbr_pipeline.release.exports.invoices.formats import QUICKBOOKS, import_files
from mbr_pipeline.release.exports.invoices.lines import Invoice, Line
from mbr_pipeline.release.exports.invoices.words import Product, Words
from mbr_pipeline.release.exports.targets import Export
from mbr_pipeline.workspace.export_settings import ImportSettings

DAY = date(2026, 10, 31)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n1", "＝1", "＠A1"])
def test_text_that_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert shown(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1-1", "a=b", "'=1", " =1", "😀", "a\n=b"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


def test_numbers_are_never_changed_and_have_no_exponent() -> None:
    numbers = [Decimal("-5.00"), Decimal("0E-10"), Decimal("1E+3"), Decimal("0.0000000001")]
    assert [shown(number) for number in numbers] == ["-5.00", "0.0000000000", "1000", "0.0000000001"]


def test_places_and_roundings_are_those_of_the_currency() -> None:
    assert [shown(money(Decimal("8.0000"), each)) for each in ("USD", "JPY", "KWD")] == ["8.00", "8", "8.000"]
    assert shown(money(Decimal("0.12345"), "USD")) == "0.12345"
    assert shown(plain(Decimal("12.500000"))) == "12.5"
    assert (places_of(Decimal("3.3300")), places_of(Decimal("100"))) == (2, 0)
    halves = [
        ("0.125", "USD", "0.13"),
        ("-0.125", "USD", "-0.13"),
        ("0.5", "JPY", "1"),
        ("-0.001", "USD", "0.00"),
    ]
    assert [shown(rounded(Decimal(n), c)) for n, c, _ in halves] == [wanted for _, _, wanted in halves]


def test_a_workbook_holds_numbers_that_no_double_is(tmp_path: Path) -> None:
    rows = [(Decimal("0.085"),), (Decimal("1234567890.1234"),), (Decimal("0.0000000001"),), (None,)]
    file = File("a.xlsx", ("n",), rows, lambda row: ("USD", Decimal(row["n"] or 0)))
    assert files.write(tmp_path, file) == {"USD": Decimal("1234567890.2084000001")}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a\ufffe\uffffb", "a\\xfffe\\xffffb"),
        ("a\x00\x1f\x0bb", "a\\x00\\x1f\\x0bb"),
        ("é\t日本\r\n😀\U0010ffff", "é\t日本\n😀\U0010ffff"),
        ("x" * 32_767, "x" * 32_767),
    ],
)
def test_a_workbook_holds_any_text(text: str, held: str, tmp_path: Path) -> None:
    files.write(tmp_path, File("a.xlsx", ("t",), [(text,)]))
    assert load_workbook(tmp_path / "a.xlsx")["a"]["A2"].value == held


def test_a_text_that_a_workbook_would_cut_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"32,768 characters is more than a cell .* \(32,767\): export to csv"
    ):
        files.write(tmp_path, File("a.xlsx", ("t",), [("x" * 32_768,)]))


def test_an_invoice_is_not_split_although_a_file_is_full() -> None:
    def invoice(number: str, lines: int) -> Invoice:
        one = Line("C", "P", number, "USD", *[Decimal(1)] * 3, "t", DAY)
        return Invoice(number, "C", "USD", DAY, DAY, (one,) * lines)

    words = Words({"C": "Client"}, {"P": Product("1", "t", None)})
    invoices = [invoice("a", 600), invoice("b", 400), invoice("c", 1), invoice("d", 1200), invoice("e", 1)]
    made = import_files(QUICKBOOKS, "q", invoices, words, ImportSettings())
    assert [len(file.rows) for file in made] == [1000, 1, 1200, 1]


def test_nothing_is_left_where_the_files_do_not_say_what_the_tables_say(tmp_path: Path) -> None:
    file = File("a.csv", ("c", "n"), [("USD", Decimal("1.00"))], lambda row: (row["c"], Decimal(row["n"])))
    with pytest.raises(MbrError, match=r"the files say 1\.00 USD, the tables 2"):
        placing.build(tmp_path / "new", Export([file], expected={"USD": Decimal(2)}))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(MbrError, match="the files say 0 EUR, the tables 3"):
        placing.build(tmp_path / "new", Export([file], expected={"USD": Decimal(1), "EUR": Decimal(3)}))
