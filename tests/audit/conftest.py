"""What the tests of the audit share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.audit import gate_document
from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.audit.certificate import write_certificate
from mbr_pipeline.audit.frames import frames
from mbr_pipeline.audit.gate import Verdict
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from tests.audit.looking import Frames, Look
from tests.audit.suites import HELD
from tests.support.handmade_marts import Rows, write_marts


@pytest.fixture
def month(tmp_path: Path) -> MonthPaths:
    """A month with its tables candidate and a certificate that covers them."""
    paths = WorkspacePaths(tmp_path).month("acme", Period("2026-10"))
    with connected(None, tmp_path / "tmp") as connection:
        write_marts(connection, schemas=("marts",))
        write_certificate(
            paths, Verdict(HELD, ()), write_candidate(connection, paths.candidate), "f00d", "0" * 64
        )
    return paths


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Look]:
    """Gives the frames of the sound month with some tables changed; ``tamper`` works on the candidate files
    before they are looked at.
    """
    with connected(None, tmp_path / "tmp") as connection:

        def _look(
            changes: Mapping[str, Rows] | None = None,
            tamper: Callable[[Path], None] | None = None,
            **lost: int,
        ) -> Frames:
            write_marts(connection, changes)
            folder = tmp_path / "it's candidate"
            candidate = write_candidate(connection, folder)
            for name, rows in lost.items():
                candidate[name] = replace(candidate[name], rows=candidate[name].mart_rows + rows)
            if tamper:
                tamper(folder)
            return {name: table.to_pylist() for name, table in frames(connection, candidate, folder).items()}

        yield _look


# ----- gate.json


@pytest.fixture
def document(month: MonthPaths, tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """Gives gate.json of the sound month with some tables changed."""
    context = {
        "msp_name": "Acme & Sons",
        "evaluated_at": "2026-11-05T06:00:00+00:00",
        "superseded": [
            {"path": "2026-10/psa/clients.1.csv", "sha256": "1", "bytes": 8, "by": "2026-10/psa/clients.csv"}
        ],
        "warnings": ["w"],
        "input_hash": "f00d",
    }
    with connected(None, tmp_path / "tmp") as connection:

        def _document(changes: Mapping[str, Rows], verdict: Verdict | None = None) -> dict[str, Any]:
            write_marts(connection, changes)
            inputs = [{"path": "2026-10/psa/clients.csv", "sha256": "0", "rows": 1, "bytes": 9}]
            return gate_document.gate_document(
                connection, month, verdict or Verdict(HELD, ()), inputs, context
            )

        yield _document
