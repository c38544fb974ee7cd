"""Reads the documentation as data: pages, their fenced blocks with the markers above them, and their tables.

Belongs here: what a marker comment means. Running blocks belongs to ``test_commands``, comparing tables with
code to ``test_reference``.

Markers stand on the line above a fence: ``<!-- not run: why -->``   the block is shown, not run ``<!-- exit
code N -->``    the block ends with N, not with 0 ``<!-- output -->``         the text is what the block above
prints (lines in this order, others may stand between) ``<!-- output of the demo run -->``  likewise, of
closing October in a fresh demo workspace
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\s*$")
_MARKER = re.compile(r"^<!--\s*(.*?)\s*-->\s*$")


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, its language, the marker above it, its text."""

    page: Path
    line: int
    language: str
    marker: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_run(self) -> bool:
        return self.language in ("sh", "sql") and not self.marker.startswith("not run: ")

    @property
    def exit_code(self) -> int:
        found = re.fullmatch(r"exit code (\d+)", self.marker)
        return int(found[1]) if found else 0


def blocks(page: Path) -> list[Block]:
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if not fence:
            at += 1
            continue
        end = lines.index("```", at + 1)
        marker = _MARKER.match(lines[at - 1]) if at else None
        found.append(
            Block(page, at + 1, fence[1], marker[1] if marker else "", "\n".join(lines[at + 1 : end]))
        )
        at = end + 1
    return found


def section(page: Path, heading: str) -> str:
    """The text under a heading line (``## Name``) up to the next heading of its level or above."""
    text = page.read_text(encoding="utf-8")
    level = len(heading) - len(heading.lstrip("#"))
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    following = re.search(rf"^#{{1,{level}}} ", text[start:], re.MULTILINE)
    return text[start : start + following.start()] if following else text[start:]


def rows(text: str) -> list[list[str]]:
    """The body rows of the Markdown tables in a text, cells stripped."""
    table = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return [
        row
        for at, row in enumerate(cells)
        if not _is_rule(row) and not (at + 1 < len(cells) and _is_rule(cells[at + 1]))
    ]


def _is_rule(row: list[str]) -> bool:
    return all(re.fullmatch(r":?-{3,}:?", cell) for cell in row)


def code(cell: str) -> str:
    """The first `code` in a cell."""
    found = re.search(r"`([^`]+)`", cell)
    assert found, f"no code in {cell!r}"
    return found[1]
