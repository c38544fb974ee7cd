"""`mbr verify --recompute`: equal months, tampered ones, blocked ones, and what is refused.

Belongs here: the command as a user has it. What the second engine makes of a month is ``tests/recompute``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.cli import main
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.recompute.verify import TABLES
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.command import mbr
from tests.support.small import LANDED, PERIOD, changed, settings, write, write_msp
from tests.worlds.compare import run_month


def close(root: Path, transformer: Transformer, **landed: str | None) -> Path:
    """Run the month of the small MSP: its tables are published, or kept as blocked."""
    write(root / "mbr.yml", settings(["acme"]))
    write_msp(root, "acme", landed)
    _, document = run_month(root, "acme", PERIOD, transformer)
    if document["gate"] == "passed":
        MonthlyClose.of(WorkspacePaths(root), "acme", PERIOD).publish()
    return root


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, transformer: Transformer) -> Path:
    """A month with a row in every compared table: a client that passes, one on hold, one seat too few agreed.

    Never changed: tests copy it.
    """
    lines = LANDED["psa/invoice_lines.csv"] + (
        "L-2,I-2,C-2,SEAT,4,8.00,32.00,USD,2026-10-01,2026-11-01,A-2\n"
    )
    return close(
        tmp_path_factory.mktemp("verify") / "ws",
        transformer,
        **{
            "psa/clients.csv": LANDED["psa/clients.csv"] + "C-2,Birch\n",
            "psa/agreements.csv": LANDED["psa/agreements.csv"].replace("SEAT,10", "SEAT,9")
            + "A-2,A,C-2,SEAT,4,8.00,USD,2026-01-01,\n",
            "psa/invoice_lines.csv": lines,
        },
    )


@pytest.fixture
def workspace(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "ws"))


def command(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code and what is printed on both streams, in this process: a process of its own takes seconds."""
    out, err = StringIO(), StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        patch.setattr("sys.argv", ["mbr", "verify", *map(str, arguments)])
        main()
        raise SystemExit(0)
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def verify(root: Path, *more: str) -> tuple[int, str, str]:
    return command("--recompute", "--msp", "acme", "--period", PERIOD, "--workspace", root, *more)


