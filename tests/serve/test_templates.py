"""What a form carries back comes back whole: templates write it by ``exact``, for other texts are shown cut
at 600 characters and with their hidden characters visible.

Belongs here: templates as text. Does not: pages.
"""

from __future__ import annotations

import re
from pathlib import Path

import mbr_pipeline.serve

TEMPLATES = sorted((Path(mbr_pipeline.serve.__file__).parent / "templates").rglob("*.j2"))
_CARRIED = re.compile(r'value="\{\{ (.*?) \}\}"|<textarea[^>]*>\s*\{\{ (.*?) \}\}')


def test_every_text_that_a_form_carries_is_exact() -> None:
    found = {
        f"{path.name}: {first or second}"
        for path in TEMPLATES
        for first, second in _CARRIED.findall(path.read_text(encoding="utf-8"))
        if (first or second) != "token" and not re.search(r"\|(exact|in_link|e)\)?$", first or second)
    }
    assert len(TEMPLATES) > 20
    assert found == set()
