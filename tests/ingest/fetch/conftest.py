"""Credentials in the environment, and the guard on the socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.sources.conftest import only_loopback
from tests.ingest.fetch.shop import ENVIRONMENT, Shop, opened

__all__ = ["only_loopback"]


@pytest.fixture(autouse=True)
def give_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path) as found:
        yield found
