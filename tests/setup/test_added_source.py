"""A source added to ``mbr.yml``: the file as people write it stays, but for the new lines.

Belongs here: ``with_source``. Does not: what a source may say (the settings' own tests).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.setup.settings_edit import with_source

PATH = Path("mbr.yml")
BLOCK = "nova:  # new\n  datasets: [vendor_charges]\n"
LAST = "      psa:  # ours\n        datasets:\n        - clients\n        - invoice_lines  # every month\n"
TEXT = f"msps:\n  acme:\n    name: A\n    sources:\n      pax8: {{datasets: [vendor_charges]}}\n{LAST}"
ADDED = "      nova:  # new\n        datasets: [vendor_charges]\n"


@pytest.mark.parametrize(
    "after",
    ["", "\n\n# the end\n", "  other:\n    name: O\n    sources:\n      psa: {datasets: [clients]}\n"],
)
@pytest.mark.parametrize("indent", ["", "      "])
def test_it_stands_below_the_last_one(after: str, indent: str) -> None:
    block = "".join(indent + line for line in BLOCK.splitlines(keepends=True))
    assert with_source(TEXT + after, PATH, "acme", block) == TEXT + ADDED + after


def test_a_file_without_a_line_feed_at_its_end_gets_it_too() -> None:
    text = TEXT.removesuffix("  # every month\n")
    assert with_source(text, PATH, "acme", BLOCK) == f"{text}\n{ADDED}".removesuffix("\n")


@pytest.mark.parametrize(
    "text",
    [
        "msps: {acme: {name: A, sources: {pax8: {datasets: [vendor_charges]}}}}\n",
        "msps:\n  acme:\n    name: A\n    sources: {pax8: {datasets: [vendor_charges]}}\n",
    ],
)
def test_a_file_written_in_one_line_is_left_to_a_person(text: str) -> None:
    with pytest.raises(ConfigError, match="add it below msps.acme.sources with an editor"):
        with_source(text, PATH, "acme", BLOCK)
