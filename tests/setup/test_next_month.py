"""Another month in a workspace that `mbr setup` made: what lands where, what is asked, what stays as it is.

Belongs here: everything up to the run. Does not: a first month (``test_setup``), the run (``tests/e2e``).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from mbr_pipeline.cli.setup import command
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.setup.known_files import LEAVE
from mbr_pipeline.setup.land_month import land_month
from mbr_pipeline.setup.next_month import BESIDE, NextMonth, next_month
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

CLIENTS = "client_id,client_name\n101,Alder Dental\n102,Birch Legal\n"
AGREEMENTS = (
    "agreement_line_id,agreement_id,client_id,product_code,quantity,unit_price,currency,effective_start\n"
    "1,A1,101,BP,10,22.00,USD,2026-01-01\n"
)
INVOICES = (
    "invoice_line_id,invoice_id,client_id,product_code,quantity,unit_price,amount,currency,"
    "service_period_start,service_period_end\n1,I1,101,BP,10,22.00,220.00,USD,2026-10-01,2026-11-01\n"
)
PORTAL = (
    "Position,Invoice Number,Customer ID,Customer Name,SKU,Product Name,Subscription ID,Charge Type,"
    "Quantity,Unit Cost,Cost Total,Currency,Charge Start Date,Charge End Date,Territory\n"
    "1,B10,C-7,Alder,S1,Premium,sub-1,subscription,10,18.00,180.00,USD,2026-10-01,2026-10-31,US\n"
    "2,B10,C-8,Birch,S1,Premium,sub-2,subscription,5,18.00,90.00,USD,2026-10-01,2026-10-31,EU\n"
)


def of_november(text: str) -> str:
    for old, new in (
        ("2026-10-31", "2026-11-30"),
        ("2026-11-01", "2026-12-01"),
        ("2026-10-01", "2026-11-01"),
        ("B10", "B11"),
        ("I1", "I2"),
    ):
        text = text.replace(old, new)
    return text


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A workspace with October: canonical files of a PSA, a vendor's bill by a profile."""
    october = tmp_path / "exports"
    write(october, psa_clients=CLIENTS, psa_agreements=AGREEMENTS, psa_invoices=INVOICES, pax8_bill=PORTAL)
    done = setup(october, tmp_path / "books")
    assert done.exit_code == 0, done.exception
    assert "charge_category" in (tmp_path / "books/mbr.yml").read_text()
    return tmp_path / "books"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name.replace('_', ' ')}.csv").write_text(text, encoding="utf-8")
    return folder


def november(tmp_path: Path, **files: str) -> Path:
    new = {
        "psa_clients": CLIENTS + "103,Cedar Inn\n",
        "psa_agreements": AGREEMENTS + "2,A2,103,BP,4,22.00,USD,2026-11-01\n",
        "psa_invoices": of_november(INVOICES),
        "pax8_bill": of_november(PORTAL),
    }
    return write(tmp_path / "new", **(new | files))


def setup(folder: Path, directory: Path, *more: str) -> Result:
    return CliRunner().invoke(command, [str(folder), str(directory), "--no-run", *more])


def planned(folder: Path, books: Path, answers: Any = None, period: str | None = None) -> NextMonth:
    workspace = Workspace.open(WorkspacePaths(books))
    return next_month(folder, workspace, "books", answers or {}, period)


def landed(books: Path) -> dict[str, str]:
    root = books / "landing/books"
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*.csv")}


def asked(found: NextMonth) -> list[tuple[str, str, tuple[Any, ...]]]:
    return [(name, ".".join(question.key), question.options) for name, question in found.questions]


def test_new_files_land_in_their_month_without_a_question(books: Path, tmp_path: Path) -> None:
    settings, rules = (books / "mbr.yml").read_bytes(), sorted((books / "rules").rglob("*"))
    done = setup(november(tmp_path), books)
    assert done.exit_code == 0, done.exception
    there = landed(books)
    assert {name for name in there if name.startswith("2026-11")} == {
        "2026-11/psa/clients.psa-clients.csv",
        "2026-11/psa/agreements.psa-agreements.csv",
        "2026-11/psa/invoice_lines.psa-invoices.csv",
        "2026-11/pax8/vendor_charges.pax8-bill.csv",
    }
    assert there["2026-11/pax8/vendor_charges.pax8-bill.csv"] == of_november(PORTAL)
    assert "4 new files landed for 2026-11" in done.output
    assert ((books / "mbr.yml").read_bytes(), sorted((books / "rules").rglob("*"))) == (settings, rules)


