"""A billing clerk's first two months, from six exports of six systems to the right worklist.

Belongs here: `mbr setup` with all that follows, as commands; figures are worked out by hand from the exports
in ``tests/setup/clerk`` (twelve clients, whose names differ between the systems). Does not: what is asked and
landed in single cases (``tests/setup``).

October, by hand, in USD. Pax8 bills Alder 11 of Business Premium, 10 are invoiced: 22.00. Kestrel has 2 seats
more from the 16th: 2 × 16 / 31 × 22.00 = 22.71. Larch's 3 seats are not invoiced: 66.00. Ironwood's 20 are
invoiced at 20.00 instead of 22.00: 40.00. SentinelOne counts 21 endpoints at Granite, 20 are invoiced: 6.00.
Foxglove has 4 of Business Basic and pays 5: 7.20 back. Harbor uses 7 of 9: 2 × 18.60 = 37.20 unused.

November: all of it is mended but Harbor; Juniper has 6 of Business Basic and pays 4: 14.40,
and 4 × 7.20 = 28.80 is less than 6 × 5.10 = 30.60. Maple is new.
"""

from __future__ import annotations

import csv
import os
import pty
import select
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from tests.e2e.command import MBR, environment, mbr

EXPORTS = Path(__file__).parents[1] / "setup/clerk"

ANSWERS: dict[str, dict[str, object]] = {
    "": {"currency": "USD"},
    "QuickBooks invoices.csv": {
        "columns.service_period_start": {"period": "month_start"},
        "columns.charge_category": {"constant": "recurring"},
        "client.Cedar Point Marina, Inc.": "Cedar Point Marina",
        "client.Ironwood Engineering LLC": "Ironwood Engineering",
    },
    "SentinelOne sites.csv": {"columns.vendor_customer_id": "id"},
    "pax8 invoice items.csv": {"columns.invoice_id": {"period": "YYYY-MM"}},
}
"""What no export shows."""

BY_HAND = {
    ("pax8", "8804"): "Dogwood Veterinary",
    ("microsoft", "7c6d2b1a-2222-4a4a-8b8b-000000000001"): "Alder Dental Group",
    ("microsoft", "7c6d2b1a-2222-4a4a-8b8b-000000000002"): "Birch & Lowe Law",
    ("sentinelone", "901"): "Alder Dental Group",
    ("sentinelone", "902"): "Birch & Lowe Law",
    ("sentinelone", "905"): "Elm Street Accounting",
    ("microsoft", "3b555118-da6a-4418-894f-7df1e2096870"): "M365-BB",
    ("microsoft", "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"): "M365-BP",
    ("sentinelone", "Complete"): "EDR",
}
"""What the clerk types into the table where nothing is suggested; the rest is copied from `suggested`."""

IMPACTS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")


def findings(books: Path, period: str) -> set[tuple[object, ...]]:
    """Code, client, product, and the impacts above zero, of every published exception."""
    rows = pq.read_table(books / f"published/books/{period}/fct_exceptions.parquet").to_pylist()
    return {
        (
            *(row[name] for name in ("exception_code", "client_id", "product_code")),
            *((row[name], name) for name in IMPACTS if row[name]),
        )
        for row in rows
    }


