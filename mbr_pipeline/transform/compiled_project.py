"""The compiled dbt project as files: dbt's manifest, and column lineage computed from its SQL, prepared anew
when a file of it changed.

Belongs here: where it lies and keeping it fresh. Does not: building months
(``mbr_pipeline.transform.dbt_client``).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mbr_pipeline.ingest.raw_tables import raw_columns
from mbr_pipeline.storage.atomic_files import write_json, write_text
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.transform.dbt_server import PROJECT

TARGET = PROJECT / "target" / "mbr"


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
        content: dict[str, dict[str, list[list[str]]]] = json.loads(
            (self.folder / "lineage.json").read_text(encoding="utf-8")
        )
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
    for module in (
        "transform/column_lineage.py",
        "ingest/raw_tables.py",
        "workspace/rule_rows.py",
        "../connectors/datasets.py",
    ):
        digest.update((PROJECT.parent / "mbr_pipeline" / module).resolve().read_bytes())
    return digest.hexdigest()


def _prepare() -> None:
    """Compile the project in a process of its own, so that no caller has to carry dbt's imports."""
    folder = TARGET / "compiled"
    folder.mkdir(parents=True, exist_ok=True)
    code = (
        "import sys; from pathlib import Path; from mbr_pipeline.transform.dbt_server import parse;"
        "parse('compile', Path(sys.argv[1]), sys.argv[2])"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(folder), str(folder / "month.duckdb")], check=True, stdout=sys.stderr
    )
    from mbr_pipeline.transform.column_lineage import column_lineage  # noqa: PLC0415 - sqlglot is needed only here

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write_json(folder / "lineage.json", column_lineage(manifest, raw_columns()).columns)
