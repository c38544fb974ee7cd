"""Every word of a profile, by the page that explains it: its examples are read as they stand there.

Belongs here: docs/reference/profile-words.md. Does not: what an example does not show (``test_shapes``,
``test_mapped_rows``).
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.datasets import DATASETS
from connectors.mapped.cells import _ORIGINS
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from tests.connectors.mapped.german import records
from tests.docs.pages import ROOT, Block, blocks

PAGE = ROOT / "docs" / "reference" / "profile-words.md"
BLOCKS = blocks(PAGE)
EXAMPLES = [BLOCKS[at : at + 3] for at in range(0, len(BLOCKS), 3)]


def heading_of(block: Block) -> str:
    above = PAGE.read_text(encoding="utf-8").splitlines()[: block.line]
    return next(line.removeprefix("### ") for line in reversed(above) if line.startswith("### "))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda blocks: heading_of(blocks[0]))
def test_the_example_of_a_word_comes_out_as_the_page_says(example: list[Block], tmp_path: Path) -> None:
    words, file, expected = example
    assert [block.language for block in example] == ["yaml", "csv", "text"]
    ((name, profile),) = yaml.load(words.text, yaml.BaseLoader).items()  # texts only, as mbr.yml is read
    path = tmp_path / "2026-10" / "vendor" / (file.marker.removeprefix("file ") or f"{name}.csv")
    path.parent.mkdir(parents=True)
    path.write_text(file.text + "\n", encoding="utf-8")
    opened = MappedFile(path, profile_of(DATASETS[name], profile, is_complete=False))
    found: list[dict[str, Any]] = records(opened)
    wanted = list(csv.DictReader(io.StringIO(expected.text)))
    assert [{column: row.get(column) or "" for column in wanted[0]} for row in found] == wanted
    assert set(wanted[0]) >= {column for row in found for column in row if not column.startswith("_")}
    assert opened.faults == []


def test_every_section_has_one_example_and_every_word_a_section() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sections = re.findall("^### (.*)$", text, re.MULTILINE)
    assert [heading_of(example[0]) for example in EXAMPLES] == sections
    explained_elsewhere = {"heading", "constant", "count", "made_of"}  # workspace-and-settings.md
    assert set(_ORIGINS) - explained_elsewhere <= set(sections)
