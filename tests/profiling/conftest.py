"""What the tests of proposals share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.propose import propose
from tests.profiling.small_files import HEAD, ROW, Proposed, Whole


@pytest.fixture
def proposed(tmp_path: Path) -> Proposed:
    def _proposed(
        headings: str, *rows: str, dataset: str | None = "vendor_charges", name: str = "f.csv"
    ) -> Proposal:
        lines = [f"{HEAD},{headings}", *(f"{ROW},{row}" for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return propose(tmp_path / name, dataset)

    return _proposed


@pytest.fixture
def whole(tmp_path: Path) -> Whole:
    def _whole(lines: list[str], dataset: str | None = "vendor_charges") -> Proposal:
        (tmp_path / "whole.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return propose(tmp_path / "whole.csv", dataset)

    return _whole
