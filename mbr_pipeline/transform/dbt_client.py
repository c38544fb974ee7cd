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
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mbr_pipeline.errors import MbrError
from mbr_pipeline.transform.forked_server import ForkedServer, can_be_forked
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
    """A running dbt process. Use it as a context manager, or :meth:`close` it.

    A process that died costs the month it worked on: the next request starts another.
    """

    def __init__(self) -> None:
        """Start the process; it warms up by itself."""
        self._start()

    def _start(self) -> None:
        self._process = ForkedServer() if can_be_forked() else _started()
        self._is_ready = False

    def build(self, month: MonthPaths, select: Sequence[str] = ()) -> list[NodeResult]:
        """Build the selected nodes (all, if none are named) on the month's warehouse file; raises
        :class:`MbrError` if dbt itself fails or its process ends meanwhile.
        """
        if self._process.poll() is not None:
            self.close()
            self._start()
        self._expect_ready()
        request = {
            "warehouse_file": str(month.warehouse_file.resolve()),
            "temp_directory": str(month.workspace.temporary.resolve()),
            "size": month.landed_bytes,
            "select": list(select),
        }
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        answer = self._answer()
        if answer["error"]:
            raise MbrError(f"{month.msp_id} {month.period.text}: dbt failed: {answer['error']}")
        return [NodeResult(**node) for node in answer["nodes"]]

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

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
        if not line.endswith("\n"):
            raise self._ended()
        answer: Mapping[str, Any] = json.loads(line)
        return answer

    def _ended(self) -> MbrError:
        code = self._process.wait()
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return MbrError(
            f"the dbt process {how}: look for its messages above and whether memory ran out, then run again"
        )


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        # -P: nothing in the current folder may stand in for a module
        [sys.executable, "-P", "-m", "mbr_pipeline.transform.dbt_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        # of a process group of its own: Ctrl+C on the terminal is for the command that started it
        process_group=0,
    )
