"""Why a step failed, as people are told it.

Belongs here: one line from what a real job keeps of its failed step. Does not: whom it is told.
"""

from __future__ import annotations

import dagster as dg
import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.step_failures import reason_of


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConfigError("mbr.yml: 'x' is no key:\n  write y"), "mbr.yml: 'x' is no key: write y"),
        (dg.Failure(description="no file: land one"), "no file: land one"),
        (OSError("no space: left"), "OSError: no space: left"),
    ],
)
def test_what_says_what_to_do_is_told_without_its_class(error: Exception, told: str) -> None:
    @dg.op
    def fails() -> None:
        raise error

    @dg.job
    def job() -> None:
        fails()

    result = job.execute_in_process(raise_on_error=False)
    [failed] = [event for event in result.all_events if event.is_step_failure]
    assert reason_of(failed.step_failure_data) == told
