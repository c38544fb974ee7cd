"""The pages as one site: it builds without a warning, without the network, and loads nothing from elsewhere.

Belongs here: the site as `make docs` makes it. Links between pages are also checked where they are written
(``test_links``).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT
from tools.docs_nav import SECTIONS, navigation

DOCS = ROOT / "docs"

# what a browser fetches by itself, unlike a link that somebody follows
_LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=[\"']?(https?:)?//", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    nowhere = "http://127.0.0.1:9"
    environment = os.environ | {"http_proxy": nowhere, "https_proxy": nowhere, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def _of_the_site() -> list[Path]:
    """The pages below docs/; those at the root are read where the code is."""
    return [page for page in PAGES if page.is_relative_to(DOCS)]


def test_every_page_is_in_the_site_and_in_its_navigation(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    for page in _of_the_site():
        path = page.relative_to(DOCS).with_suffix("")
        place = path.parent if path.name in ("README", "index") else path
        assert (site / place / "index.html").is_file(), page
        assert place == Path() or f'href="{place.as_posix()}/"' in home, f"{page} is not in the navigation"


def test_the_pictures_are_there_and_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    assert list((site / "pictures").glob("*.svg"))
    for page in site.rglob("*.html"):
        assert not _LOADED.search(page.read_text(encoding="utf-8")), page
    for style in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//", style.read_text(encoding="utf-8")), style


def test_sections_stand_in_the_order_in_which_one_reads_them(tmp_path: Path) -> None:
    for name in (
        "reference/b.md",
        "reference/a.md",
        "reference/README.md",
        "tutorial/first.md",
        "pictures/x.md",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert navigation(tmp_path) == [
        {"MBR": "index.md"},
        {"Tutorial": ["tutorial/first.md"]},
        {"Reference": ["reference/README.md", "reference/a.md", "reference/b.md"]},
    ]
    folders = {page.relative_to(DOCS).parts[0] for page in _of_the_site()} - {"index.md"}
    assert folders <= set(SECTIONS), "a folder of pages has no section"
