"""The transport's tests reach no other machine either."""

from __future__ import annotations

from tests.connectors.sources.conftest import only_loopback

__all__ = ["only_loopback"]
