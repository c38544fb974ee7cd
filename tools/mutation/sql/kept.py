"""Verdicts kept beside the months, so that a second run examines only the models whose verdicts may differ.

What belongs here: what a model's verdicts follow from, and the files that keep them. This tool's own code is
not among it: whoever changes how mutants are judged begins with an empty folder.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mbr_pipeline.recompute.verify import TABLES
from tools.mutation.sql.models import Project
from tools.mutation.sql.mutants import Mutant
from tools.mutation.sql.unit_tests import UnitTest
from tools.mutation.sql.verdicts import Verdict


class KeptVerdicts:
    """A file per model: its verdicts, and the fingerprint of all that they follow from."""

    def __init__(self, folder: Path, project: Project, months: Sequence[Path]) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._common = [
            {name: model.compiled_code for name, model in project.models.items()},
            {name: code for name, (code, _) in project.data_tests.items()},
            {name: compared.columns for name, compared in TABLES.items()},
            [(str(month), month.stat().st_size, month.stat().st_mtime_ns) for month in months],
        ]

    def fingerprint(self, mutants: Sequence[Mutant], unit_tests: Sequence[UnitTest]) -> str:
        """What the verdicts on a model's mutants follow from: they, its unit tests, all models and months."""
        of_model = [[(*mutant.key, mutant.sql) for mutant in mutants], [asdict(test) for test in unit_tests]]
        return hashlib.sha256(json.dumps([of_model, self._common]).encode()).hexdigest()

    def read(self, name: str, fingerprint: str, mutants: Sequence[Mutant]) -> list[Verdict] | None:
        """The verdicts on a model's mutants, if they were kept and still follow."""
        file = self._folder / f"{name}.json"
        kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        if kept.get("fingerprint") != fingerprint:
            return None
        return [Verdict(mutant, *found) for mutant, found in zip(mutants, kept["verdicts"], strict=True)]

    def write(self, name: str, fingerprint: str, verdicts: Sequence[Verdict]) -> None:
        """Keep the verdicts on a model's mutants."""
        kept = {"fingerprint": fingerprint, "verdicts": [(verdict.fate, verdict.by) for verdict in verdicts]}
        (self._folder / f"{name}.json").write_text(json.dumps(kept), encoding="utf-8")
