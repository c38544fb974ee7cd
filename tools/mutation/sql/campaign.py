"""Holds every mutant against the months and the unit tests, model by model.

What belongs here: the order in which mutants are tried and who is asked. Breaking is ``mutants``, looking is
``month`` and ``unit_tests``, counting is ``verdicts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tools.mutation.sql.kept import KeptVerdicts
from tools.mutation.sql.models import Model, Project
from tools.mutation.sql.month import Invalid, Killed, Month
from tools.mutation.sql.months import build_months, deadliest_first, open_months, warehouses
from tools.mutation.sql.mutants import Mutant, mutants
from tools.mutation.sql.unit_tests import UnitTests
from tools.mutation.sql.verdicts import Verdict


class Examiner:
    """Holds mutants against months and unit tests; keeps the months in the order in which they kill."""

    def __init__(
        self, project: Project, months: Sequence[Month], unit_tests: UnitTests, kept: KeptVerdicts
    ) -> None:
        self.project = project
        self.months = list(months)
        self.unit_tests = unit_tests
        self.kept = kept

    def verdict(self, mutant: Mutant) -> Verdict:
        """Ask the unit tests, which take milliseconds, then every month."""
        try:
            self.months[0].expect_valid(mutant)
        except Invalid as invalid:
            return Verdict(mutant, "invalid", str(invalid))
        unit_test = self.unit_tests.failing(mutant)
        if unit_test:
            return Verdict(mutant, "unit tests", unit_test)
        data_test = ""
        self.months = deadliest_first(self.months)
        for month in self.months:
            try:
                # every month is asked, so that the column a mutant counts in does not depend on their order
                found = month.examine(mutant)
                data_test = data_test or found or ""
            except Killed as killed:
                return Verdict(mutant, "worlds", str(killed))
        return Verdict(mutant, "data tests", data_test) if data_test else Verdict(mutant, "survived", "")

    def verdicts(self, model: Model) -> list[Verdict]:
        """The verdict on every mutant of a model, kept from an earlier run where it still follows."""
        found = mutants(self.project, model)
        fingerprint = self.kept.fingerprint(found, self.unit_tests.tests.get(model.name, ()))
        verdicts = self.kept.read(model.name, fingerprint, found)
        if verdicts is None:
            verdicts = [self.verdict(mutant) for mutant in found]
            self.kept.write(model.name, fingerprint, verdicts)
        return verdicts


_examiner: Examiner


def _open(folder: Path) -> None:
    global _examiner
    project = Project()
    months = folder / "months"
    kept = KeptVerdicts(folder / "verdicts", project, warehouses(months))
    _examiner = Examiner(project, open_months(project, months), UnitTests(project, folder), kept)


def _examine(name: str) -> list[Verdict]:
    return _examiner.verdicts(_examiner.project.by_name[name])


def campaign(folder: Path, names: Sequence[str], jobs: int) -> Iterator[list[Verdict]]:
    """Yield the verdicts on one model after the other.

    Months, unit tests and verdicts are found or made in ``folder``.
    """
    project = Project()
    build_months(folder / "months")
    unit_tests = UnitTests.ask_dbt(project, folder)
    unit_tests.expect_pass_without_mutation(project)
    for month in open_months(project, folder / "months"):
        month.expect_same_without_mutation()
        month.close()
    with ProcessPoolExecutor(jobs, get_context("spawn"), _open, (folder,)) as pool:
        yield from pool.map(_examine, names)