def fill_in(table: Path) -> int:
    """Fill in the column accept as the clerk does in a spreadsheet; returns what had to be typed."""
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["accept"] = row["suggested"] or BY_HAND[row["source"], row["id"]]
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return sum(not row["suggested"] for row in rows)


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The books after the first month: 4 commands, and 2 lines in a rule file."""
    root = tmp_path_factory.mktemp("clerk")
    books, answers = root / "books", root / "answers.yml"
    start: list[str | Path] = [
        "setup",
        EXPORTS / "october",
        books,
        "--name",
        "Northwind IT",
        "--answers",
        answers,
    ]
    asked = mbr(*start)
    assert asked.returncode == 2 and "8 things to decide" in asked.stderr, asked.stderr
    answers.write_text(yaml.safe_dump(ANSWERS), encoding="utf-8")
    first = mbr(*start)
    assert first.returncode == 0, first.stderr
    assert "books 2026-10: 35 to map" in first.stdout
    assert "1,637.40 USD  SKU MST-BP of pax8, Monthly: Microsoft 365 Business Premium" in first.stdout
    [table] = books.glob("to-map-*.csv")
    assert fill_in(table) == len(BY_HAND)
    month: list[str | Path] = ["--workspace", books, "--msp", "books", "--period", "2026-10"]
    taken = mbr("map", "accept", *month, "--from", table)
    assert taken.returncode == 0, taken.stderr
    metering = books / "rules/books/metering.csv"
    metering.write_text(metering.read_text() + "SUPPORT,agreement\nEDR,entitled\n")
    second = mbr("run", *month)
    assert second.returncode == 0, second.stderr + second.stdout
    return books


def test_the_first_worklist_is_the_one_worked_out_by_hand(october: Path) -> None:
    assert findings(october, "2026-10") == {
        ("UNDERBILLED_QUANTITY", "Alder Dental Group", "M365-BP", (Decimal("22.00"), "client_recoverable")),
        ("UNDERBILLED_QUANTITY", "Kestrel Logistics", "M365-BP", (Decimal("22.71"), "client_recoverable")),
        ("AGREEMENT_NOT_INVOICED", "Larch Pharmacy", "M365-BP", (Decimal("66.00"), "client_recoverable")),
        (
            "INVOICE_PRICE_MISMATCH",
            "Ironwood Engineering",
            "M365-BP",
            (Decimal("40.00"), "client_recoverable"),
        ),
        ("UNDERBILLED_QUANTITY", "Granite Builders", "EDR", (Decimal("6.00"), "client_recoverable")),
        ("OVERBILLED_QUANTITY", "Foxglove Florists", "M365-BB", (Decimal("7.20"), "client_refund")),
        ("UNUSED_LICENSES", "Harbor View Hotel", "M365-BP", (Decimal("37.20"), "stranded")),
    }


def on_a_terminal(arguments: list[str | Path], answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run `mbr` on a terminal and type each answer at its question; returns exit code and output."""
    mine, its = pty.openpty()
    command = [str(MBR), *map(str, arguments)]
    # in a session of its own, so that it is not stopped as a job of the terminal the tests run on
    run = subprocess.Popen(
        command, env=environment(), stdin=its, stdout=its, stderr=its, start_new_session=True
    )
    os.close(its)
    said, seen, waiting = "", 0, list(answers)
    try:
        while select.select([mine], [], [], 200)[0]:
            try:
                said += os.read(mine, 65_536).decode(errors="replace")
            except OSError:  # it has closed the terminal
                break
            if waiting and said.endswith(": ") and said.find(waiting[0][0], seen) >= 0:
                seen = len(said)
                os.write(mine, f"{waiting.pop(0)[1]}\n".encode())
        assert not waiting, f"never asked: {waiting}\n{said}"
        return run.wait(timeout=200), said
    finally:
        run.kill()
        run.wait()
        os.close(mine)


@pytest.mark.skipif(sys.platform != "linux", reason="a terminal is made with Linux's pty")
def test_the_next_month_is_one_command_and_what_only_a_person_knows(october: Path) -> None:
    settings = (october / "mbr.yml").read_text()
    code, said = on_a_terminal(
        ["setup", EXPORTS / "november", october],
        [
            ("SentinelOne sites.csv: ", "1"),  # it was exported again, and nothing changed
            ("QuickBooks invoices.csv: ", "1"),  # Maple Yoga Studio, LLC
            ("customer 8813 of pax8", "1"),
            ("000000000013 of microsoft", "1"),
        ],
    )
    assert code == 0, said
    assert "6 new files landed for 2026-11" in said
    added = '                  "Maple Yoga Studio, LLC": Maple Yoga Studio\n'
    assert (october / "mbr.yml").read_text().replace(added, "") == settings
    assert findings(october, "2026-11") == {
        ("SOLD_BELOW_COST", "Juniper Travel", "M365-BB"),
        ("UNDERBILLED_QUANTITY", "Juniper Travel", "M365-BB", (Decimal("14.40"), "client_recoverable")),
        ("UNUSED_LICENSES", "Harbor View Hotel", "M365-BP", (Decimal("37.20"), "stranded")),
    }
    assert findings(october, "2026-10")  # as it was published
