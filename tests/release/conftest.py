"""Published months to close, in either database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.release.months import Month
from tests.support.postgres import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def month(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Month:
    """A month where everybody may do everything."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("server")
        monkeypatch.setenv("MBR_LEDGER_URL", server.empty(f"t{abs(hash(request.node.name))}"))
    return Month(tmp_path)
