"""That Ctrl+C is noticed even where nobody lets it through.

Belongs here: ``mbr_pipeline.cli.run.interrupts``. Does not: what a command makes of it (tests/e2e/msps).
"""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from mbr_pipeline.cli.run.interrupts import noticed
from mbr_pipeline.cli.run.months import Months
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths


def _drop_one() -> None:
    """Press Ctrl+C where its error is dropped, as libraries in C++ do that import something."""
    with suppress(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_one_that_was_dropped_is_known_and_stays_known() -> None:
    with noticed() as is_pressed:
        assert not is_pressed()
        _drop_one()
        assert is_pressed()
        assert is_pressed()
    with noticed() as is_pressed:
        assert not is_pressed()


def test_whoever_started_the_command_may_end_it() -> None:
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    with noticed() as is_pressed:
        os.kill(os.getpid(), signal.SIGTERM)
        assert is_pressed()
    signal.signal(signal.SIGTERM, before)


def test_another_signal_is_none() -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    with noticed() as is_pressed:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert not is_pressed()
    signal.signal(signal.SIGUSR1, before)


def test_another_thread_gets_no_signals() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(_notices_nothing).result()


def _notices_nothing() -> bool:
    with noticed() as is_pressed:
        return not is_pressed()


def test_one_that_became_an_error_outside_any_step_ends_the_command_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Job:
        def execute_in_process(self, **_: object) -> None:
            _drop_one()
            raise RuntimeError("Query interrupted")

    monkeypatch.setattr("mbr_pipeline.cli.run.months.runs_without_an_end", lambda *_: ())
    instance = SimpleNamespace(add_dynamic_partitions=lambda *_: None)
    months = Months(WorkspacePaths(tmp_path), Period("2026-10"), instance, Job(), 0.0, _is_quiet=True)
    outcome, was_interrupted = months.run("acme")
    assert (outcome.failed, was_interrupted) == (True, True)
