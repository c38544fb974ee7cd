"""Lines whose identifiers are made of their content, through the pipeline and the second engine.

Belongs here: random months of them. What an identifier is made of: tests/connectors.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.worlds.compare import compare, run_month
from tests.worlds.drawn.chaos import PERIODS
from tests.worlds.drawn.made_ids import FOCUS, PROFILE, MadeIds


# In both months a file holds the very same records in another order, half of the ids in the other case: they
# count once. Beside it 5 of 25 lines come with another amount at PROFILE, or a part of the file at FOCUS.
@pytest.mark.parametrize(("seed", "doubled"), [(13, []), (11, [FOCUS])])
def test_both_engines_agree_on_lines_without_an_identifier(
    seed: int, doubled: list[str], tmp_path: Path, transformer: Transformer
) -> None:
    MadeIds(tmp_path, seed).write()
    folder, document = run_month(tmp_path, "msp", PERIODS[-1], transformer)
    differences = compare(tmp_path, "msp", PERIODS[-1], folder, document)
    assert not differences, "\n".join(differences)
    controls = pq.read_table(folder / "fct_control_totals.parquet").to_pylist()
    found = {row["source"]: row["passed"] for row in controls if row["control"] == "DOUBLE_LANDING"}
    assert [source for source in (PROFILE, FOCUS) if not found[source]] == doubled
    lines = pq.read_table(folder / "fct_line_dispositions.parquet").to_pylist()
    assert {PROFILE, FOCUS} <= {row["source"] for row in lines}
