"""Whatever fails the gate, and however publication is launched: nothing published changes (contract §6.1,
decision 4 of docs/development/architecture.md).

Belongs here: every suite and every control code against every kind of launch. Does not: forged certificates
(``test_forged_certificates``), when a control fails (the worlds) and what a suite expects. A month is built
once per cause; the launches then differ from the audit on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
import yaml
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from expectations.boundary import Suite, SuiteResult
from mbr_pipeline.audit.gate import SUITE_NAMES
from mbr_pipeline.cli.run import run_command
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.defs.launches import BREAKS, LAUNCHES, PASSING, Prepared
from tests.support.small import PERIOD, settings, write

GATE = dg.AssetKey(["audit", "gate"])
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ran(prepared: Prepared) -> dict[str, Any]:
    """What the function behind `mbr run` said of each broken MSP, with its exit codes; it builds their months
    as well.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(prepared.root / ".dagster"))
        patch.setenv("MBR_WORKSPACE", str(prepared.root))
        settings_text = (prepared.root / "mbr.yml").read_text(encoding="utf-8")
        # one run over all of them: the passing MSP is left out so that its month stays unpublished
        write(prepared.root / "mbr.yml", settings(BREAKS, 'policies: {min_coverage_pct: "50"}\n'))
        exit_code = run_command(WorkspacePaths(prepared.root), PERIOD, None, as_json=True)
        write(prepared.root / "mbr.yml", settings_text)
    return {"exit": exit_code}


def _gate_json(prepared: Prepared, msp_id: str) -> dict[str, Any]:
    path = prepared.root / "reports" / msp_id / PERIOD / "gate.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("code", BREAKS)
def test_mbr_run_publishes_nothing_of_a_month_with_a_failed_control(
    code: str, prepared: Prepared, ran: dict[str, Any]
) -> None:
    document = _gate_json(prepared, code)
    assert (document["gate"], document["reasons"], ran["exit"]) == ("blocked", [code], 3)
    prepared.assert_nothing_changed()


@pytest.mark.usefixtures("ran")
def test_the_gate_of_a_blocked_partition_says_in_dagster_what_failed(prepared: Prepared) -> None:
    code = next(iter(BREAKS))
    with dg.DagsterInstance.from_config(str(prepared.root / ".dagster")) as instance:
        records = instance.fetch_observations(
            dg.AssetRecordsFilter(asset_key=GATE, asset_partitions=[f"{code}|{PERIOD}"]), limit=1
        ).records
    observation = records[0].event_log_entry.asset_observation
    assert observation is not None
    metadata = observation.metadata
    assert metadata["failed_controls"].value == len(_gate_json(prepared, code)["controls"]) > 0
    assert f"`{code}`" in str(metadata["what_to_do"].value)
    assert float(str(metadata["seconds_to_gate"].value)) > 0


@pytest.mark.usefixtures("ran")
def test_red_stays_red_in_dagster_when_other_months_run(prepared: Prepared) -> None:
    """All months ran one after the other: each partition shows its own failed control and no other's."""
    gate = prepared.launcher.definitions.resolve_assets_def(GATE)
    partitions_def = gate.partitions_def
    assert partitions_def is not None
    partitions = {code: f"{code}|{PERIOD}" for code in BREAKS}
    with dg.DagsterInstance.from_config(str(prepared.root / ".dagster")) as instance:
        status = instance.get_status_by_partition(GATE, list(partitions.values()), partitions_def)
        failed = {
            code: {
                check.name
                for check in gate.check_keys
                for record in instance.event_log_storage.get_asset_check_execution_history(
                    check, limit=1, partition_filter=PartitionKeyFilter(key=partition)
                )
                if record.status is AssetCheckExecutionRecordStatus.FAILED
            }
            for code, partition in partitions.items()
        }
    assert status == dict.fromkeys(partitions.values(), AssetPartitionStatus.FAILED)
    assert {code: names - set(SUITE_NAMES) for code, names in failed.items()} == {c: {c} for c in BREAKS}


@pytest.mark.usefixtures("ran")
def test_a_blocked_run_fails_with_its_controls_and_what_to_do(prepared: Prepared) -> None:
    code = "CONTROL_TOTAL_MISMATCH"
    [control] = _gate_json(prepared, code)["controls"]
    with dg.DagsterInstance.from_config(str(prepared.root / ".dagster")) as instance:
        [run] = instance.get_runs(dg.RunsFilter(tags={"dagster/partition": f"{code}|{PERIOD}"}))
        failures = [
            entry.dagster_event.step_failure_data
            for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
            if entry.dagster_event
        ]
    said = [f.user_failure_data.description for f in failures if f.user_failure_data]
    assert said == [
        f"blocked: {code}: {control['message']}. Nothing was published. Mend what is named, then re-execute"
        f" all of this run, or type: mbr run --period {PERIOD} --msp {code}"
    ]


