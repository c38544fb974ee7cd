"""What two fingerprints say changed.

Belongs here: words. Does not: what goes into a fingerprint (``test_fingerprint``).
"""

from __future__ import annotations

import pytest

from mbr_pipeline.audit.inputs import changes, fingerprint

BEFORE = ([b"map"], b"settings", [b"decided"])
AFTER = "after the month was loaded"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (([b"map"], b"settings", [b"decided", b"again"]), f"a decision came {AFTER}"),
        (([b"maps"], b"settings", [b"decided"]), f"rules changed {AFTER}"),
        (([b"map", b"unit"], b"", [b"decided"]), f"rules and settings changed {AFTER}"),
        (([b"map"], b"other", []), f"settings changed {AFTER} and a decision came {AFTER}"),
    ],
)
def test_each_part_that_changed_is_named(now: tuple[list[bytes], bytes, list[bytes]], said: str) -> None:
    before = fingerprint((), *BEFORE)
    assert len(before) == 64
    assert changes(before, fingerprint((), *now)) == said


def test_of_another_kind_of_fingerprint_only_that_something_changed_is_known() -> None:
    said = f"landed files, rules, settings or decisions changed {AFTER}"
    assert changes("f00d", fingerprint((), *BEFORE)) == said
