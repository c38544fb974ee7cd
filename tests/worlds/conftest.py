"""What the tests that run the pipeline share: one dbt process for the whole session, because starting it costs more than a month."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mbr_pipeline.transform import Transformer


@pytest.fixture(scope="session")
def transformer() -> Iterator[Transformer]:
    """A warm dbt process."""
    with Transformer() as process:
        yield process
