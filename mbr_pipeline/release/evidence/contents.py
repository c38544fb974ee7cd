"""What is in a pack of evidence: every member, by its name.

What belongs here: gathering them from a closed version, the chain and the workspace. What does not: writing
the file (``sealed_zip``) and its page (``page``).
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.publish.closed_folders import MANIFEST as VERSION
from mbr_pipeline.release.evidence.inputs import Input, recorded_inputs, settings_of
from mbr_pipeline.release.evidence.page import render
from mbr_pipeline.release.evidence.results import suite_results
from mbr_pipeline.release.evidence.rows_as_csv import as_csv
from mbr_pipeline.release.evidence.sealed_zip import Content
from mbr_pipeline.release.version import ClosedVersion
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.settings import FILE_NAME
from mbr_pipeline.workspace.workspace import Workspace

MANIFEST = "manifest.json"
CHAIN = "chain.jsonl"
STAMP = "timestamp.tsr"
"""Members that checking knows by name; the stamp is of the manifest, which therefore does not list it."""

AS_CSV = {
    "fct_exceptions": "exceptions.csv",
    "fct_decisions": "decisions.csv",
    "fct_variance_bridge": "bridge.csv",
    "fct_client_gate": "clients.csv",
    "fct_control_totals": "controls.csv",
    "fct_invoice_lines_ready": "ready_lines.csv",
}
"""Tables that are in the pack as CSV too, for people."""

_SOFTWARE = ("mbr", "dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pyarrow")


def members(
    workspace: Workspace, closed: ClosedVersion, entries: Sequence[Entry], *, with_files: bool
) -> dict[str, Content]:
    """Return the members of a version's pack.

    Raises:
        GateClosed: A landed file that is to be packed is no longer the one that was closed.
    """
    root = workspace.paths.root
    inputs = recorded_inputs(root, closed.manifest, with_files=with_files)
    tables = {name: closed.folder / f"{name}.parquet" for name in closed.manifest["tables"]}
    rows = {name: pq.read_table(tables[name]).to_pylist() for name in AS_CSV if name in tables}
    suites = suite_results(closed.manifest["certificate"])
    exports = _exports(closed)
    found: dict[str, Content] = {
        CHAIN: "".join(f"{json.dumps(e.fields(), ensure_ascii=False)}\n" for e in entries).encode(),
        VERSION: (closed.folder / VERSION).read_bytes(),
        "suites.json": _json(suites),
        "inputs.json": _json([asdict(each) for each in inputs]),
        "software.json": _json(software()),
    }
    found |= {f"tables/{name}.parquet": path for name, path in tables.items()}
    found |= {
        AS_CSV[name]: as_csv(pq.read_schema(tables[name]).names, content) for name, content in rows.items()
    }
    found |= {each.packed: _packed(root, closed, each) for each in inputs if each.packed}
    found |= {f"exports/{name}": path for name, path in exports.items()}
    page = render(workspace, closed, entries, rows, suites, inputs, sorted({*found, "README.html", MANIFEST}))
    found["README.html"] = page.encode()
    found[MANIFEST] = _manifest(closed, entries, found, with_files)
    return found


def software() -> dict[str, str]:
    """Return the versions of the software that writes the pack; what is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in _SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def sha256_of_content(content: Content) -> str:
    """Return the SHA-256 of a member in hexadecimal."""
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else sha256_of(content)


def _packed(root: Path, closed: ClosedVersion, each: Input) -> Content:
    if each.file == FILE_NAME:
        return settings_of((root / FILE_NAME).read_text(encoding="utf-8-sig"), closed.month.msp_id)
    return root / each.file


def _exports(closed: ClosedVersion) -> dict[str, Path]:
    """Return the files of the version's exports, by target and name."""
    month = closed.month
    folder = month.workspace.root / "exports" / month.msp_id / month.period.text / f"v{closed.number}"
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.glob("*/**/*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def _manifest(
    closed: ClosedVersion, entries: Sequence[Entry], found: Mapping[str, Content], with_files: bool
) -> bytes:
    head = entries[-1]
    return _json(
        {
            "msp_id": closed.month.msp_id,
            "period": closed.month.period.text,
            "version": closed.number,
            "close_entry": closed.entry.entry_id,
            "chain_head": {"seq": head.seq, "hash": head.hash},
            "with_files": with_files,
            "files": [_listed(name, content) for name, content in sorted(found.items())],
        }
    )


def _listed(name: str, content: Content) -> dict[str, Any]:
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    return {"name": name, "sha256": sha256_of_content(content), "bytes": size}


def _json(document: Any) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
