"""Files of another month that are not quite as last month's: columns, rows, sources, copies.

Belongs here: what one file may be like. Does not: what lands where (``test_next_month``).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.setup.known_files import LEAVE
from tests.setup.books import (
    CLIENTS,
    INVOICES,
    PORTAL,
    asked,
    landed,
    november,
    of_november,
    planned,
    setup,
    write,
)


def test_a_column_that_is_missing_is_one_clear_question_and_nothing_lands(
    books: Path, tmp_path: Path
) -> None:
    lines = [line.split(",") for line in of_november(PORTAL).splitlines()]
    at = lines[0].index("Cost Total")
    without = "\n".join(",".join(line[:at] + line[at + 1 :]) for line in lines) + "\n"
    before = landed(books)
    folder = november(tmp_path, pax8_bill=without)
    found = planned(folder, books)
    [(name, question)] = found.questions
    assert (name, question.key, question.options) == ("pax8 bill.csv", ("source",), (LEAVE,))
    assert question.text.startswith(
        "it looks like pax8/vendor_charges of 2026-10, but has no column 'Cost Total' (for amount)"
    )
    done = setup(folder, books)
    assert isinstance(done.exception, ConfigError) and "\n" not in str(done.exception)
    assert landed(books) == before


def test_a_column_more_is_landed_and_said_in_one_line(books: Path, tmp_path: Path) -> None:
    lines = of_november(PORTAL).splitlines()
    more = "\n".join([lines[0] + ",Promotion", *(line + ",none" for line in lines[1:])]) + "\n"
    found = planned(november(tmp_path, pax8_bill=more), books)
    assert (found.questions, len(found.arrivals)) == ([], 4)
    assert found.notes == ["pax8 bill.csv: has the new column Promotion, compared with the file of 2026-10"]


def test_a_column_less_that_nothing_reads_is_landed_and_said(books: Path, tmp_path: Path) -> None:
    less = "\n".join(line.rpartition(",")[0] for line in of_november(PORTAL).splitlines()) + "\n"
    found = planned(november(tmp_path, pax8_bill=less), books)
    assert (found.questions, len(found.arrivals)) == ([], 4)
    assert found.notes == [
        "pax8 bill.csv: has no longer Territory, which is not read, compared with the file of 2026-10"
    ]


def test_a_file_that_two_sources_read_is_a_question_unless_its_folder_names_one(
    books: Path, tmp_path: Path
) -> None:
    text = (books / "mbr.yml").read_text()
    content = yaml.safe_load(text)
    sources = content["msps"]["books"]["sources"]
    sources["pax8-east"] = sources["pax8"]
    (books / "mbr.yml").write_text(yaml.dump(content, Dumper=_NoAliases))
    shutil.copytree(books / "landing/books/2026-10/pax8", books / "landing/books/2026-10/pax8-east")
    folder = november(tmp_path)
    labels = ("pax8/vendor_charges", "pax8-east/vendor_charges", LEAVE)
    assert ("pax8 bill.csv", "source", labels) in asked(planned(folder, books))
    (folder / "pax8-east").mkdir()
    (folder / "pax8 bill.csv").rename(folder / "pax8-east/bill.csv")
    found = planned(folder, books)
    assert found.questions == []
    assert {a.name: a.known.source for a in found.arrivals}["pax8-east/bill.csv"] == "pax8-east"


def test_a_file_of_no_source_is_a_question_and_can_be_left(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path, newcomer="Site,Agents\nAlder,4\n")
    found = planned(folder, books)
    assert asked(found) == [("newcomer.csv", "source", (LEAVE,))]
    assert "it is none of the sources in mbr.yml" in found.questions[0][1].text
    left = planned(folder, books, {"newcomer.csv": {"source": LEAVE}})
    assert (left.left, len(left.arrivals)) == ([("newcomer.csv", "as answered")], 4)


def test_a_file_that_is_empty_or_broken_off_is_called_so(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path)
    (folder / "nothing.csv").write_bytes(b"")
    (folder / "half.xlsx").write_bytes(b"PK\3\4 the beginning of one")
    said = {name: question.text for name, question in planned(folder, books).questions}
    assert said["nothing.csv"].startswith("it is empty: export it again")
    assert said["half.xlsx"].startswith("it is no whole Excel file: export it again")


def test_lists_without_a_dated_file_are_asked_for_their_month(books: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "new", psa_clients=CLIENTS + "103,Cedar Inn\n")
    found = planned(folder, books)
    assert asked(found) == [("", "month after 2026-10", ("2026-11", "2026-10"))]
    said = planned(folder, books, {"": {"month after 2026-10": "2026-11"}})
    assert [(a.name, a.month) for a in said.arrivals] == [("psa clients.csv", "2026-11")]
    # last time's answers, of the first month too, are no answers to it
    assert planned(folder, books, {"": {"period": "2026-10", "month after 2026-09": "2026-10"}}).questions


def test_a_bill_of_another_month_is_asked_about_until_it_is_usual(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path, pax8_bill=_moved(PORTAL, "B9", "2026-09", "30"))
    found = planned(folder, books)
    assert asked(found) == [("pax8 bill.csv", "month of 2026-09", ("2026-11", "2026-09", LEAVE))]
    (books / "landing/books/2026-10/pax8/vendor_charges.pax8-bill.csv").write_text(
        _moved(PORTAL, "B8", "2026-08", "31")
    )
    usual = planned(folder, books)
    assert (usual.questions, len(usual.arrivals)) == ([], 4)


def _moved(text: str, bill: str, month: str, last: str) -> str:
    return text.replace("2026-10-31", f"{month}-{last}").replace("2026-10", month).replace("B10", bill)


def test_two_copies_of_one_file_land_once(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path, pax8_bill_copy=of_november(PORTAL))
    found = planned(folder, books)
    assert (found.questions, len(found.arrivals)) == ([], 4)
    assert found.left == [("pax8 bill.csv", "has the same content as pax8 bill copy.csv")]


def test_a_file_with_a_wrong_row_is_refused_before_anything_lands(books: Path, tmp_path: Path) -> None:
    before = landed(books)
    folder = november(tmp_path, psa_invoices=of_november(INVOICES).replace("220.00", "2 2o"))
    done = setup(folder, books)
    assert isinstance(done.exception, ConfigError)
    assert "invoice_lines.psa-invoices.csv: line 2: amount '2 2o'" in str(done.exception)
    assert landed(books) == before


def test_a_workspace_with_several_msps_is_asked_for_one(books: Path, tmp_path: Path) -> None:
    content = yaml.safe_load((books / "mbr.yml").read_text())
    content["msps"]["other"] = content["msps"]["books"]
    (books / "mbr.yml").write_text(yaml.dump(content, Dumper=_NoAliases))
    done = setup(november(tmp_path), books)
    assert isinstance(done.exception, ConfigError) and "--msp: books, other" in str(done.exception)
    assert setup(november(tmp_path), books, "--msp", "books").exit_code == 0
    named = setup(november(tmp_path), books, "--msp", "books", "--name", "X")
    assert isinstance(named.exception, ConfigError) and "--name" in str(named.exception)


@pytest.mark.parametrize("text", ["", "\n\n", "just words\n", "a,b\n1,2,3\n", "\x00\x01"])
def test_a_file_with_nothing_in_it_is_never_taken(books: Path, tmp_path: Path, text: str) -> None:
    found = planned(november(tmp_path, odd=text), books)
    assert [a.name for a in found.arrivals if a.name == "odd.csv"] == []
    assert "odd.csv" in [name for name, _ in (*found.left, *found.questions)]


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True
