"""Audited months to decide on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.decide.months import PEOPLE, Month


@pytest.fixture
def month(tmp_path: Path) -> Month:
    """A month where everybody may do everything."""
    return Month(tmp_path)


@pytest.fixture
def two(tmp_path: Path) -> Month:
    """A month where what is above 15.00 USD needs a second person."""
    return Month(tmp_path, PEOPLE)
