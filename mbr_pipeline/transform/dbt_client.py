"""Asks the dbt process to build a month, and keeps the parsed project fresh.

What belongs here: starting the process, one request at a time, and reading the outcome of
every node. What does not: running dbt (``mbr_pipeline.transform.dbt_server``) and reporting
it to Dagster (``mbr_pipeline.defs.transform``).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mbr_pipeline.errors import MbrError
from mbr_pipeline.transform.compiled_project import target_folder
from mbr_pipeline.workspace.paths import MonthPaths


@dataclass(frozen=True)
class NodeResult:
    """The outcome of one dbt node: ``status`` is dbt's word (success, pass, error, fail, skipped)."""

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str | None

    @property
    def succeeded(self) -> bool:
        """Whether the model was built or the test passed."""
        return self.status in ("success", "pass")


class Transformer:
    """A running dbt process. Use it as a context manager, or :meth:`close` it."""

    def __init__(self) -> None:
        """Start the process; it warms up by itself."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mbr_pipeline.transform.dbt_server", str(target_folder())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._is_ready = False

    def build(self, month: MonthPaths, select: Sequence[str] = ()) -> list[NodeResult]:
        """Build the selected nodes (all, if none are named) on the month's warehouse file; raises
        :class:`MbrError` if dbt itself fails.
        """
        self._expect_ready()
        request = {
            "warehouse_file": str(month.warehouse_file.resolve()),
            "temp_directory": str(month.workspace.temporary.resolve()),
            "target": str((month.folder / "dbt").resolve()),
            "select": list(select),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if answer["error"]:
            raise MbrError(f"{month.msp_id} {month.period.text}: dbt failed: {answer['error']}")
        return [NodeResult(**node) for node in answer["nodes"]]

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Transformer:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def _expect_ready(self) -> None:
        if not self._is_ready:
            answer = self._answer()
            if not answer["ready"]:
                raise MbrError(f"dbt did not start: {answer['error']}")
            self._is_ready = True

    def _answer(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise MbrError("the dbt process ended unexpectedly: see its messages above, then run again")
        answer: Mapping[str, Any] = json.loads(line)
        return answer
