"""Links and pictures inside the documentation lead somewhere; nothing in it depends on one machine."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_MACHINE = re.compile(
    r"(?<![\w<.])/(work|home|root|tmp|Users|mnt)/|pypi\.org|registry\.(npm|yarn)|files\.pythonhosted|\.\./shared"
)


def _prose(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_internal_links_and_pictures_exist(page: Path) -> None:
    for target in _LINK.findall(_prose(page)):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target} leads nowhere"
        if anchor:
            assert anchor in _anchors(file), f"{page.name}: {target} has no such heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            links = (page.parent / target.partition("#")[0] for target in _LINK.findall(_prose(page)))
            waiting += [link.resolve() for link in links if link.suffix == ".md" and link.exists()]
    assert set(PAGES) - reached == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_no_machine_and_no_registry(page: Path) -> None:
    assert not _MACHINE.search(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "picture", sorted((ROOT / "docs" / "pictures").glob("*.svg")), ids=lambda picture: picture.name
)
def test_pictures_are_well_formed_described_and_load_nothing(picture: Path) -> None:
    root = ET.parse(picture).getroot()
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert not re.search(r"href|url\(\s*['\"]?http|<script|@import", picture.read_text(encoding="utf-8"))


# the pages of mutants are of the version that their campaign ran on
DEVELOPERS = [page for page in PAGES if page.name == "CONTRIBUTING.md" or page.parent.name == "development"]
DEVELOPERS = [page for page in DEVELOPERS if not page.name.startswith("mutation-")]


@pytest.mark.parametrize("page", DEVELOPERS, ids=lambda page: page.name)
def test_the_places_in_the_code_that_pages_for_developers_name_exist(page: Path) -> None:
    folders = "bench|connectors|dbt_project|expectations|mbr_pipeline|tests|tools"
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", _prose(page))
    assert [place for place in named if not (ROOT / place).exists()] == []
