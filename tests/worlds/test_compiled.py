"""The campaign's shortcuts come to what dbt and Great Expectations come to."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations import runner
from mbr_pipeline.audit import candidate_tables, gate
from mbr_pipeline.audit import frames as audit_frames
from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.scaffold.world import EXCEPTION_CODES, Injection, make_world
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.worlds import plain_suites
from tests.worlds.compare import run_month
from tests.worlds.compiled import CompiledTransformer


def test_compiled_sql_without_dbt_gives_the_same_tables_and_verdict(
    tmp_path: Path, transformer: Transformer
) -> None:
    world = make_world(tmp_path, 501, 6, 2, [Injection(code) for code in EXCEPTION_CODES[::3]])
    month = (world.directory, world.msp_ids[0], world.periods[-1])
    candidate, document = run_month(*month, transformer)
    by_dbt = {name: pq.read_table(candidate / f"{name}.parquet") for name in ROW_ORDER}
    assert by_dbt["fct_exceptions"].num_rows >= len(EXCEPTION_CODES[::3])
    candidate, again = run_month(*month, CompiledTransformer())
    for name, table in by_dbt.items():
        assert pq.read_table(candidate / f"{name}.parquet").equals(table), name
    assert [again[key] for key in ("gate", "reasons", "exceptions", "clients")] == [
        document[key] for key in ("gate", "reasons", "exceptions", "clients")
    ]


def test_suites_evaluated_plainly_hold_and_fail_where_great_expectations_says_so(tmp_path: Path) -> None:
    world = make_world(tmp_path, 502, 2, 1)
    run_month(world.directory, world.msp_ids[0], world.periods[-1], CompiledTransformer())
    month = MonthlyClose.of(WorkspacePaths(world.directory), world.msp_ids[0], world.periods[-1])
    with connected(month.paths.warehouse_file, tmp_path / "temp") as connection:
        frames = audit_frames.frames(
            connection,
            candidate_tables.write_candidate(connection, month.paths.candidate),
            month.paths.candidate,
        )
    sound = gate.run_suites(frames, plain_suites.run)
    assert sound == gate.run_suites(frames, runner.run) and all(suite.passed for suite in sound)
    # every frame broken in turn: emptied, and with its numbers raised by one
    for name, frame in frames.items():
        raised = [
            pc.add(column, 1) if pa.types.is_integer(column.type) else column for column in frame.columns
        ]
        for broken in (frame.slice(0, 0), pa.table(raised, names=frame.column_names)):
            plain, by_gx = (
                gate.run_suites({**frames, name: broken}, run) for run in (plain_suites.run, runner.run)
            )
            assert [set(suite.failed) for suite in plain] == [set(suite.failed) for suite in by_gx], name
