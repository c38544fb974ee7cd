"""The audit's frames: every violation in the candidate tables or the warehouse is a count in one of them
(contract §6.1).

Belongs here: ``mbr_pipeline.audit.frames`` on marts written by hand, every count worked out there. Does not:
what the suites make of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.raw import CONTROLS
from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.audit.frames import frames
from mbr_pipeline.storage.warehouse import connected
from tests.support.handmade_marts import SOUND, Rows, invoice_line, ready_line, write_marts

Frames = dict[str, list[dict[str, Any]]]
Look = Callable[..., Frames]


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Look]:
    """Gives the frames of the sound month with some tables changed; ``tamper`` works on the candidate files
    before they are looked at.
    """
    with connected(None, tmp_path / "tmp") as connection:

        def _look(
            changes: Mapping[str, Rows] | None = None,
            tamper: Callable[[Path], None] | None = None,
            **lost: int,
        ) -> Frames:
            write_marts(connection, changes)
            folder = tmp_path / "it's candidate"
            candidate = write_candidate(connection, folder)
            for name, rows in lost.items():
                candidate[name] = replace(candidate[name], rows=candidate[name].mart_rows + rows)
            if tamper:
                tamper(folder)
            return {name: table.to_pylist() for name, table in frames(connection, candidate, folder).items()}

        yield _look


def _tables(look: Look, changes: Mapping[str, Rows]) -> dict[str, Any]:
    [row] = look(changes)["tables"]
    return row


def _ready(look: Look, changes: Mapping[str, Rows]) -> dict[str, int]:
    [row] = look(changes)["ready"]
    return {name: count for name, count in row.items() if count}


def test_a_sound_month_has_no_violation_in_any_frame(look: Look) -> None:
    found = look()
    assert found["datasets"] == [
        {"source_number": 1, "dataset": "invoice_lines", "files": 2, "drifted_files": 0, "rejected_rows": 0},
        {"source_number": 2, "dataset": "vendor_charges", "files": 1, "drifted_files": 0, "rejected_rows": 0},
    ]
    assert found["controls"] == [dict.fromkeys(CONTROLS, 0)]
    assert sorted(row["violations"] for row in found["facts"]) == [0] * 7
    # seven facts, of which one is there for both legs
    assert len({row["fact"] for row in found["facts"]}) == 6
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
                "currencies_not_summing_to_landed",
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


L1, L2 = SOUND["marts.fct_invoice_lines_ready"]
# what is wrong with the ready lines, and which counts it must show in
READY: dict[str, tuple[Rows, dict[str, int]]] = {
    "a line of a passing client is missing": (
        [L1],
        {"lines_missing": 1, "currencies_not_summing_to_landed": 1},
    ),
    "a line goes out under another source": (
        [{**L1, "source": "other"}, L2],
        {"lines_missing": 1},
    ),
    "a line goes out under another number": (
        [{**L1, "invoice_line_id": "L-9"}, L2],
        {"lines_missing": 1},
    ),
    "a line of a held client goes out": (
        [L1, L2, ready_line("L-3", "C-2", "5.00", "USD", change="added")],
        {"lines_of_held_clients": 1},
    ),
    "a line of a client nobody judged goes out": (
        [L1, L2, ready_line("L-8", "C-8", "1.00", "USD", change="added")],
        {"lines_of_unknown_clients": 1},
    ),
    "a line goes out twice": (
        [L1, L1, L1, L2],
        {"lines_repeated": 2, "currencies_not_summing_to_landed": 1},
    ),
    "one number of two sources is two lines": (
        [L1, L2, {**L1, "source": "other", "change": "added"}],
        {},
    ),
    "a line without an amount": (
        [{**L1, "amount": None}, L2],
        {"lines_without_money": 1, "lines_finer_than_minor_unit": 1, "currencies_not_summing_to_landed": 1},
    ),
    "a line without a quantity": ([{**L1, "quantity": None}, L2], {"lines_without_money": 1}),
    "a line without a price": ([{**L1, "unit_price": None}, L2], {"lines_without_money": 1}),
    "a line without a currency": (
        [{**L1, "currency": None}, L2],
        {"lines_without_money": 1, "lines_finer_than_minor_unit": 1, "currencies_not_summing_to_landed": 2},
    ),
    "a line in a currency nobody knows": (
        [{**L1, "currency": "ZZZ", "change": "corrected"}, L2],
        {"lines_finer_than_minor_unit": 1, "currencies_not_summing_to_landed": 1},
    ),
    "a cent less": ([{**L1, "amount": "79.99"}, L2], {"currencies_not_summing_to_landed": 1}),
    "a hundredth of a cent less": (
        [{**L1, "amount": "79.9999"}, L2],
        {"lines_finer_than_minor_unit": 1, "currencies_not_summing_to_landed": 1},
    ),
}


@pytest.mark.parametrize("case", READY)
def test_what_is_wrong_with_the_ready_lines_shows_in_its_counts_and_in_no_other(
    case: str, look: Look
) -> None:
    rows, counts = READY[case]
    assert _ready(look, {"marts.fct_invoice_lines_ready": rows}) == counts


def test_a_line_landed_in_an_earlier_period_or_held_is_not_missed(look: Look) -> None:
    lines = [*SOUND["intermediate.int_invoice_lines"], invoice_line("L-4", "C-2", "1", "EUR")]
    assert _ready(look, {"intermediate.int_invoice_lines": lines}) == {}


def test_equal_lines_add_up_and_a_sum_of_equal_amounts_is_not_one_of_them(look: Look) -> None:
    lines = [invoice_line(f"L-{n}", "C-1", "7.50", "USD") for n in range(3)]
    ready = [ready_line(f"L-{n}", "C-1", "7.50", "USD") for n in range(3)]
    changes = {"intermediate.int_invoice_lines": lines, "marts.fct_invoice_lines_ready": ready}
    assert _ready(look, changes) == {}


def test_amounts_that_are_exchanged_between_currencies_do_not_sum(look: Look) -> None:
    ready = [{**L1, "amount": "700"}, {**L2, "amount": "80"}]
    assert _ready(look, {"marts.fct_invoice_lines_ready": ready}) == {"currencies_not_summing_to_landed": 2}


@pytest.mark.parametrize(
    ("currency", "fitting", "too_fine"),
    [
        ("JPY", ("1", "12"), ("0.5", "0.1", "0.01", "1.001", "0.0001")),
        ("ONE", ("1", "0.1", "1.3"), ("0.05", "0.11", "0.001", "0.0001")),
        ("USD", ("1", "0.1", "0.01", "0.03"), ("0.005", "0.001", "0.0101", "0.0001")),
        ("KWD", ("1", "0.01", "0.001", "0.003"), ("0.0005", "0.0001")),
        ("CLF", ("1", "0.001", "0.0001", "0.0003"), ()),
    ],
)
def test_no_ready_line_is_finer_than_its_currencys_minor_unit(
    currency: str, fitting: tuple[str, ...], too_fine: tuple[str, ...], look: Look
) -> None:
    amounts = [*fitting, *too_fine]
    lines = [invoice_line(f"N-{n}", "C-1", amount, currency) for n, amount in enumerate(amounts)]
    ready = [ready_line(f"N-{n}", "C-1", amount, currency) for n, amount in enumerate(amounts)]
    found = _ready(look, {"intermediate.int_invoice_lines": lines, "marts.fct_invoice_lines_ready": ready})
    assert found == ({"lines_finer_than_minor_unit": len(too_fine)} if too_fine else {})
