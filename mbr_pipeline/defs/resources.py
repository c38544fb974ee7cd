"""What every asset needs: the workspace, the partitions, and the running dbt process.

What belongs here: the resource shared by all steps and the partition dimensions. Nothing is started
until it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

import dagster as dg

from expectations import runner
from mbr_pipeline.audit.gate import RunSuite
from mbr_pipeline.defs.partitions import MSPS
from mbr_pipeline.ingest.landing import periods_landed
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.periods import Period, month_before
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


@dataclass
class WorkspaceResource:
    """One workspace as the assets see it. ``run_suite`` and ``transformer`` are what tests replace.

    Without ``refreshes_catalogue``, whoever runs many months at once makes the catalogue show them.
    """

    paths: WorkspacePaths
    run_suite: RunSuite = runner.run
    refreshes_catalogue: bool = True
    _transformer: Transformer | None = field(default=None, repr=False)
    _asked_period: Period | None = field(default=None, repr=False)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace as it was when the definitions were loaded: it shapes the graph.
        Runs open it again.
        """
        return Workspace.open(self.paths)

    @property
    def transformer(self) -> Transformer:
        """The dbt process, started on first use."""
        if self._transformer is None:
            self._transformer = Transformer()
        return self._transformer

    def use(self, transformer: Transformer, period: Period) -> None:
        """Use a dbt process that the caller started and will end, and make sure that
        ``period`` is a partition.
        """
        self._transformer, self._asked_period = transformer, period

    def close(self) -> None:
        """End the dbt process, if there is one."""
        if self._transformer:
            self._transformer.close()
            self._transformer = None

    def month(self, partition_key: str) -> MonthlyClose:
        """Open the month of a partition ``msp|period``."""
        msp_id, _, period = partition_key.partition("|")
        return MonthlyClose.of(self.paths, msp_id, period)

    @cached_property
    def partitions(self) -> dg.MultiPartitionsDefinition:
        """MSP by period: every month from the first landed one to the current one, and
        any landed beyond it.
        """
        first, last = self._months()
        today = datetime.now(UTC).date()
        ahead = (last.year - today.year) * 12 + last.month - today.month
        periods = dg.MonthlyPartitionsDefinition(
            start_date=first.strftime("%Y-%m"), fmt="%Y-%m", end_offset=max(1, ahead + 1)
        )
        return dg.MultiPartitionsDefinition({"msp": MSPS, "period": periods})

    def _months(self) -> tuple[date, date]:
        today = datetime.now(UTC).date()
        landed = [Period(text).start for text in periods_landed(self.paths)]
        landed += [self._asked_period.start] if self._asked_period else []
        return min([*landed, month_before(today).start]), max([*landed, today])
