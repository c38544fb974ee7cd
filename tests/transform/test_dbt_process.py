"""The dbt process: one that dies costs a month, never the next one, and no file of the current folder runs.

Belongs here: ``mbr_pipeline.transform.dbt_client`` with a process that ends. Does not: what dbt builds.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.transform.dbt_client import Transformer
from tests.monthly_close.months import month_of
from tests.support.small import settings, write, write_msp


def test_a_process_that_was_killed_is_started_again_and_a_file_of_the_folder_is_no_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "workspace"
    write(root / "mbr.yml", settings(["acme"]))
    write_msp(root, "acme")
    month = month_of(root)
    month.load()
    for name in ("yaml", "duckdb", "agate"):
        write(tmp_path / "planted" / f"{name}.py", "raise SystemExit('planted')\n")
    monkeypatch.chdir(tmp_path / "planted")
    with Transformer() as transformer:
        os.kill(transformer._process.pid, signal.SIGSTOP)  # it is at work, as far as the asking side knows
        transformer._is_ready = True
        monkeypatch.setattr(transformer, "_answer", _killing(transformer))
        with pytest.raises(MbrError, match="^the dbt process was killed by signal 9: .*, then run again$"):
            month.transform(transformer, ["stg_clients"])
        monkeypatch.undo()
        monkeypatch.chdir(tmp_path / "planted")
        [built, *tests] = month.transform(transformer, ["stg_clients"])
        assert built.unique_id.endswith("stg_clients") and built.succeeded, tests


def _killing(transformer: Transformer) -> Callable[[], Any]:
    answer = transformer._answer

    def killed() -> Any:
        os.kill(transformer._process.pid, signal.SIGKILL)
        return answer()

    return killed
