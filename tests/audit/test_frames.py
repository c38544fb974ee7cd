"""The audit's frames: every violation in the candidate tables or the warehouse is a count in one of them
(contract §6.1).

Belongs here: ``mbr_pipeline.audit.frames`` on marts written by hand, every count worked out there. Does
not: ready lines (``test_ready_frames``), what the suites make of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.raw import CONTROLS
from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.audit.frames import frames
from mbr_pipeline.storage.warehouse import connected
from tests.audit.looking import Look
from tests.support.handmade_marts import Rows, write_marts


def _tables(look: Look, changes: Mapping[str, Rows]) -> dict[str, Any]:
    [row] = look(changes)["tables"]
    return row


def test_a_sound_month_has_no_violation_in_any_frame(look: Look) -> None:
    found = look()
    assert found["datasets"] == [
        {"source_number": 1, "dataset": "invoice_lines", "files": 2, "drifted_files": 0, "rejected_rows": 0},
        {"source_number": 2, "dataset": "vendor_charges", "files": 1, "drifted_files": 0, "rejected_rows": 0},
    ]
    assert found["controls"] == [dict.fromkeys(CONTROLS, 0)]
    assert sorted(row["violations"] for row in found["facts"]) == [0] * 8
    # eight facts, of which one is there for both legs
    assert len({row["fact"] for row in found["facts"]}) == 7
    assert found["tables"] == [
        {
            "control_rows": 1,
            "client_rows": 3,
            "disposition_rows": 1,
            "rows_lost_in_candidate": 0,
            "floating_point_columns": 0,
            "keys_repeated": 0,
            "clean_keys_with_variance": 0,
            "conservation_failures": 0,
        }
    ]
    assert found["ready"] == [
        dict.fromkeys(
            (
                "lines_missing",
                "lines_of_held_clients",
                "lines_of_unknown_clients",
                "lines_repeated",
                "lines_without_money",
                "lines_finer_than_minor_unit",
                "sums_not_of_landed_and_approved",
            ),
            0,
        )
    ]


def test_frames_hold_whole_numbers_and_names_of_our_own_only(tmp_path: Path) -> None:
    with connected(None, tmp_path / "tmp") as connection:
        write_marts(connection)
        tables = frames(
            connection, write_candidate(connection, tmp_path / "candidate"), tmp_path / "candidate"
        )
    for name, table in tables.items():
        texts = {field.name for field in table.schema if not pa.types.is_int64(field.type)}
        assert texts == ({"dataset"} if name == "datasets" else {"fact"} if name == "facts" else set()), name


def test_every_declared_dataset_shows_its_load_controls_and_one_without_any_shows_no_file(look: Look) -> None:
    load = [
        {"control": control, "source": "psa", "dataset": dataset, "actual": actual}
        for dataset, controls in {"clients": (3, 1, 2), "products": (4, 0, 7)}.items()
        for control, actual in zip(("SOURCE_MISSING", "SCHEMA_DRIFT", "ROW_REJECTED"), controls, strict=True)
    ]
    declared = [("vendor", "clients"), ("psa", "products"), ("psa", "clients")]
    found = look(
        {
            "raw.declared_datasets": [{"source": s, "dataset": d} for s, d in declared],
            "raw.load_controls": load,
        }
    )
    assert found["datasets"] == [
        {"source_number": 1, "dataset": "clients", "files": 3, "drifted_files": 1, "rejected_rows": 2},
        {"source_number": 1, "dataset": "products", "files": 4, "drifted_files": 0, "rejected_rows": 7},
        # nothing was loaded for it: a file less, not a fault more
        {"source_number": 2, "dataset": "clients", "files": 0, "drifted_files": 0, "rejected_rows": 0},
    ]


def test_failures_are_counted_by_control_code(look: Look) -> None:
    failures = [
        {"control": code, "source": "psa", "passed": number >= at}
        for at, code in enumerate(CONTROLS)
        for number in range(9)
    ]
    assert look({"intermediate.int_controls": failures})["controls"] == [
        {code: at for at, code in enumerate(CONTROLS)}
    ]


def test_facts_are_those_that_dbt_computed(look: Look) -> None:
    facts = [{"fact": "b", "scope": "x", "violations": 4}, {"fact": "a", "scope": "y", "violations": 2}]
    assert look({"intermediate.int_audit_facts": facts})["facts"] == [
        {"fact": "a", "violations": 2},
        {"fact": "b", "violations": 4},
    ]


def _key(
    client: str, product: str, currency: str, verdict: str = "exception", variance: str | None = "0"
) -> dict[str, Any]:
    return {
        "client_id": client,
        "product_code": product,
        "currency": currency,
        "verdict": verdict,
        "volume_variance": variance,
    }


def test_a_key_that_is_there_twice_is_counted_and_keys_that_differ_in_one_part_are_not(look: Look) -> None:
    keys = [
        _key("C-1", "A", "USD"),
        _key("C-1", "B", "USD"),
        _key("C-1", "A", "EUR"),
        _key("C-2", "A", "USD"),
    ]
    assert (
        _tables(look, {"marts.fct_reconciliation": [*keys, keys[0], keys[0], keys[3]]})["keys_repeated"] == 3
    )


def test_a_matched_key_has_no_variance(look: Look) -> None:
    keys = [
        _key("C-1", "A", "USD", "matched", "0"),
        _key("C-1", "B", "USD", "matched", "0.01"),
        _key("C-1", "C", "USD", "matched", "-1"),
        _key("C-1", "D", "USD", "matched", None),
        _key("C-1", "E", "USD", "exception", "1"),
        _key("C-1", "F", "USD", "exception", None),
    ]
    assert _tables(look, {"marts.fct_reconciliation": keys})["clean_keys_with_variance"] == 3


def test_a_broken_conservation_is_counted_and_other_failures_are_not(look: Look) -> None:
    controls = [
        ("CONSERVATION_BROKEN", False),
        ("CONSERVATION_BROKEN", False),
        ("CONSERVATION_BROKEN", True),
        ("ROW_REJECTED", False),
    ]
    row = _tables(look, {"marts.fct_control_totals": [{"control": c, "passed": p} for c, p in controls]})
    assert (row["conservation_failures"], row["control_rows"]) == (2, 4)


def test_rows_lost_and_rows_gained_in_staging_never_offset_each_other(look: Look) -> None:
    [row] = look(fct_client_gate=-2, fct_exceptions=2, dim_client=1)["tables"]
    assert row["rows_lost_in_candidate"] == 5
    assert (row["client_rows"], row["control_rows"], row["disposition_rows"]) == (1, 1, 1)


def test_a_floating_point_column_among_the_staged_files_is_counted(look: Look) -> None:
    def tamper(folder: Path) -> None:
        pq.write_table(pa.table({"amount": [0.5], "n": [1], "cost": [0.1]}), folder / "dim_sku.parquet")

    [row] = look(tamper=tamper)["tables"]
    assert row["floating_point_columns"] == 2
