"""Settings that are good, and reading them.

Belongs here: what the tests of settings share. Does not: expectations.
"""

from __future__ import annotations

from pathlib import Path

from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import settings, write

GOOD = settings(["acme"])


def load(root: Path, text: str) -> object:
    write(root / "mbr.yml", text)
    return load_settings(root)
