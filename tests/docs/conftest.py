"""The demo workspace that documented commands run in: closed once a session, copied for every page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MadeOnce
from tests.docs.pages import ROOT
from tests.support.demo import Demo, demo


@pytest.fixture(scope="session")
def closed_october(made_once: MadeOnce) -> Demo:
    return demo(made_once)


@pytest.fixture
def workplace(closed_october: Demo, tmp_path: Path) -> Callable[[], Path]:
    """Make a folder as the reader sees it: the demo workspace in ./demo beside the repository's own
    folders.
    """

    def make() -> Path:
        closed_october.copied(tmp_path / "demo")
        for name in ("Makefile", "bench"):
            (tmp_path / name).symlink_to(ROOT / name)
        return tmp_path

    return make
