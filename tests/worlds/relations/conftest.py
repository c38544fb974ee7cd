"""What the tests of worlds share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.worlds.compiled import CompiledTransformer
from tests.worlds.forms import write
from tests.worlds.outcomes import (
    again,
)
from tests.worlds.relations.rich import PERIOD, WORLD, Base


@pytest.fixture(scope="session")
def base(transformer: Transformer, tmp_path_factory: pytest.TempPathFactory) -> Base:
    root = tmp_path_factory.mktemp("base")
    records = write(WORLD, root)
    return Base(root, records, again(WORLD, root, transformer, records, PERIOD))


@pytest.fixture(scope="session")
def builder(base: Base) -> CompiledTransformer:
    """Builds the other months: the SQL that dbt compiled for the base, in a third of dbt's time."""
    return CompiledTransformer()
