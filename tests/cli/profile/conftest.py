"""What the tests of `mbr profile` share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.propose import propose
from tests.cli.profile.sampling import Sampled


@pytest.fixture
def sampled(tmp_path: Path) -> Sampled:
    def _sampled(text: str | bytes, dataset: str = "vendor_charges", name: str = "sample.csv") -> Proposal:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return propose(path, dataset)

    return _sampled