def test_the_same_folder_with_more_files_leaves_what_is_landed_alone(books: Path, tmp_path: Path) -> None:
    before = landed(books)
    folder = tmp_path / "exports"
    shutil.copytree(november(tmp_path), folder / "november")
    done = setup(folder, books)
    assert done.exit_code == 0, done.exception
    assert "pax8 bill.csv: is landed already, 2026-10/pax8/vendor_charges.pax8-bill.csv" in done.output
    after = landed(books)
    assert {name: text for name, text in after.items() if name in before} == before
    assert len(after) == len(before) + 4


def test_running_it_again_changes_nothing(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path)
    assert setup(folder, books).exit_code == 0
    before = landed(books)
    done = setup(folder, books)
    assert (done.exit_code, landed(books)) == (0, before), done.exception
    assert "nothing new is here" in done.output and "--period 2026-11" in done.output


def test_after_a_kill_between_any_two_sources_a_rerun_lands_the_rest(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path)
    whole = planned(folder, books)
    assert whole.questions == []
    for stop in range(1, len(whole.arrivals)):
        copy = tmp_path / f"killed-{stop}"
        shutil.copytree(books, copy)
        workspace = Workspace.open(WorkspacePaths(copy))
        landing = land_month(workspace, "books", next_month(folder, workspace, "books", {}, None).arrivals)
        for _ in range(stop):
            next(landing)
        landing.close()
        done = setup(folder, copy)
        assert done.exit_code == 0, done.exception
        assert sum(name.startswith("2026-11") for name in landed(copy)) == 4


def test_an_unchanged_list_is_asked_about_and_lands_when_it_is_the_new_one(
    books: Path, tmp_path: Path
) -> None:
    folder = november(tmp_path, psa_clients=CLIENTS)
    found = planned(folder, books)
    assert asked(found) == [("psa clients.csv", "land for 2026-11", ("2026-11", LEAVE))]
    assert "2026-10/psa/clients.psa-clients.csv" in found.questions[0][1].text
    yes = planned(folder, books, {"psa clients.csv": {"land for 2026-11": "2026-11"}})
    assert (yes.questions, len(yes.arrivals)) == ([], 4)
    no = planned(folder, books, {"psa clients.csv": {"land for 2026-11": LEAVE}})
    assert (len(no.arrivals), [name for name, _ in no.already]) == (3, ["psa clients.csv"])


def test_a_changed_file_of_a_landed_month_is_asked_about_and_replaces_on_demand(
    books: Path, tmp_path: Path
) -> None:
    corrected = PORTAL.replace("10,18.00,180.00", "12,18.00,216.00")
    folder = write(tmp_path / "new", pax8_bill=corrected)
    found = planned(folder, books)
    old = "vendor_charges.pax8-bill.csv"
    assert (found.period, asked(found)) == (
        "2026-10",
        [("pax8 bill.csv", "replaces in 2026-10", (old, BESIDE, LEAVE))],
    )
    answers = tmp_path / "answers.yml"
    done = setup(folder, books, "--answers", str(answers))
    assert isinstance(done.exception, ConfigError) and "1 thing to decide" in str(done.exception)
    assert landed(books)[f"2026-10/pax8/{old}"] == PORTAL
    answers.write_text(yaml.safe_dump({"pax8 bill.csv": {"replaces in 2026-10": old}}))
    assert setup(folder, books, "--answers", str(answers)).exit_code == 0
    there = landed(books)
    assert there[f"2026-10/pax8/{old}"] == corrected
    assert there[f"2026-10/pax8/.superseded/{old}"] == PORTAL
    # the file that it replaced may still be in the folder
    write(folder, pax8_bill_old=PORTAL)
    again = planned(folder, books)
    assert (again.questions, again.arrivals) == ([], [])
    assert again.left == [("pax8 bill old.csv", "it was replaced in 2026-10")]


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


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def test_a_file_of_no_source_is_a_question_and_can_be_left(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path, newcomer="Site,Agents\nAlder,4\n")
    found = planned(folder, books)
    assert asked(found) == [("newcomer.csv", "source", (LEAVE,))]
    assert "it is none of the sources in mbr.yml" in found.questions[0][1].text
    left = planned(folder, books, {"newcomer.csv": {"source": LEAVE}})
    assert (left.left, len(left.arrivals)) == ([("newcomer.csv", "as answered")], 4)


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
