"""What the tests of worlds share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recompute.handmade import Handmade
from tests.worlds.compiled import CompiledTransformer


@pytest.fixture(scope="session")
def transformer() -> CompiledTransformer:
    """The SQL that dbt compiled, in place of dbt: what a month comes to is asked here, not who built it, and
    ``test_compiled`` holds one against the other.
    """
    return CompiledTransformer()


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)
