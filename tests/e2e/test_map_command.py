"""`mbr map` in a clerk's hands: list what is unmapped, accept, run again, and it is gone.

Belongs here: the command on a month that was really run. Does not: what is suggested
(tests/unit/mapping_help, bench/mapping), every way a row can be refused (tests/mapping_help/test_accept.py).
"""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.command import MBR, environment, mbr
from tests.support.launching import Launcher, bytes_below, rows
from tests.support.small import LANDED, PERIOD, RULES, settings, write, write_msp

# beside the right month of tests.support.small: a customer of 4 seats and 32.00 without a row, and a SKU of
# 3.00 without one
CHARGES = (
    "line_id,invoice_id,vendor_customer_id,vendor_customer_name,sku_id,sku_name,charge_category,quantity,unit_cost,amount,currency,charge_period_start,charge_period_end\n1,V-1,T-1,Alder"
    " & Sons,SKU-1,A seat,recurring,10,5.00,50.00,USD,2026-10-01,2026-11-01\n2,V-1,T-2,BRIGHTWELL LETTINGS"
    " LIMITED,SKU-1,A seat,recurring,4,5.00,20.00,USD,2026-10-01,2026-11-01\n3,V-1,T-1,Alder &"
    " Sons,SKU-9,Cyber Protect Server (New Commerce),recurring,1,3.00,3.00,USD,2026-10-01,2026-11-01\n"
)
LANDED_TOO = {
    "vendor/vendor_charges.csv": CHARGES,
    "vendor/vendor_invoices.csv": (
        "invoice_id,invoice_date,currency,invoice_total\nV-1,2026-10-31,USD,73.00\n"
    ),
    "psa/clients.csv": (
        "client_id,client_name\nC-1,Alder & Sons\nC-2,Brightwell Lettings Ltd\nC-3,Brightwell Catering\n"
    ),
    "psa/products.csv": (
        LANDED["psa/products.csv"]
        + "BK-S,Cyber Protect Server,6.00,USD\nBK-W,Cyber Protect Workstation,4.00,USD\n"
    ),
    "psa/agreements.csv": (
        LANDED["psa/agreements.csv"]
        + "B-1,B,C-2,SEAT,4,8.00,USD,2026-01-01,\nA-2,A,C-1,BK-S,1,6.00,USD,2026-01-01,\n"
    ),
    "psa/invoice_lines.csv": (
        LANDED["psa/invoice_lines.csv"]
        + "L-2,I-2,C-2,SEAT,4,8.00,32.00,USD,2026-10-01,2026-11-01,B-1\n"
        + "L-3,I-1,C-1,BK-S,1,6.00,6.00,USD,2026-10-01,2026-11-01,A-2\n"
    ),
}


def _codes(root: Path) -> list[str]:
    return sorted(
        row["exception_code"] for row in rows(root / f"published/acme/{PERIOD}/fct_exceptions.parquet")
    )


def _suggested(root: Path) -> list[dict[str, Any]]:
    done = mbr("map", "suggest", "--workspace", root, "--period", PERIOD, "--msp", "acme", "--json")
    assert done.returncode == 0, done.stderr
    [acme] = json.loads(done.stdout)["msps"]
    found: list[dict[str, Any]] = acme["to_map"]
    return found


def _printed_commands(root: Path) -> list[list[str]]:
    done = mbr("map", "suggest", "--workspace", root, "--period", PERIOD)
    assert done.returncode == 0, done.stderr
    return [shlex.split(line) for line in done.stdout.splitlines() if " map accept " in line]


