"""Fifty worlds drawn at random, as the campaign draws them by the thousand: every row as the second engine
says, every mistake found.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.campaign import examine
from tests.worlds.compiled import CompiledTransformer


@pytest.fixture(scope="module")
def builder() -> CompiledTransformer:
    """The SQL as dbt compiled it."""
    return CompiledTransformer()


@pytest.mark.parametrize("seed", range(50))
def test_a_world_drawn_at_random_is_reconciled_without_a_difference(
    seed: int, tmp_path: Path, builder: CompiledTransformer
) -> None:
    outcome = examine(seed, tmp_path, builder, chaos=False, decided=False)
    assert outcome.months and not outcome.differences, "\n".join(outcome.differences)
