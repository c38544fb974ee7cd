"""One small month from landed files to the published tables, as a quick check has it (`make check`).

Belongs here: that the whole graph works and gives the figures worked out by hand (``tests.support.small``).
Does not: anything that goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from mbr_pipeline.publish.reading import reading
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.launching import Launcher
from tests.support.small import PERIOD, settings, write, write_msp


def test_a_month_in_which_everything_is_right_is_published_as_worked_out_by_hand(
    tmp_path: Path, launcher_of: Callable[[Path], Launcher]
) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    assert launcher_of(tmp_path).close_month("acme", PERIOD)
    with reading(WorkspacePaths(tmp_path)) as published:
        key = (
            "select client_id, product_code, verdict, effective_cost, invoiced_amount from fct_reconciliation"
        )
        assert published.execute(key).fetchall() == [("C-1", "SEAT", "matched", Decimal(50), Decimal(80))]
        assert published.execute("select exception_code from fct_exceptions").fetchall() == []
        ready = "select invoice_line_id, amount from fct_invoice_lines_ready"
        assert published.execute(ready).fetchall() == [("L-1", Decimal(80))]
    assert (tmp_path / "reports" / "acme" / PERIOD / "index.html").is_file()
