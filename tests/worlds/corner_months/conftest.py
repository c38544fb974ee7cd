"""What the tests of worlds share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recompute.handmade import Handmade


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)