@pytest.mark.usefixtures("ran")
def test_runs_of_mbr_run_are_of_the_location_that_the_ui_loads(prepared: Prepared) -> None:
    """Else Dagster's timeline leaves them out."""
    with dg.DagsterInstance.from_config(str(prepared.root / ".dagster")) as instance:
        runs = instance.get_runs(dg.RunsFilter(tags={"launched_by": "mbr run"}))
    origins = [run.remote_job_origin for run in runs]
    assert len(runs) == len(BREAKS)
    files = [*ROOT.glob("mbr_pipeline/cli/**/dagster_workspace.yaml"), *ROOT.glob("deploy/**/workspace.yaml")]
    assert len(files) > 1
    for file in files:
        [loaded] = [
            each["location_name"]
            for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["load_from"]
            for each in entry.values()
        ]
        assert {origin.location_name for origin in origins if origin} == {loaded}
    assert {(o.repository_origin.repository_name, o.job_name) for o in origins if o} == {
        ("__repository__", "close_month")
    }
    assert None not in origins


@pytest.mark.usefixtures("ran")
@pytest.mark.parametrize("launch", LAUNCHES)
@pytest.mark.parametrize("code", BREAKS)
def test_no_launch_publishes_a_month_with_a_failed_control(
    code: str, launch: str, prepared: Prepared
) -> None:
    prepared.fail_one.failing = ""
    assert not LAUNCHES[launch](prepared.launcher, code)
    assert _gate_json(prepared, code)["reasons"] == [code]
    prepared.assert_nothing_changed()


@pytest.mark.parametrize("launch", LAUNCHES)
@pytest.mark.parametrize("suite", SUITE_NAMES)
def test_no_launch_publishes_a_month_with_a_failed_suite(suite: str, launch: str, prepared: Prepared) -> None:
    prepared.fail_one.failing = suite
    if "alone" in launch:
        prepared.month().audit(prepared.fail_one)
    assert not LAUNCHES[launch](prepared.launcher, PASSING)
    assert _gate_json(prepared, PASSING)["reasons"] == [f"SUITE_FAILED:{suite}"]
    prepared.assert_nothing_changed()


def test_a_suite_that_raises_has_failed(prepared: Prepared) -> None:
    def raising(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
        raise RuntimeError("no")

    document = prepared.month().audit(raising)
    assert document["reasons"] == [f"SUITE_FAILED:{name}" for name in sorted(SUITE_NAMES)]
    with pytest.raises(GateClosed):
        prepared.month().publish()
    prepared.assert_nothing_changed()


def test_a_suite_that_evaluated_nothing_has_failed(prepared: Prepared) -> None:
    document = prepared.month().audit(lambda suite, _: SuiteResult(suite.name, 0, 0, ()))
    assert document["gate"] == "blocked"
    with pytest.raises(GateClosed):
        prepared.month().publish()
    prepared.assert_nothing_changed()


@pytest.mark.usefixtures("ran")
def test_the_whole_graph_without_its_checks_publishes_nothing_of_a_blocked_month(prepared: Prepared) -> None:
    everything = dg.AssetSelection.all() - dg.AssetSelection.all_asset_checks()
    assert not prepared.launcher.materialize("ROW_REJECTED", PERIOD, everything)
    prepared.assert_nothing_changed()


@pytest.mark.usefixtures("ran")
def test_dagsters_own_command_line_publishes_nothing_of_a_blocked_month(prepared: Prepared) -> None:
    home = prepared.root / ".dagster"
    environment = os.environ | {"DAGSTER_HOME": str(home), "MBR_WORKSPACE": str(prepared.root)}
    command = [
        sys.executable,
        "-m",
        "dagster",
        "asset",
        "materialize",
        "-m",
        "mbr_pipeline.definitions",
        "--select",
        "*",
    ]
    done = subprocess.run(
        [*command, "--partition", f"SOURCE_EMPTY|{PERIOD}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode != 0
    assert "audit__gate" in done.stderr, done.stderr[-2000:]
    assert "publish - STEP_START" not in done.stderr
    prepared.assert_nothing_changed()
