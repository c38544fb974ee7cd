"""A month's end as people have it: run, close, a run that changes nothing, a late credit, opened again, run,
closed again; with another MSP in the same workspace that stays open.

Belongs here: the installed commands one after another, and their exit codes. Does not: each rule of closing
(tests/release).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.command import mbr
from tests.support.small import PERIOD, settings, write, write_msp

CREDIT = (
    "invoice_line_id,invoice_id,client_id,product_code,quantity,unit_price,amount,currency,"
    "service_period_start,service_period_end,charge_category\n"
    "L-2,I-1,C-1,SEAT,-1,5.00,-5.00,USD,2026-10-01,2026-11-01,one_time\n"
)
"""A credit note of 5.00 for nothing that is counted: 80.00 - 5.00 = 75.00 is to be invoiced."""


def test_a_month_is_closed_opened_for_a_late_credit_and_closed_again(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    write(root / "mbr.yml", settings(["acme", "birch"]))
    write_msp(root, "acme")
    write_msp(root, "birch")
    of_acme = ("--workspace", root, "--msp", "acme", "--period", PERIOD)

    def told(name: str, *arguments: str | Path, code: int = 0) -> Any:
        done = mbr(name, *arguments, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def next_step() -> tuple[str, int | None, str]:
        [row] = told("status", *of_acme)
        return row["state"], row["version"], row["next"]

    assert next_step() == ("open", None, f"run it: mbr run --period {PERIOD} --msp acme")
    told("run", *of_acme)
    assert next_step() == ("open", None, f"close it: mbr close --msp acme --period {PERIOD}")
    closed = told("close", *of_acme)
    assert (closed["version"], closed["totals"]) == (1, {"USD": "80.0000"})
    version = root / f"published/acme/{PERIOD}.versions/1"
    kept = {path.name: path.read_bytes() for path in version.iterdir()}

    write(root / f"landing/acme/{PERIOD}/psa/invoice_lines.late.csv", CREDIT)
    assert "psa/invoice_lines.late.csv" in next_step()[2]
    done = mbr("run", "--workspace", root, "--period", PERIOD, "--json")
    assert done.returncode == 4
    results = json.loads(done.stdout.splitlines()[-1])["results"]
    assert sorted((each["msp_id"], each["gate"]) for each in results) == [
        ("acme", "closed"),
        ("birch", "passed"),
    ]
    assert [line.split(" (")[0] for line in done.stderr.splitlines() if line.startswith("mbr: ")] == [
        f"mbr: acme {PERIOD} is closed"
    ]

    told("reopen", *of_acme, "--reason", "a late credit")
    # what is published stays version 1 until the next one is
    assert mbr("close", *of_acme).returncode == 3
    told("run", *of_acme)
    changes = [
        (row["change"], row["row_key"], row["old_value"], row["new_value"], row["amount_change"])
        for row in told("restatement", *of_acme)
        if (row["table_name"], row["column_name"]) == ("fct_invoice_lines_ready", "amount")
    ]
    assert changes == [("added", '["C-1", "psa", "I-1", "L-2"]', None, "-5.0000", "-5.0000")]
    closed = told("close", *of_acme)
    assert (closed["version"], closed["totals"]) == (2, {"USD": "75.0000"})
    assert {path.name: path.read_bytes() for path in version.iterdir()} == kept
    query = "select version, sum(amount)::int from fct_invoice_lines_ready_versions group by 1 order by 1"
    done = mbr("sql", query, "--workspace", root, "--format", "csv")
    assert done.stdout.splitlines()[1:] == ["1,80", "2,75"]
    exported = root / f"exports/acme/{PERIOD}/v2/csv"
    told("export", *of_acme, "--to", "csv")
    assert json.loads((exported / "manifest.json").read_text())["totals"]["USD"]["after"] == "75.00"
    told("evidence", *of_acme)
    pack = root / f"exports/acme/{PERIOD}/evidence-v2.zip"
    assert mbr("verify", "--workspace", root).returncode == 0
    assert mbr("verify", pack).returncode == 0
    [ready] = exported.glob("*.csv")
    ready.write_bytes(ready.read_bytes().replace(b"80", b"81"))
    done = mbr("verify", "--workspace", root)
    assert (done.returncode, ready.name in done.stdout + done.stderr) == (1, True)

    told("seal", *of_acme)
    assert mbr("reopen", *of_acme, "--reason", "once more").returncode == 4
    assert mbr("run", *of_acme).returncode == 4
