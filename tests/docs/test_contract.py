"""``docs/reference/contract.md`` is the law: every § that is cited is there, and so is what the code has.

Belongs here: citations of that page, and the lists on it. Does not: other links (``test_links``), tables of
columns and settings (``test_reference``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.exception_codes import codes_of
from tests.docs.pages import PAGES, ROOT, rows, section

CONTRACT = ROOT / "docs" / "reference" / "contract.md"
MARKDOWN = sorted({*PAGES, *ROOT.glob("*.md")})
CODE = sorted(
    file
    for folder in ("bench", "connectors", "dbt_project", "expectations", "mbr_pipeline", "tests", "tools")
    for file in (ROOT / folder).rglob("*")
    if file.suffix in (".csv", ".html", ".j2", ".py", ".sql", ".toml", ".yaml", ".yml")
    and not {"target", "logs", "fixtures"} & set(file.parts)
)

_HEADING = re.compile(r"^#{2,3} (\d+(?:\.\d+)*)\.? .+$", re.MULTILINE)
_CITED = re.compile(r"§\s?(\d+(?:\.\d+)*)")
_ELSEWHERE = re.compile(r"RFC \d+ §[\d.]+")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def _anchors() -> dict[str, str]:
    """The sections of the page: by number, the anchor of their heading."""
    found = _HEADING.finditer(CONTRACT.read_text(encoding="utf-8"))
    return {
        match[1]: re.sub(r"[^\w\- ]", "", match[0].lstrip("# ").lower()).replace(" ", "-") for match in found
    }


def _cited(text: str) -> list[str]:
    """The sections of the page that a text cites; those of other documents are left out."""
    return _CITED.findall(_ELSEWHERE.sub("", text))


def _badly_linked(page: Path, text: str) -> Iterator[str]:
    """What a page of the documentation cites without leading to it."""
    anchors = _anchors()
    prose = _FENCE.sub("", text)
    for label, target in _LINK.findall(prose):
        path, _, anchor = target.partition("#")
        leads_there = ((page.parent / path).resolve() if path else page) == CONTRACT
        for number in _cited(label):
            if not leads_there or anchors.get(number) != anchor:
                yield f"[{label}]({target})"
    yield from (f"§{number} is no link" for number in _cited(_LINK.sub("", prose)))


def test_the_reader_of_citations_knows_them_from_those_of_other_documents() -> None:
    assert _cited("contract §4 to §5.2, (§ 1), RFC 6749 §4.4: as RFC 9110 §10.2.3 says; £§°") == [
        "4",
        "5.2",
        "1",
    ]
    page = ROOT / "docs" / "explanation" / "page.md"
    good = "[§4](../reference/contract.md#4-reconciliation) and [§5.1](../reference/contract.md#51-impacts)"
    assert list(_badly_linked(page, good)) == []
    bad = "[§4](../reference/contract.md#5-exceptions), [§5](cli.md), [§77](../reference/contract.md#77)"
    assert len(list(_badly_linked(page, bad))) == 3
    assert list(_badly_linked(page, "as in §1")) == ["§1 is no link"]


def test_sections_have_the_numbers_that_are_cited_and_say_something() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    numbers = _HEADING.findall(text)
    assert numbers[0] == "1" and len(numbers) == len(set(numbers)) == len(_anchors())
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])
    assert len(numbers) == len(re.findall(r"^##+ ", text, re.MULTILINE)), (
        "a heading without a number cannot be cited"
    )
    for heading in re.findall(r"^##+ .+$", text, re.MULTILINE):
        assert re.sub(r"^#.*$", "", section(CONTRACT, heading), flags=re.MULTILINE).strip(), (
            f"{heading} says nothing"
        )


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_link_each_section_that_they_cite(page: Path) -> None:
    assert list(_badly_linked(page, page.read_text(encoding="utf-8"))) == []


def test_code_cites_sections_that_exist() -> None:
    known = set(_anchors())
    # vendors' files of the tests are in whatever characters their systems write
    texts = {
        file: file.read_text(encoding="utf-8", errors="replace") for file in CODE if file != Path(__file__)
    }
    wrong = {str(file.relative_to(ROOT)): {*_cited(text)} - known for file, text in texts.items()}
    assert {file: numbers for file, numbers in wrong.items() if numbers} == {}
    assert sum(len(_cited(text)) for text in texts.values()) > 100


def _named(heading: str) -> list[str]:
    return [name for row in rows(section(CONTRACT, heading)) for name in re.findall(r"`(\w+)`", row[0])]


def test_control_codes_and_tables_of_the_page_are_those_there_are() -> None:
    assert _named("### 5.5 Control codes") == list(codes_of("control"))
    assert _named("### 6.5 Published tables") == list(ROW_ORDER)
