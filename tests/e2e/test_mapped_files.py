"""A month whose bill is a German export, read by a profile: the same publication as that of the canonical
files.

Belongs here: the connector ``mapped`` from mbr.yml to published tables and to a closed gate. Does not: how a
cell is read (tests/connectors).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.launching import Launcher, published_rows, rows
from tests.support.small import LANDED, settings, write, write_msp

MONTH = "northwind/2026-09"
_STYLE = {"encoding": "cp1252", "delimiter": ";", "dates": "DD.MM.YYYY", "decimals": ",", "thousands": "."}
_GERMAN = {
    "line_id": "Pos",
    "invoice_id": "Rechnungsnr",
    "vendor_customer_id": "Kundennr",
    "vendor_customer_name": "Kunde",
    "sku_id": "Artikelnr",
    "sku_name": "Artikel",
    "subscription_id": "Vertrag",
    "charge_category": "Art",
    "charge_type": "Vorgang",
    "term": "Laufzeit",
    "quantity": "Menge",
    "unit_cost": "Preis",
    "amount": "Betrag",
    "currency": "Währung",
    "charge_period_start": "von",
    "charge_period_end": "bis",
    "invoice_date": "Datum",
    "invoice_total": "Summe",
    "as_of_date": "Stichtag",
    "entitled_quantity": "Lizenzen",
    "assigned_quantity": "vergeben",
}
_ART = {
    "recurring": "Lizenz",
    "usage": "Verbrauch",
    "one_time": "Einmalig",
    "credit": "Gutschrift",
    "tax": "MwSt",
    "adjustment": "Korrektur",
}
_NUMBERS = {"quantity", "unit_cost", "amount", "invoice_total", "entitled_quantity", "assigned_quantity"}
_DATES = {"charge_period_start", "charge_period_end", "invoice_date", "as_of_date"}


def _german(column: str, text: str) -> str:
    """A canonical value as a German portal would write it: last days, decimal commas, thousands with a
    point.
    """
    if not text:
        return ""
    if column == "charge_category":
        return _ART[text]
    if column in _DATES:
        return (date.fromisoformat(text) - timedelta(days=column == "charge_period_end")).strftime("%d.%m.%Y")
    if column in _NUMBERS:
        whole, _, rest = text.partition(".")
        return f"{int(whole):,}".replace(",", ".") + (f",{rest}" if rest else "")
    return text


def _rewrite(path: Path) -> list[str]:
    """Turn a canonical CSV into a German one, record by record; returns its canonical columns."""
    records = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([_GERMAN[column] for column in records[0]])
    for cells in records[1:]:
        writer.writerow([_german(column, text) for column, text in zip(records[0], cells, strict=True)])
    path.write_bytes(buffer.getvalue().encode("cp1252"))
    return records[0]


def _profile(columns: list[str]) -> dict[str, Any]:
    words: dict[str, Any] = {column: _GERMAN[column] for column in columns}
    if "charge_category" in words:
        words["charge_category"] = {
            "heading": "Art",
            "values": {german: canonical for canonical, german in _ART.items()},
        }
        words["charge_period_end"] = {"heading": "bis", "take": "day_after"}
    return _STYLE | {"columns": words}


def test_a_month_with_german_files_publishes_what_the_canonical_ones_do(
    demo: Path, launcher_of: Callable[[Path], Launcher]
) -> None:
    before, sources = _published(demo)
    assert len(before) > 10
    profiles = {}
    for path in sorted((demo / "landing/northwind").glob("*/pax8/*.csv")):
        profiles[path.name.removesuffix(".csv")] = _profile(_rewrite(path))
    source = {"datasets": list(profiles), "connector": "mapped", "settings": profiles}
    text = (demo / "mbr.yml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.strip().startswith("pax8:"))
    (demo / "mbr.yml").write_text(text.replace(line, f"      pax8: {json.dumps(source)}"), encoding="utf-8")
    inputs = _inputs(demo)

    assert launcher_of(demo).close_month("northwind", "2026-09")

    # but for the table that says which connector read a source
    assert _published(demo) == (
        before,
        [{**row, "connector": "mapped"} if row["source"] == "pax8" else row for row in sources],
    )
    changed = {name for name, digest in _inputs(demo).items() if inputs[name] != digest}
    # counts of August count in August only (contract §4)
    assert changed == {f"2026-09/pax8/{name}.csv" for name in profiles} | {
        f"2026-08/pax8/{name}.csv" for name in ("vendor_charges", "vendor_invoices")
    }


def _published(root: Path) -> tuple[dict[str, str], list[Any]]:
    sources = f"{MONTH}/dim_source.parquet"
    tables = {
        name: found
        for name, found in published_rows(root).items()
        if name.startswith(MONTH) and name != sources
    }
    return tables, rows(root / "published" / sources)


def _inputs(root: Path) -> dict[str, str]:
    document = json.loads((root / "reports" / MONTH / "gate.json").read_text(encoding="utf-8"))
    return {file["path"]: file["sha256"] for file in document["inputs"]}


def _closed(root: Path, bill: str, transformer: Transformer) -> dict[str, Any]:
    """Close the small month, whose bill is this text and read by a profile."""
    words = {name: name for name in LANDED["vendor/vendor_charges.csv"].splitlines()[0].split(",")}
    words["charge_category"] = {"heading": "charge_category", "values": {"abo": "recurring"}}  # type: ignore[assignment]
    own = {
        "datasets": ["vendor_charges"],
        "connector": "mapped",
        "settings": {"vendor_charges": {"delimiter": ";", "columns": words}},
    }
    document = yaml.safe_load(settings(["acme"]))
    document["msps"]["acme"]["sources"]["vendor"] = own
    write(root / "mbr.yml", json.dumps(document))
    write_msp(
        root,
        "acme",
        {
            "vendor/vendor_charges.csv": bill,
            "vendor/vendor_invoices.csv": None,
            "vendor/license_counts.csv": None,
        },
    )
    month = MonthlyClose.of(WorkspacePaths(root), "acme", "2026-10")
    month.load()
    assert all(node.succeeded for node in month.transform(transformer))
    found: dict[str, Any] = month.audit()
    return found


_BILL = LANDED["vendor/vendor_charges.csv"].replace(",", ";").replace("recurring", "abo")


def test_the_small_month_passes_by_a_profile(tmp_path: Path, transformer: Transformer) -> None:
    assert (_closed(tmp_path, _BILL, transformer)["gate"], _BILL.count(";")) == ("passed", 20)


def test_a_heading_that_a_profile_names_and_a_new_export_lacks_is_schema_drift(
    tmp_path: Path, transformer: Transformer
) -> None:
    document = _closed(tmp_path, _BILL.replace("unit_cost", "unit_price"), transformer)
    assert "SCHEMA_DRIFT" in document["reasons"]
    (control,) = [control for control in document["controls"] if control["code"] == "SCHEMA_DRIFT"]
    assert (
        "vendor_charges.csv: has no column 'unit_cost' (for unit_cost); correct the file"
        in control["message"]
    )


def test_a_charge_type_without_a_meaning_is_a_rejected_row_that_names_it(
    tmp_path: Path, transformer: Transformer
) -> None:
    document = _closed(
        tmp_path,
        _BILL + _BILL.splitlines()[1].replace("abo", "miete").replace("1;V", "2;V", 1) + "\n",
        transformer,
    )
    assert document["reasons"] == ["ROW_REJECTED"]
    (row,) = document["rejected_rows"]
    assert (row["file"], row["line"], row["column"], row["value"]) == (
        "2026-10/vendor/vendor_charges.csv",
        3,
        "charge_category",
        "miete",
    )
