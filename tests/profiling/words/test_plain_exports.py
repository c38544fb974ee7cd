"""Plain exports of many systems in seven languages: what is proposed is right, or asked.

Belongs here: whole small files with answers worked out beforehand. Does not: single headings (the other tests
of this folder), files of set-ups with more rows (``test_exports_from_documentation``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.mapped.words import TODO
from mbr_pipeline.profiling.propose import propose

EXPORTS = Path(__file__).parent.parent / "plain_exports"
ANSWERS: dict[str, Any] = yaml.safe_load((EXPORTS / "answers.yml").read_text(encoding="utf-8"))


def test_every_export_has_an_answer() -> None:
    assert sorted(ANSWERS) == sorted(path.name for path in EXPORTS.glob("*.csv"))


@pytest.mark.parametrize("name", ANSWERS)
def test_a_plain_export_is_read_right_or_asked(name: str) -> None:
    answer = ANSWERS[name]
    proposal = propose(EXPORTS / name)
    asked = {q.key[1] if q.key[0] == "columns" else q.key[0] for q in proposal.questions}
    assert asked <= set(answer.get("may_ask", ())) - {""}, asked
    if "dataset" not in asked:
        assert proposal.dataset == answer["dataset"]
    wrong = {}
    for column, ways in answer.get("columns", {}).items() if proposal.dataset == answer["dataset"] else ():
        found = proposal.columns.get(column)
        is_right = found in (ways if isinstance(ways, list) else [ways])
        if not is_right and TODO not in json.dumps(found):
            wrong[column] = found
    assert wrong == {}
