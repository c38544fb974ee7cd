"""The volume of a key in hand-made books.

Belongs here: what the tests of volume codes share. Does not: expectations.
"""

from __future__ import annotations

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation
from mbr_pipeline.explain.derive import derive
from tests.explain.books import (
    finding,
)


def volume(case: Case, code: str = "UNDERBILLED_QUANTITY") -> Derivation:
    return derive(finding(code), case)
