"""What every asset needs: the workspace, the partitions, and the running dbt process.

What belongs here: the resource shared by all steps and the partition dimensions. Nothing here starts anything until it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import dagster as dg

from expectations import runner
from mbr_pipeline.errors import MbrError
from mbr_pipeline.gate import RunSuite
from mbr_pipeline.landing import periods_landed
from mbr_pipeline.month import Month
from mbr_pipeline.periods import Period, month_before
from mbr_pipeline.settings import Settings, load_settings
from mbr_pipeline.transform import Transformer
from mbr_pipeline.workspace_paths import WorkspacePaths

OWNERS = ["team:data"]
MSPS = dg.DynamicPartitionsDefinition(name="msp")


@dataclass
class House:
    """One workspace as the assets see it. ``run_suite`` and ``transformer`` are what tests replace."""

    workspace: WorkspacePaths
    run_suite: RunSuite = runner.run
    _transformer: Transformer | None = field(default=None, repr=False)
    _asked_period: Period | None = field(default=None, repr=False)

    @cached_property
    def settings(self) -> Settings:
        """The settings when the definitions were loaded: they shape the graph. Runs read them again."""
        return load_settings(self.workspace.root)

    @property
    def transformer(self) -> Transformer:
        """The dbt process, started when first asked for."""
        if self._transformer is None:
            self._transformer = Transformer()
        return self._transformer

    def use(self, transformer: Transformer, period: Period) -> None:
        """Take over a dbt process that the caller started and will end, and make sure that ``period`` is a partition."""
        self._transformer, self._asked_period = transformer, period

    def close(self) -> None:
        """End the dbt process, if there is one."""
        if self._transformer:
            self._transformer.close()
            self._transformer = None

    def month(self, partition_key: str) -> Month:
        """Open the month of a partition ``msp|period``."""
        msp_id, _, period = partition_key.partition("|")
        return Month.of(self.workspace, msp_id, period)

    @cached_property
    def partitions(self) -> dg.MultiPartitionsDefinition:
        """MSP by period: every month from the first landed one to the current one, and any landed beyond it."""
        first, last = self._months()
        today = datetime.now(UTC).date()
        ahead = (last.year - today.year) * 12 + last.month - today.month
        periods = dg.MonthlyPartitionsDefinition(start_date=first.strftime("%Y-%m"), fmt="%Y-%m", end_offset=max(1, ahead + 1))
        return dg.MultiPartitionsDefinition({"msp": MSPS, "period": periods})

    def _months(self) -> tuple[date, date]:
        today = datetime.now(UTC).date()
        landed = [Period(text).start for text in periods_landed(self.workspace)]
        landed += [self._asked_period.start] if self._asked_period else []
        return min([*landed, month_before(today).start]), max([*landed, today])


def partition_key(msp_id: str, period: str) -> dg.MultiPartitionKey:
    """Return the partition key of an MSP's month."""
    return dg.MultiPartitionKey({"msp": msp_id, "period": period})


def money_metadata(totals: Mapping[str, str]) -> dict[str, Any]:
    """Return metadata of money totals: text by currency, never a number that a chart would turn into floating point."""
    return {f"total_{currency}": dg.MetadataValue.text(_plain(amount)) for currency, amount in sorted(totals.items())}


def _plain(amount: str) -> str:
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def failing(error: MbrError, allow_retries: bool = False) -> dg.Failure:
    """Return the Dagster failure of an error that already says what to do."""
    return dg.Failure(description=str(error), allow_retries=allow_retries)


def selected(context: dg.AssetExecutionContext, specs: Sequence[dg.AssetSpec]) -> list[dg.AssetSpec]:
    """Return the specs that this run materialises, in order."""
    return [spec for spec in specs if spec.key in context.selected_asset_keys]
