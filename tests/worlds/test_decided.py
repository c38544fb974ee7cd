"""Random decisions on generated worlds: SQL and the second engine agree on every column (§8.3, §8.4).

Belongs here: a fixed choice of worlds; as many as there is time for are ``campaign --decided``. Does not: how
decisions are drawn (``drawn.deciding``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.campaign import examine
from tests.worlds.compiled import CompiledTransformer


@pytest.fixture(scope="module")
def compiled() -> Iterator[CompiledTransformer]:
    with CompiledTransformer() as transformer:
        yield transformer


@pytest.mark.parametrize("seed", range(900, 906))
def test_decisions_on_books_with_known_faults_come_to_the_same_in_both_programs(
    seed: int, tmp_path: Path, compiled: CompiledTransformer
) -> None:
    outcome = examine(seed, tmp_path, compiled, chaos=False, decided=True)
    assert outcome.differences == []


@pytest.mark.parametrize("seed", range(900, 904))
def test_decisions_on_random_nonsense_come_to_the_same_in_both_programs(
    seed: int, tmp_path: Path, compiled: CompiledTransformer
) -> None:
    outcome = examine(seed, tmp_path, compiled, chaos=True, decided=True)
    assert outcome.differences == []
    assert outcome.tally["in_force"]["found"] > 0
    assert (outcome.tally["by_policy"]["found"] > 0) == (seed % 3 != 0)
