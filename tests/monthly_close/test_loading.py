"""Loading a month: what it leaves behind, takes back and refuses (contract §6, decisions 3 and 4 of
docs/development/architecture.md).

Belongs here: ``mbr_pipeline.monthly_close`` up to the raw tables, with real files. Does not: the steps
after it (``test_audited``).
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.monthly_close.months import hold, month_of
from tests.support.small import LANDED, changed, write, write_msp


def test_a_month_of_nobody_and_no_month_are_refused(root: Path) -> None:
    with pytest.raises(ConfigError, match="'cedar' is not in mbr.yml: use one of acme, birch$"):
        month_of(root, "cedar")
    with pytest.raises(ConfigError, match="2026-13"):
        month_of(root, "acme", "2026-13")
    assert month_of(root, "birch").msp.name == "birch"


def test_every_file_of_this_period_and_of_earlier_ones_that_carry_over_is_typed(root: Path) -> None:
    write(root / "landing/acme/2026-09/vendor/vendor_charges.csv", LANDED["vendor/vendor_charges.csv"])
    write(root / "landing/acme/2026-09/psa/clients.csv", LANDED["psa/clients.csv"])
    assert [file.landed.name for file in month_of(root).parse()] == [
        *(f"2026-10/psa/{name}.csv" for name in ("agreements", "clients", "invoice_lines", "products")),
        *(f"2026-10/vendor/{name}.csv" for name in ("license_counts", "vendor_charges", "vendor_invoices")),
        "2026-09/vendor/vendor_charges.csv",
    ]


def test_an_earlier_file_whose_typed_records_were_damaged_is_typed_anew_where_they_count(root: Path) -> None:
    heading, line = LANDED["vendor/vendor_charges.csv"].splitlines()
    year = line.replace("1,V-1", "2,V-1").replace("2026-10-01,2026-11-01", "2026-09-01,2027-09-01")
    write(root / "landing/acme/2026-09/vendor/vendor_charges.csv", f"{heading}\n{year}\n")
    *_, earlier = month_of(root).parse()
    assert earlier.landed.period == "2026-09"
    earlier.rows_path.write_bytes(b"torn")
    loaded = {d.dataset: d.rows for d in month_of(root).load()}
    assert loaded["vendor_charges"] == 2
    assert earlier.rows_path.read_bytes() != b"torn"


def test_loading_builds_every_raw_table_and_says_what_of(root: Path) -> None:
    line = (
        LANDED["psa/invoice_lines.csv"]
        .splitlines()[1]
        .replace("L-1", "L-0")
        .replace("2026-10-01", "2026-09-01")
    )
    write(
        root / "landing/acme/2026-09/psa/invoice_lines.csv",
        LANDED["psa/invoice_lines.csv"].splitlines()[0] + "\n" + line + "\n",
    )
    month = month_of(root)
    loaded = month.load()
    assert [(d.dataset, d.rows, d.landed) for d in loaded] == [
        (name, 2 if name == "invoice_lines" else 1, 1) for name in DATASETS
    ]
    assert month.paths.loaded_inputs.read_text(encoding="utf-8") == month.inputs_hash
    with duckdb.connect(str(month.paths.warehouse_file), read_only=True) as connection:
        assert connection.execute("select msp_id, period from raw.run").fetchall() == [("acme", "2026-10")]
        assert connection.execute("select count(*) from raw.sku_map").fetchone() == (1,)
        # the controls are those of the period: the file landed for September adds none and no file
        query = (
            "select scope from raw.load_controls where dataset = 'invoice_lines' and control ="
            " 'SOURCE_MISSING'"
        )
        assert connection.execute(query).fetchall() == [("1 files",)]


def test_the_manifest_tells_of_every_file_what_was_read(root: Path) -> None:
    write_msp(
        root,
        "acme",
        changed(
            "psa/clients.csv", "client_id,client_name\nC-1,Alder & Sons", "client_id,client_name,note\nC-1,,x"
        ),
    )
    month = month_of(root)
    month.load()
    manifest = {
        file["path"]: file
        for file in json.loads((month.paths.folder / "files.json").read_text(encoding="utf-8"))
    }
    clients = root / "landing/acme/2026-10/psa/clients.csv"
    assert manifest["2026-10/psa/clients.csv"] == {
        "path": "2026-10/psa/clients.csv",
        "sha256": sha256_of(clients),
        "bytes": clients.stat().st_size,
        "rows": 1,
        "rejected": 1,
        "totals": {},
        "extra_columns": ["note"],
        "warnings": [],
        "drift": False,
    }
    assert manifest["2026-10/vendor/vendor_charges.csv"]["totals"] == {"USD": "50.000000000000"}
    assert len(manifest) == 7


def test_loading_again_takes_back_certificate_and_marts(built: MonthlyClose) -> None:
    built.audit(hold)
    assert built.paths.certificate.exists()
    stale = built.paths.warehouse_file.with_name("month.duckdb.wal")
    stale.write_bytes(b"left over by a killed run")
    month_of(built.paths.workspace.root).load()
    assert not built.paths.certificate.exists()
    assert not stale.exists()
    with duckdb.connect(str(built.paths.warehouse_file), read_only=True) as connection:
        assert connection.execute("select distinct schema_name from duckdb_tables()").fetchall() == [("raw",)]


def test_a_load_that_fails_leaves_nothing_that_passes_for_loaded(built: MonthlyClose) -> None:
    rules = built.paths.workspace.root / "rules/acme/sku_map.csv"
    rules.write_text(rules.read_text(encoding="utf-8") + "vendor,SKU-1,OTHER\n", encoding="utf-8")
    before = built.paths.loaded_inputs.read_text(encoding="utf-8")
    with pytest.raises(ConfigError):
        month_of(built.paths.workspace.root).load()
    assert built.paths.loaded_inputs.read_text(encoding="utf-8") == before, "nothing was begun"

    write_msp(built.paths.workspace.root, "acme")
    month = month_of(built.paths.workspace.root)
    month.paths.warehouse_file.unlink()
    month.paths.warehouse_file.mkdir()
    with pytest.raises(OSError, match="month.duckdb"):
        month.load()
    assert not month.paths.loaded_inputs.exists()
