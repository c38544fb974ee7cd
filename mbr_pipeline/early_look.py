"""A look at a month that goes on: the same marts and audit as of a close, as an early warning.

What belongs here: running the steps of a month beside it and keeping their report. What does not: the steps
(``mbr_pipeline.monthly_close``). Nothing is published and nobody is told: that data is missing before the
month is over is nothing that anybody could mend. The month itself, and its certificate, are left as they are.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.counted import plural
from expectations import runner
from mbr_pipeline.audit.gate import RunSuite
from mbr_pipeline.errors import MbrError
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.storage.locks import locked_alone
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.alert_settings import Alerts
from mbr_pipeline.workspace.paths import EarlyPaths
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class EarlyLook(MonthlyClose):
    """A month that goes on, and a workspace that tells nobody."""

    @classmethod
    def at(cls, month: MonthlyClose) -> EarlyLook:
        """Look at a month in files of its own."""
        settings = month.workspace.settings.model_copy(update={"alerts": Alerts()})
        own = EarlyPaths(month.paths.workspace, month.paths.msp_id, month.paths.period)
        return cls(Workspace(month.workspace.paths, settings), own)

    def publish(self, refreshes_catalogue: bool = True, run_suite: RunSuite = runner.run) -> list[str]:
        """Refuse: what is seen early is never published."""
        raise MbrError(
            f"{self.paths.msp_id} {self.paths.period.text}: an early look is not published: run"
            f" `mbr run --period {self.paths.period.text} --msp {self.paths.msp_id}`"
        )

    def _warnings(self) -> list[str]:
        today = datetime.now(UTC).date().isoformat()
        said = (
            f"a look at the month as of {today}: what is still to come is missing, and nothing is published"
        )
        return [said, *super()._warnings()]


def look(month: MonthlyClose, transformer: Transformer, run_suite: RunSuite = runner.run) -> dict[str, Any]:
    """Compute a month as far as it is landed, and write report and ``gate.json`` to ``reports/…/early/``;
    returns ``gate.json``.

    Raises:
        MonthClosed: The month is closed: there is nothing to be warned of.
        MbrError: A step failed. An earlier look is left as it was.
    """
    early = EarlyLook.at(month)
    with locked_alone(early.paths.workspace.warehouse / early.paths.msp_id / "early.lock"):
        for left in early.paths.folder.parent.glob("*.early/"):
            shutil.rmtree(left)  # of a look that was killed
        try:
            early.load()
            broken = [each for each in early.transform(transformer) if each.status in ("error", "fail")]
            if broken:
                nodes, first = plural(len(broken), "dbt node"), broken[0]
                said = f"{nodes} failed, first {first.unique_id}: {first.message}"
                raise MbrError(f"{early.paths.msp_id} {early.paths.period.text}: {said}")
            document = early.audit(run_suite)
            early.report()
        finally:
            shutil.rmtree(early.paths.folder, ignore_errors=True)
    return document