def tamper(root: Path, table: str, column: str, change: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Change one value of a published table's first row; returns it before and after."""
    path = root / "published" / "acme" / PERIOD / f"{table}.parquet"
    content = pq.read_table(path)
    at = content.column_names.index(column)
    values = content.column(column).to_pylist()
    before, values[0] = values[0], change(values[0])
    path.unlink()  # a copy of a hard link: never the fixture's bytes
    pq.write_table(
        content.set_column(at, content.schema.field(at), pa.array(values, content.schema.field(at).type)),
        path,
    )
    return before, values[0]


def test_an_equal_month_says_what_was_compared(workspace: Path) -> None:
    done = mbr("verify", "--recompute", "--msp", "acme", "--period", PERIOD, "--workspace", workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    lines, told = done.stdout.splitlines(), done.stderr
    assert lines[0] == f"acme {PERIOD}: published tables against the second engine"
    compared = {line.split()[0]: line for line in lines[1:] if line.endswith("figures: equal")}
    # nothing is decided in it: worlds with decisions are tests/worlds/test_decided.py
    assert set(compared) == set(TABLES) - {"fct_decisions"}, "a table with no row shows nothing"
    assert "  dim_client               not compared: the second engine does not make it" in lines
    assert lines[-1].endswith("rows are equal") and "figures in" in lines[-1]
    assert f"acme {PERIOD}: reconciling …" in told.splitlines()


@pytest.mark.parametrize(
    ("table", "column", "change"),
    [
        ("fct_reconciliation", "expected_amount", lambda value: value + Decimal("0.01")),
        ("fct_exceptions", "blocking", lambda value: not value),
        ("fct_variance_bridge", "classified_variance", lambda value: value - Decimal("0.01")),
        ("fct_line_dispositions", "disposition", lambda value: "excluded"),
        ("fct_client_gate", "verdict", lambda value: "PASS_WITH_WAIVER"),
        ("fct_invoice_lines_ready", "unit_price", lambda value: value + Decimal("0.0000000001")),
        ("fct_psa_changes", "effective_date", lambda value: date(2026, 12, 1)),
        ("fct_control_totals", "actual", lambda value: value + 1),
    ],
)
def test_one_tampered_value_is_named_with_its_row_and_both_sides(
    workspace: Path, table: str, column: str, change: Callable[[Any], Any]
) -> None:
    before, after = tamper(workspace, table, column, change)
    code, printed, told = verify(workspace)
    assert code == 1
    [line] = [line for line in printed.splitlines() if line.startswith("≠ ")]
    first = TABLES[table].key[2]
    assert line.startswith(f"≠ {table} {first}=")
    assert f": {column} " in line and ", recomputed " in line and line.count(f" {column} ") == 1
    assert told.splitlines()[-1].startswith(f"mbr: acme {PERIOD}: 1 row of ")

    code, printed, _ = verify(workspace, "--json")
    assert code == 1
    document = json.loads(printed.splitlines()[-1])
    assert document["equal"] is False and document["compared"][table]["differing_rows"] == 1
    [difference] = document["differences"]
    assert difference["table"] == table and first in difference["key"]
    sides = difference["columns"][column]
    if isinstance(before, Decimal):
        assert (Decimal(sides["published"]), Decimal(sides["recomputed"])) == (after, before)
    else:
        same = [value if isinstance(value, str | bool) else str(value) for value in (after, before)]
        assert [sides["published"], sides["recomputed"]] == same


def test_evidence_is_compared_as_a_set(workspace: Path) -> None:
    before, _ = tamper(workspace, "fct_exceptions", "evidence", lambda value: value[::-1])
    assert len(before) > 1
    assert verify(workspace)[0] == 0
    tamper(workspace, "fct_exceptions", "evidence", lambda value: value[1:])
    code, printed, _ = verify(workspace)
    assert code == 1 and ": evidence " in printed


def test_a_row_that_is_gone_and_a_table_that_is_gone_are_told(workspace: Path) -> None:
    folder = workspace / "published" / "acme" / PERIOD
    path = folder / "fct_line_dispositions.parquet"
    content = pq.read_table(path)
    path.unlink()
    pq.write_table(content.slice(1), path)
    code, printed, _ = verify(workspace)
    assert code == 1 and "not published, recomputed has amount=" in printed
    for gone in folder.glob("*.parquet"):
        gone.unlink() if gone.name != "dim_sku.parquet" else None
    code, printed, told = verify(workspace)
    assert code == 1 and "not compared: its file is not there" in printed
    assert "tables are missing: fct_reconciliation, " in told.splitlines()[-1]


def test_landed_files_that_changed_since_are_told_before_any_difference(workspace: Path) -> None:
    write_msp(
        workspace, "acme", changed("vendor/vendor_charges.csv", "recurring,10,5.00", "recurring,10,6.00")
    )
    code, printed, told = verify(workspace)
    assert code == 1
    assert told.splitlines()[0].startswith(
        f"acme {PERIOD}: landed files, rules, settings or decisions changed since these tables were made"
    )
    assert json.loads(verify(workspace, "--json")[1])["notice"].startswith("landed files, rules")


def test_a_damaged_table_is_one_line_that_names_it(workspace: Path) -> None:
    table = workspace / "published" / "acme" / PERIOD / "fct_exceptions.parquet"
    kept = table.resolve()
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes()[:-20])
    code, printed, told = verify(workspace)
    assert (code, printed) == (1, "")
    assert told.splitlines()[-1].startswith(
        f"mbr: acme {PERIOD}: nothing can be compared: {table}: the table is damaged"
    )


def test_a_blocked_month_is_compared_as_it_was_kept(tmp_path: Path, transformer: Transformer) -> None:
    close(tmp_path, transformer, **changed("vendor/vendor_invoices.csv", "50.00", "60.00"))
    code, printed, told = verify(tmp_path)
    assert code == 0, printed + told
    lines = printed.splitlines()
    assert lines[0] == f"acme {PERIOD}: blocked tables against the second engine"
    assert "  fct_psa_changes          not compared: it is kept back while the month is blocked" in lines


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--recompute", "--msp", "acme", "--period", "2026-09"), "has no tables: `mbr run --period 2026-09"),
        (("--recompute", "--msp", "acme", "--period", "October"), "is not a month"),
        (("--recompute", "--msp", "other", "--period", PERIOD), "is not in mbr.yml"),
        (("--period", PERIOD), "--period goes with --msp"),
        (("--recompute", "--period", PERIOD), "say --msp ID"),
    ],
)
def test_what_cannot_be_verified_is_refused_in_one_line(
    workspace: Path, arguments: tuple[str, ...], told: str
) -> None:
    code, printed, errors = command(*arguments, "--workspace", workspace)
    assert (code, printed) == (2, "")
    [line] = errors.splitlines()
    assert line.startswith("mbr: ") and told in line


def test_names_of_other_people_cannot_drive_the_terminal(tmp_path: Path, transformer: Transformer) -> None:
    hostile = {
        **changed("psa/invoice_lines.csv", "L-1,", "L\x1b]0;owned\x07,"),
        **changed("vendor/vendor_charges.csv", "recurring,10,5.00,50.00", "recurring,11,5.00,50.00"),
    }
    root = close(tmp_path / "hostile", transformer, **hostile)
    tamper(root, "fct_line_dispositions", "disposition", lambda value: "excluded")
    code, printed, _ = verify(root)
    assert code == 1 and "owned" in printed and printed.replace("\n", "").isprintable()
