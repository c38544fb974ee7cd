"""Asks the dbt process to build a month, and keeps the parsed project fresh.

What belongs here: starting the process, one request at a time, and reading what became of every node. What does not: running dbt
(``mbr_pipeline.dbt_process``) and telling Dagster about it (``mbr_pipeline.defs.transform``).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mbr_pipeline.dbt_process import PROJECT
from mbr_pipeline.errors import MbrError
from mbr_pipeline.files import locked, write_json, write_text
from mbr_pipeline.workspace_paths import MonthPaths

TARGET = PROJECT / "target" / "mbr"


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node: ``status`` is dbt's word (success, pass, error, fail, skipped)."""

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
        TARGET.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mbr_pipeline.dbt_process", str(TARGET)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        self._is_ready = False

    def build(self, month: MonthPaths, select: Sequence[str] = ()) -> list[NodeResult]:
        """Build the selected nodes (all, if none are named) on the month's warehouse file; raises :class:`MbrError` if dbt itself fails."""
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


@dataclass(frozen=True)
class DbtProject:
    """The parsed project as files: dbt's manifest, and column lineage computed from its compiled SQL."""

    folder: Path

    @cached_property
    def manifest_path(self) -> Path:
        """Path of dbt's manifest.json."""
        return self.folder / "manifest.json"

    @cached_property
    def lineage(self) -> dict[str, dict[str, list[list[str]]]]:
        """Per node, per column: the (parent node, column) pairs it derives from."""
        content: dict[str, dict[str, list[list[str]]]] = json.loads((self.folder / "lineage.json").read_text(encoding="utf-8"))
        return content


def dbt_project() -> DbtProject:
    """Return the parsed project, parsing it again only if one of its files changed since."""
    TARGET.mkdir(parents=True, exist_ok=True)
    stamp = TARGET / "stamp"
    with locked(TARGET / "lock"):
        current = _fingerprint()
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != current:
            _prepare()
            write_text(stamp, current)
    return DbtProject(TARGET / "compiled")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(PROJECT.rglob("*")):
        relative = path.relative_to(PROJECT)
        if path.is_file() and relative.parts[0] not in ("target", "logs"):
            digest.update(relative.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    # lineage also depends on how it is computed and on what the raw tables are
    for module in ("column_lineage.py", "rules.py", "../connectors/datasets.py"):
        digest.update((PROJECT.parent / "mbr_pipeline" / module).resolve().read_bytes())
    return digest.hexdigest()


def _prepare() -> None:
    """Compile the project in a process of its own, so that no caller has to carry dbt's imports."""
    folder = TARGET / "compiled"
    folder.mkdir(parents=True, exist_ok=True)
    code = (
        "import sys; from pathlib import Path; from mbr_pipeline.dbt_process import parse;"
        "parse('compile', Path(sys.argv[1]), sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", code, str(folder), str(folder / "month.duckdb")], check=True, stdout=sys.stderr)
    from mbr_pipeline.column_lineage import column_lineage, raw_columns  # noqa: PLC0415 - sqlglot is needed only here

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write_json(folder / "lineage.json", column_lineage(manifest, raw_columns()).columns)
