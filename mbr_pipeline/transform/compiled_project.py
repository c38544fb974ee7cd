"""The dbt project as files: dbt's manifest, the statements of a build, and column lineage computed from its
SQL, prepared again when one of its files changes.

What belongs here: keeping it fresh. What does not: where it lies (``mbr_pipeline.transform.project_folder``)
and building months (``mbr_pipeline.transform.dbt_client``).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.atomic_files import write_json, write_text
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.transform.project_folder import CACHE_VARIABLE, PROJECT, compiled_folder

_PREPARING_MODULES = (
    "mbr_pipeline.transform.column_lineage",
    "mbr_pipeline.transform.recording",
    "mbr_pipeline.ingest.load",
    "mbr_pipeline.ingest.raw_tables",
    "mbr_pipeline.ingest.typing_sql",
    "mbr_pipeline.workspace.rule_rows",
    "connectors.datasets",
)
"""What is prepared also depends on how that is done, and on what the raw tables are."""


@dataclass(frozen=True)
class DbtProject:
    """The prepared project as files: dbt's manifest, the statements of a build, and column lineage."""

    folder: Path
    fingerprint: str

    @cached_property
    def manifest_path(self) -> Path:
        """Path of dbt's manifest.json."""
        return self.folder / "manifest.json"

    @property
    def statements_path(self) -> Path:
        """Path of what dbt runs for a month (``mbr_pipeline.transform.recorded_build``)."""
        return self.folder / "statements.json"

    @cached_property
    def lineage(self) -> dict[str, dict[str, list[list[str]]]]:
        """Per node, per column: the (parent node, column) pairs it derives from."""
        content: dict[str, dict[str, list[list[str]]]] = json.loads(
            (self.folder / "lineage.json").read_text(encoding="utf-8")
        )
        return content


def dbt_project() -> DbtProject:
    """Return the prepared project; it is prepared again only if one of its files changed since."""
    current = _fingerprint()
    target = _made(compiled_folder(current))
    stamp = target / "stamp"
    with locked(target / "lock"):
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != current:
            _prepare(target / "compiled")
            write_text(stamp, current)
    return DbtProject(target / "compiled", current)


def _made(folder: Path) -> Path:
    advice = f"Set {CACHE_VARIABLE} to a folder that can be written."
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MbrError(f"cannot make {folder}, where dbt compiles to: {error.strerror}. {advice}") from error
    if not os.access(folder, os.W_OK):
        raise MbrError(f"cannot write into {folder}, where dbt compiles to. {advice}")
    return folder


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(PROJECT.rglob("*")):
        relative = path.relative_to(PROJECT)
        if path.is_file() and relative.parts[0] not in ("target", "logs"):
            digest.update(relative.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(str(PROJECT).encode() + b"\0")  # statements name the files of seeds
    for module in _PREPARING_MODULES:
        specification = find_spec(module)
        assert specification is not None and specification.origin is not None
        digest.update(Path(specification.origin).read_bytes())
    # the cache outlives an upgrade of dbt, and a manifest is valid for one version only
    for package in ("dbt-core", "dbt-duckdb"):
        digest.update(version(package).encode() + b"\0")
    return digest.hexdigest()


def _prepare(folder: Path) -> None:
    """Record a build in a separate process, so that callers need not import dbt."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-P", "-m", "mbr_pipeline.transform.recording", str(folder)],
        check=True,
        stdout=sys.stderr,
    )
    from mbr_pipeline.ingest.raw_tables import raw_columns  # noqa: PLC0415 - both are needed only here,
    from mbr_pipeline.transform.column_lineage import column_lineage  # noqa: PLC0415 - and take their time

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write_json(folder / "lineage.json", column_lineage(manifest, raw_columns()).columns)