def test_unmapped_is_suggested_accepted_run_again_and_gone(
    tmp_path: Path, launcher_of: Callable[[Path], Launcher]
) -> None:
    root = tmp_path / "a workspace"
    write(root / "mbr.yml", settings(["acme"]))
    write_msp(root, "acme", LANDED_TOO)
    launcher = launcher_of(root)
    assert launcher.close_month("acme", PERIOD)
    assert [code for code in _codes(root) if code.startswith("UNMAPPED")] == [
        "UNMAPPED_CUSTOMER",
        "UNMAPPED_PRODUCT",  # BK-S is invoiced, and no row names it
        "UNMAPPED_SKU",
    ]
    before = bytes_below(root / "rules") | bytes_below(root / "published")

    customer, sku = _suggested(root)
    assert (customer["kind"], customer["id"], customer["priced_at_cost"]) == (
        "customer",
        "T-2",
        {"USD": "20.00"},
    )
    assert [s["id"] for s in customer["suggestions"]] == ["C-2"]
    assert (sku["kind"], sku["id"], sku["priced_at_cost"]) == ("sku", "SKU-9", {"USD": "3.00"})
    assert [s["id"] for s in sku["suggestions"]] == ["BK-S"]
    commands = _printed_commands(root)
    assert bytes_below(root / "rules") | bytes_below(root / "published") == before, "asking changes nothing"

    for command in commands:
        assert command[0] == str(MBR)
        done = subprocess.run(
            command, env=environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert "Run again: " in done.stdout
    assert (root / "rules/acme/client_map.csv").read_text(
        encoding="utf-8"
    ) == "source,vendor_customer_id,client_id,valid_from\nvendor,T-1,C-1\nvendor,T-2,C-2,2026-10-01\n"
    assert (root / "rules/acme/sku_map.csv").read_text(
        encoding="utf-8"
    ) == "source,sku_id,product_code,valid_from\nvendor,SKU-1,SEAT\nvendor,SKU-9,BK-S,2026-10-01\n"
    assert _suggested(root) == []

    assert launcher.close_month("acme", PERIOD)
    assert _codes(root) == []

    accepted = (root / "rules/acme/client_map.csv").read_bytes()
    again = subprocess.run(
        commands[0], env=environment(), capture_output=True, text=True, check=False, timeout=120
    )
    # what stands already is no error: a command that was cut off can be repeated
    assert (again.returncode, again.stderr) == (0, "")
    assert (root / "rules/acme/client_map.csv").read_bytes() == accepted


def test_a_first_month_without_any_row_is_mapped_by_one_table(
    tmp_path: Path, launcher_of: Callable[[Path], Launcher]
) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme", LANDED_TOO, {"client_map.csv": None, "sku_map.csv": None})
    launcher = launcher_of(tmp_path)
    launcher.close_month("acme", PERIOD)
    table = tmp_path / "to map.csv"
    done = mbr("map", "suggest", "--workspace", tmp_path, "--period", PERIOD, "--csv", table)
    assert (done.returncode, done.stderr) == (0, "")
    with table.open(encoding="utf-8-sig", newline="") as handle:
        found = list(csv.DictReader(handle))
    assert [(row["kind"], row["id"], row["money"], row["suggested"], row["accept"]) for row in found] == [
        ("sku", "SKU-1", "70.00", "SEAT", ""),
        ("customer", "T-1", "53.00", "C-1", ""),
        ("customer", "T-2", "20.00", "C-2", ""),
        ("sku", "SKU-9", "3.00", "BK-S", ""),
    ]
    with table.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(found[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(row | {"accept": row["suggested"]} for row in found)
    taking = ("map", "accept", "--workspace", tmp_path, "--msp", "acme", "--period", PERIOD, "--from", table)
    done = mbr(*taking)
    assert (done.returncode, done.stderr) == (0, "")
    assert launcher.close_month("acme", PERIOD)
    assert _codes(tmp_path) == []
    before = bytes_below(tmp_path / "rules")
    assert mbr(*taking).returncode == 0
    table.write_text(table.read_text(encoding="utf-8").replace(";C-2;", ";C-7;"), encoding="utf-8")
    done = mbr(*taking)
    assert done.returncode == 2
    first, last = done.stderr.splitlines()
    assert "line 4, accept “C-7”: client 'C-7' is not in the PSA" in first
    assert "nothing was written" in last
    assert bytes_below(tmp_path / "rules") == before


def test_nothing_is_known_of_a_month_that_was_never_run(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme", "beta"]))
    write_msp(tmp_path, "acme")
    before = bytes_below(tmp_path)
    for arguments in (
        ("suggest",),
        ("suggest", "--msp", "acme"),
        ("accept", "--msp", "acme", "customer", "vendor", "T-2", "C-1"),
    ):
        done = mbr("map", *arguments[:1], "--workspace", tmp_path, "--period", PERIOD, *arguments[1:])
        assert (done.returncode, done.stdout) == (1, "")
        [line] = done.stderr.splitlines()
        assert f"mbr run --period {PERIOD}" in line
    assert {
        name: content for name, content in bytes_below(tmp_path).items() if not name.endswith(".lock")
    } == before
    assert RULES["client_map.csv"] == (tmp_path / "rules/acme/client_map.csv").read_text(encoding="utf-8")


def test_a_wrong_argument_is_exit_2_and_one_line(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    for arguments, word in [
        (("suggest", "--period", "2026-13"), "2026-13"),
        (("suggest", "--period", PERIOD, "--msp", "nobody"), "nobody"),
        (("accept", "--period", PERIOD, "--msp", "nobody", "customer", "vendor", "T", "C"), "nobody"),
    ]:
        done = mbr("map", arguments[0], "--workspace", tmp_path, *arguments[1:])
        assert (done.returncode, done.stdout) == (2, "")
        [line] = done.stderr.splitlines()
        assert word in line
