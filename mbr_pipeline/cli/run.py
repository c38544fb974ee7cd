"""`mbr run`: the same graph as the schedule and the UI, in this process, for one MSP or all of them.

What belongs here: launching the job, reading what the gate said, and the exit code. What the terminal shows is in
``mbr_pipeline.cli.summary``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mbr_pipeline.cli.instance import dagster_home, history_held_open
from mbr_pipeline.cli.summary import print_summary
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.files import write_json
from mbr_pipeline.periods import Period
from mbr_pipeline.rules import load_rules
from mbr_pipeline.settings import load_settings
from mbr_pipeline.transform import Transformer
from mbr_pipeline.workspace_paths import MonthPaths, WorkspacePaths

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult

GATE_STEP = "audit__gate"


def run_command(workspace: WorkspacePaths, period_text: str, msp_id: str | None, as_json: bool) -> int:
    """Run the month and return the exit code of contract §7. Settings and all rules are checked before anything starts."""
    started = time.monotonic()
    period = Period.parse(period_text)
    msp_ids = _checked_msps(workspace, msp_id)
    with Transformer() as transformer:  # warms up while Dagster is imported
        outcomes = _run_all(workspace, period, msp_ids, transformer, started)
    results = [outcome for outcome in outcomes.values() if outcome]
    if as_json:
        print(json.dumps({"period": period.text, "results": [_json_result(r) for r in results]}))
    else:
        print_summary(workspace, period, results)
    if len(results) < len(msp_ids):
        return 1
    return 3 if any(r["gate"] != "passed" for r in results) else 0


def _checked_msps(workspace: WorkspacePaths, msp_id: str | None) -> list[str]:
    settings = load_settings(workspace.root)
    if msp_id is not None and msp_id not in settings.msps:
        raise ConfigError(f"--msp {msp_id}: not in mbr.yml: use one of {', '.join(settings.msps)}")
    msp_ids = [msp_id] if msp_id else list(settings.msps)
    for name in msp_ids:
        load_rules(workspace.root, name)
    return msp_ids


def _run_all(
    workspace: WorkspacePaths, period: Period, msp_ids: list[str], transformer: Transformer, started: float
) -> dict[str, dict[str, Any] | None]:
    home = dagster_home(workspace)
    import dagster as dg

    from expectations import runner
    from mbr_pipeline.definitions import House, build_definitions, partition_key

    house = House(workspace)
    house.use(transformer, period)
    job = build_definitions(house).resolve_job_def("close_month")
    # Great Expectations takes seconds to import: on another thread while files load and dbt builds
    threading.Thread(target=runner.warm_up, daemon=True).start()
    outcomes: dict[str, dict[str, Any] | None] = {}
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("msp", msp_ids)
        with history_held_open(home):
            for msp_id in msp_ids:
                month = workspace.month(msp_id, period)
                print(f"{msp_id} {period.text}", file=sys.stderr)
                ready = time.monotonic()
                result = job.execute_in_process(
                    instance=instance,
                    partition_key=partition_key(msp_id, period.text),
                    run_config={"loggers": {"console": {"config": {}}}},
                    tags={"launched_by": "mbr run", "pid": str(os.getpid())},
                    raise_on_error=False,
                )
                outcomes[msp_id] = _outcome(result, month)
                _write_timings(result, month, ready - started)
                started = time.monotonic()
    return outcomes


def _outcome(result: ExecuteInProcessResult, month: MonthPaths) -> dict[str, Any] | None:
    """Return the gate's document of this run, or None if the run failed anywhere but at the gate (and say where)."""
    failed = {event.step_key: event for event in result.all_events if event.is_step_failure}
    if set(failed) - {GATE_STEP}:
        for step, event in failed.items():
            if step != GATE_STEP:
                reason = _reason(event.step_failure_data)
                print(f"mbr: {month.msp_id} {month.period.text}: step {step} failed: {reason}; nothing was published", file=sys.stderr)
        return None
    if not result.success and not failed:
        # the gate.json that lies there is of an earlier run: it must not speak for this one
        print(f"mbr: {month.msp_id} {month.period.text}: the run failed before any step: see its log in the UI", file=sys.stderr)
        return None
    document: dict[str, Any] = json.loads((month.report / "gate.json").read_text(encoding="utf-8"))
    return document


def _reason(failure: Any) -> str:
    described = failure.user_failure_data.description if failure.user_failure_data else None
    error = failure.error.cause or failure.error if failure.error else None
    return " ".join((described or (error.message if error else "unknown")).split())


def _write_timings(result: ExecuteInProcessResult, month: MonthPaths, start_up: float) -> None:
    seconds = {
        event.step_key or "?": round(event.step_success_data.duration_ms / 1000, 3)
        for event in result.all_events
        if event.event_type_value == "STEP_SUCCESS"
    }
    write_json(month.report / "timings.json", {"start_up": round(start_up, 3), **seconds})


def _json_result(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("msp_id", "gate", "clients", "exceptions", "residual", "reasons")}
