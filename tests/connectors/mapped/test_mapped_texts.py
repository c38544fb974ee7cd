"""What a declared profile makes of texts: encodings, dates and numbers.

Belongs here: single values, read in the declared form only. Does not: what rows say together
(``test_mapped_rows``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.files.records import UnreadableFile
from connectors.mapped.values import DateFormat, NumberStyle, is_midnight, ranges_read
from tests.connectors.mapped.german import GERMAN, HEADINGS, LINE, Write, lines_and_reasons, opened, records

# encodings


@pytest.mark.parametrize(
    ("wrong", "declared", "message"),
    [
        ("utf-8-sig", "cp1252", "declare `encoding: utf-8`"),
        ("utf-16", "cp1252", "declare `encoding: utf-16`"),
        ("utf-16", "utf-8", "declare `encoding: utf-16`"),
        ("utf-16-le", "utf-16", "has no byte order mark"),
        ("utf-16-le", "utf-8", "UTF-16 or binary"),
        ("cp850", "cp1252", "is not cp1252"),
        ("cp1252", "utf-16-le", "is not utf-16-le|has no column"),
    ],
)
def test_a_file_of_another_encoding_than_declared_is_not_read(
    write: Write, wrong: str, declared: str, message: str
) -> None:
    path = write("vendor_charges.csv", f"{HEADINGS}\n{LINE}\n".encode(wrong))
    with pytest.raises(UnreadableFile, match=message):
        records(opened(path, GERMAN | {"encoding": declared}))


def test_headings_that_are_not_utf_8_say_which_word_to_correct(write: Write) -> None:
    path = write("vendor_charges.csv", f"Währung;{HEADINGS}\n".encode("cp1252"))
    with pytest.raises(UnreadableFile, match="line 1 are not utf-8; correct `encoding`"):
        opened(path, GERMAN | {"encoding": "utf-8"})


def test_a_byte_that_is_not_utf_8_refuses_its_row_alone(write: Write) -> None:
    text = f"{HEADINGS}\n{LINE}\n".encode() + LINE.encode("cp1252") + b"\n" + LINE.encode() + b"\n"
    file = opened(write("vendor_charges.csv", text), GERMAN | {"encoding": "utf-8"})
    assert [row["_line"] for row in records(file)] == [2, 4]
    assert lines_and_reasons(file) == [(3, "Kunde", "M\\xfcller")]


@pytest.mark.parametrize(("encoding", "block"), [("utf-16", 7), ("utf-16-le", 1)])
def test_a_character_cut_in_two_by_the_end_of_a_block_is_whole(
    write: Write, monkeypatch: pytest.MonkeyPatch, encoding: str, block: int
) -> None:
    monkeypatch.setattr("connectors.files.streams.BLOCK_BYTES", block)
    text = f"{HEADINGS}\r\n{LINE.replace('Müller', 'Müller😀')}\r\n{LINE}\r\n".encode(encoding)
    rows = records(opened(write("vendor_charges.csv.gz", text), GERMAN | {"encoding": encoding}))
    assert [(row["_line"], row["vendor_customer_id"]) for row in rows] == [(2, "Müller😀"), (3, "Müller")]


# dates and numbers


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("DD.MM.YYYY", "03.04.2026", date(2026, 4, 3)),
        ("MM/DD/YYYY", "03/04/2026", date(2026, 3, 4)),
        ("DD/MM/YYYY", "03/04/2026", date(2026, 4, 3)),
        ("DD.MM.YYYY", "3.4.2026", None),
        ("D.M.YYYY", "3.4.2026", date(2026, 4, 3)),
        ("D.M.YYYY", "03.04.2026", date(2026, 4, 3)),
        ("DD.MM.YY", "03.04.26", date(2026, 4, 3)),
        ("DD.MM.YYYY", "03.04.26", None),
        ("YYYYMMDD", "20260403", date(2026, 4, 3)),
        ("MM/DD/YYYY", "13/04/2026", None),
        ("DD-MMM-YYYY", "03-apr-2026", date(2026, 4, 3)),
        ("MMM D, YYYY", "Apr 3, 2026", date(2026, 4, 3)),
        ("YYYY-MM-DDThh:mm:ssZ", "2026-04-03T23:59:59Z", date(2026, 4, 3)),
        ("M/D/YYYY h:mm:ss AM", "4/3/2026 12:00:00 PM", date(2026, 4, 3)),
        ("DD.MM.YYYY", "03x04x2026", None),
        ("YYYY-MM", "2026-04", date(2026, 4, 1)),
        ("DD.MM.YYYY", "03.04.2026 ", None),
        ("DD.MM.YYYY", "٠٣.٠٤.٢٠٢٦", None),
        ("DD.MM.YYYY", "03.04.0000", None),
        ("MM/DD/YYYY", "10/31/2026 11:59:59 PM", date(2026, 10, 31)),
        ("MM/DD/YYYY", "10/31/2026, 11:59\u202fp.m.", date(2026, 10, 31)),
        ("YYYY-MM-DD", "2026-10-31T23:59:59Z", date(2026, 10, 31)),
        ("YYYY-MM-DD", "2026-10-31 23:59:59.123+02:00", date(2026, 10, 31)),
        ("YYYY-MM-DD", "2026-10-31T", None),
        ("YYYY-MM", "2026-10-31", None),
        ("MMMM D-%, YYYY", "October 1-31, 2026", date(2026, 10, 1)),
        ("MMMM %-D, YYYY", "October 1-31, 2026", date(2026, 10, 31)),
        ("MMMM D, YYYY", "Oct 31, 2026", None),
        ("serial", "46296", date(2026, 10, 1)),
        ("serial", "46296.99999", date(2026, 10, 1)),
        ("serial", "20261001", None),
        ("serial", "42", None),
    ],
)
def test_a_date_is_read_in_the_declared_form_only(form: str, text: str, day: date | None) -> None:
    assert DateFormat(form).read(text) == day


@pytest.mark.parametrize(
    ("form", "text", "days"),
    [
        ("YYYY-MM-DD", "2026-10-01 00:00:00-2026-10-31 23:59", ["2026-10-01", "2026-10-31"]),
        ("YYYY-MM-DD", "2026-10-01T00:00:00Z/2026-11-01T00:00:00Z", ["2026-10-01", "2026-11-01"]),
        ("DD.MM.YYYY", "vom 01.10.2026 bis 31.10.2026", ["2026-10-01", "2026-10-31"]),
        ("DD.MM.YYYY", "31.10.2026 - 01.10.2026", None),
        ("DD.MM.YYYY", "01.10.2026", None),
        ("DD.MM.YYYY", "01.10.2026, 02.10.2026, 03.10.2026", None),
        ("DD.MM.YYYY", "101.10.2026 - 31.10.2026", None),
    ],
)
def test_a_range_holds_exactly_two_dates(form: str, text: str, days: list[str] | None) -> None:
    found = {(str(first), str(last)) for first, last in ranges_read([DateFormat(form)], text)}
    assert found == ({tuple(days)} if days else set())


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("2026-10-31", True),
        ("2026-10-31T00:00:00.000Z", True),
        ("2026-10-31 00:00+02:00", True),
        ("10/31/2026 12:00:00 AM", True),
        ("10/31/2026 12:00:00 PM", False),
        ("2026-10-31T00:00:00.001Z", False),
        ("31.10.2026 23:59", False),
        ("2026-10-31T24:00:00", False),
        ("46326", True),
        ("46326.0", True),
        ("46326.5", False),
    ],
)
def test_a_date_without_a_time_or_at_midnight_is_the_beginning_of_its_day(text: str, is_so: bool) -> None:
    assert is_midnight(text) == is_so


@pytest.mark.parametrize("form", ["", "DD.MM", "YYYY", "DD.MM.YYYY DD", "dd.mm.yyyy", "YYYY-YY-MM"])
def test_a_form_without_year_or_month_or_with_one_twice_is_none(form: str) -> None:
    with pytest.raises(ValueError, match="is no form of dates"):
        DateFormat(form)


_DE = NumberStyle(",", ".", signs=("€", "EUR"))


_US = NumberStyle(".", ",", "parentheses", ("$",))


@pytest.mark.parametrize(
    ("style", "text", "number"),
    [
        (_DE, "1.234,50", "1234.50"),
        (_DE, "1234,5", "1234.5"),
        (_DE, "1.234", "1234"),
        (_DE, "1.23", None),
        (_DE, "1.2345", None),
        (_DE, "12.34,5", None),
        (_DE, "1,234.50", None),
        (_DE, ",5", "0.5"),
        (_DE, "5,", None),
        (_DE, "-1,5", "-1.5"),
        (_DE, "1,5-", None),
        (_DE, "1,5 €", "1.5"),
        (_DE, "€ -1,5", "-1.5"),
        (_DE, "-€1,5", "-1.5"),
        (_DE, "EUR 1.000,00", "1000.00"),
        (_DE, "1,5 $", None),
        (_DE, "--1", None),
        (_DE, "-€-1", None),
        (_DE, "+1", "1"),
        (_DE, "+-1", None),
        (_DE, "5,64902E-05", "0.0000564902"),
        (_DE, "-1e3", "-1000"),
        (_DE, "1e61", None),
        (_DE, "e5", None),
        (_DE, "€ -", "0"),
        (_DE, "-", None),
        (_DE, "", None),
        (_DE, "NaN", None),
        (_DE, "1_000", None),
        (_DE, "(1,5)", None),
        (_US, "$1,234.50", "1234.50"),
        (_US, "($1,234.50)", "-1234.50"),
        (_US, "$(5)", "-5"),
        (_US, "$(-5)", None),
        (_US, "$+15.00", "15.00"),
        (_US, "$-", "0"),
        (_US, "-", "0"),
        (_US, "--", None),
        (_US, "(5", None),
        (_US, "(-5)", None),
        (NumberStyle(), "1,234", None),
        (NumberStyle(), "1234.5678901234567890123456789012345", "1234.5678901234567890123456789012345"),
        (NumberStyle(), "-1234.5678901234567890123456789012345", "-1234.5678901234567890123456789012345"),
        (NumberStyle(",", "space"), "1 234\u00a0567,8", "1234567.8"),
        (NumberStyle(".", "'"), "1'234.5", "1234.5"),
        (NumberStyle(".", "'"), "1\u2019234.5", "1234.5"),  # as Windows writes it in Switzerland
        (NumberStyle(",", "space"), "1\u2009234\u2007567,8", "1234567.8"),
        (NumberStyle(".", ","), "-12,50,500.25", "-1250500.25"),  # lakhs
        (NumberStyle(".", ","), "12,50,50.00", None),
        (_DE, "12.50.500", None),
        (_DE, "\u22121,5", "-1.5"),
        (_DE, "€ \u20131,5", "-1.5"),
        (_DE, "1\u20132", None),
        (NumberStyle(negatives="credit"), "24.00 CR", "-24.00"),
        (NumberStyle(negatives="credit", signs=("£",)), "£24.00cr", "-24.00"),
        (NumberStyle(negatives="credit"), "24.00 DR", "24.00"),
        (NumberStyle(negatives="credit"), "24.00", "24.00"),
        (NumberStyle(negatives="credit"), "-24.00 CR", None),
        (NumberStyle(), "24.00 CR", None),
        (NumberStyle(), "12.5%", "0.125"),
        (NumberStyle(",", "."), "-50 %", "-0.50"),
        (NumberStyle(signs=("%",)), "12.5%", "12.5"),
        (NumberStyle(), "%", None),
        (NumberStyle(negatives="trailing"), "12.50-", "-12.50"),
        (NumberStyle(negatives="trailing"), "-12.50-", None),
        (NumberStyle(), "9" * 80, "9" * 80),
        (NumberStyle(), "9" * 81, None),
    ],
)
def test_a_number_is_read_in_the_declared_style_only_and_exactly(
    style: NumberStyle, text: str, number: str | None
) -> None:
    read = style.read(text)
    assert (None if read is None else f"{read:f}") == number


def test_implied_decimals_shift_digits_and_refuse_a_decimal_mark() -> None:
    assert NumberStyle().read("-1250", 2) == Decimal("-12.50")
    assert NumberStyle().read("12.50", 2) is None
    assert NumberStyle().read("1e3", 2) is None
