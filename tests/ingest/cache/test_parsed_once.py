"""Equal bytes are parsed once, whoever asks, and what a killed run left is no part of it.

Belongs here: keeping and finding what was parsed. Does not: what comes out (``test_parse``).
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest import parse as parsing
from mbr_pipeline.ingest.parse import parse
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.ingest.parsing import Parse, read_rows


def test_the_same_bytes_are_parsed_once_and_other_bytes_anew(parsed: Parse, tmp_path: Path) -> None:
    first = parsed("clients", "client_id,client_name\nC,One\n")
    made = first.rows_path.stat().st_mtime_ns
    assert parsed("clients", "client_id,client_name\nC,One\n").rows_path.stat().st_mtime_ns == made
    assert parsed("clients", "client_id,client_name\nC,Two\n").folder != first.folder
    assert [p.name for p in (tmp_path / "cache").iterdir() if p.name.startswith(".")] == []


def test_what_was_parsed_is_not_read_again(parsed: Parse, tmp_path: Path) -> None:
    first = parsed("clients", "client_id,client_name\nC,One\n")
    aside = first.landed.path.rename(tmp_path / "aside")
    assert parse(first.landed, tmp_path / "cache", tmp_path / "tmp") == first
    with pytest.raises(MbrError, match="clients.csv was there and is gone: run again"):
        parse(first.landed, tmp_path / "another cache", tmp_path / "tmp")
    aside.rename(first.landed.path)
    # the same bytes as another dataset, or read in another way, are another file
    for other in (replace(first.landed, dataset="products"), replace(first.landed, connector="focus")):
        assert parse(other, tmp_path / "cache", tmp_path / "tmp").folder != first.folder


def test_equal_bytes_in_another_month_are_read_anew_where_the_month_is_part_of_what_they_say(
    parsed: Parse, tmp_path: Path
) -> None:
    columns = {
        "vendor_customer_id": {"file_name": "*"},
        "sku_id": "SKU",
        "as_of_date": {"period": "last_day"},
        "entitled_quantity": "Seats",
    }
    found = []
    for month, name in (("2026-10", "A"), ("2026-11", "A"), ("2026-11", "B")):
        path = tmp_path / month / "portal" / f"license_counts.{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("SKU,Seats\nS,5\n", encoding="utf-8")
        first = parsed("license_counts", "")
        landed = replace(
            first.landed,
            source="portal",
            path=path,
            period=month,
            connector="mapped",
            sha256=sha256_of(path),
            settings=json.dumps({"license_counts": {"columns": columns}}),
        )
        (row,) = read_rows(parse(landed, tmp_path / "cache", tmp_path / "tmp"))
        found.append((row["vendor_customer_id"], str(row["as_of_date"])))
    assert found == [("A", "2026-10-31"), ("A", "2026-11-30"), ("B", "2026-11-30")]


def test_what_a_killed_run_left_half_parsed_is_no_part_of_it(parsed: Parse, tmp_path: Path) -> None:
    file = parsed("clients", "client_id,client_name\nC,One\n")
    shutil.rmtree(file.folder)
    half = file.folder.with_name(f".{file.folder.name}.{os.getpid()}.{threading.get_ident()}")
    half.mkdir()
    (half / "left.over").write_bytes(b"x")
    parse(file.landed, tmp_path / "cache", tmp_path / "tmp")
    assert sorted(path.name for path in file.folder.iterdir()) == [
        "facts.json",
        "rejects.parquet",
        "rows.parquet",
    ]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [file.folder.name]


def test_of_two_runs_that_parse_the_same_bytes_one_is_kept_and_the_other_cleaned_up(
    parsed: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = parsing._build

    def overtaken(*arguments: Any) -> Any:
        # another process begins later and is faster
        with monkeypatch.context() as other:
            other.setattr(parsing, "_build", build)
            other.setattr(os, "getpid", lambda: 1)
            parsed("clients", "client_id,client_name\nC,One\n")
        return build(*arguments)

    monkeypatch.setattr(parsing, "_build", overtaken)
    file = parsed("clients", "client_id,client_name\nC,One\n")
    assert [row["client_id"] for row in read_rows(file)] == ["C"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [file.folder.name]
