"""What of an installation is right, and which old runs may go: decisions on plain facts.

Belongs here: the decisions. Does not: an installation that runs (tests/e2e/test_installation).
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from mbr_pipeline.upkeep import deployment
from mbr_pipeline.upkeep.deployment import Server
from mbr_pipeline.upkeep.old_runs import Run, may_go

_SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "dagster.yaml"


def _without(*keys: str) -> dict[str, Any]:
    """The shipped settings without one of them."""
    settings: dict[str, Any] = copy.deepcopy(yaml.safe_load(_SHIPPED.read_text()))
    within = settings
    for key in keys[:-1]:
        within = within[key]
    if keys:
        del within[keys[-1]]
    return settings


def test_the_shipped_settings_are_right() -> None:
    shipped = _without()
    assert deployment.storage(shipped, {"MBR_DAGSTER_POSTGRES_URL": "postgresql://h/d"}).is_right
    assert deployment.queue(shipped, 2).is_right
    assert deployment.monitoring(shipped).is_right
    assert deployment.retention(shipped).is_right


def test_each_setting_that_lacks_is_named() -> None:
    assert not deployment.storage(_without("storage"), {"MBR_DAGSTER_POSTGRES_URL": "x"}).is_right
    assert "MBR_DAGSTER_POSTGRES_URL is not set" in deployment.storage(_without(), {}).said
    assert "is not set" in deployment.queue(_without("concurrency"), 2).said
    assert (
        "two runs of one month"
        in deployment.queue(_without("concurrency", "runs", "tag_concurrency_limits"), 2).said
    )
    for key in (
        "enabled",
        "start_timeout_seconds",
        "max_runtime_seconds",
        "free_slots_after_run_end_seconds",
    ):
        assert key in deployment.monitoring(_without("run_monitoring", key)).said
    assert "every sensor" in deployment.retention(_without("retention", "sensor")).said


_SPREAD = yaml.safe_load((_SHIPPED.parent / "distributed" / "dagster.yaml").read_text())
_BROKER = {"MBR_CELERY_BROKER_URL": "redis://h/0", "MBR_CELERY_BACKEND_URL": "redis://h/1"}


def test_the_shipped_settings_of_several_machines_are_right() -> None:
    for item in (
        deployment.storage(_SPREAD, {"MBR_DAGSTER_POSTGRES_URL": "postgresql://h/d"}),
        deployment.queue(_SPREAD, None),
        deployment.monitoring(_SPREAD),
        deployment.retention(_SPREAD),
        deployment.launcher(_SPREAD, _BROKER),
        deployment.again(_SPREAD),
    ):
        assert item.is_right, item.said
    assert not deployment.queue(_SPREAD, 2).is_right  # 4 slots are too many for one machine's cores


@pytest.mark.parametrize("backend", ["rpc://", "rpc:///", None])
def test_results_that_only_their_asker_sees_are_refused(backend: str | None) -> None:
    config = {**_SPREAD["run_launcher"]["config"], "backend": backend}
    settings = {**_SPREAD, "run_launcher": {**_SPREAD["run_launcher"], "config": config}}
    in_the_environment = deployment.launcher(_SPREAD, {**_BROKER, "MBR_CELERY_BACKEND_URL": "rpc://"})
    for item in (deployment.launcher(settings, _BROKER), in_the_environment):
        assert not item.is_right
        assert item.said == (
            "results are kept by rpc://, where the daemon sees none of them and ends runs that are well: name"
            " a Redis or a database as `backend`; take `run_launcher:` from deploy/distributed/dagster.yaml"
        )


def test_what_several_machines_lack_is_named() -> None:
    lacks = deployment.launcher({}, _BROKER).said
    assert lacks.startswith("dagster.yaml launches no runs by Celery: take `run_launcher:`")
    without = {**_BROKER, "MBR_CELERY_BROKER_URL": ""}
    assert "MBR_CELERY_BROKER_URL is not set" in deployment.launcher(_SPREAD, without).said
    for wrong in ({"enabled": False}, {"max_retries": 0}, {"retry_on_asset_or_op_failure": True}):
        changed = {**_SPREAD, "run_retries": {**_SPREAD["run_retries"], **wrong}}
        assert deployment.again(changed).said.startswith("a month whose worker died is not run again, or one")


def test_a_password_in_dagsters_settings_is_no_address_from_the_environment() -> None:
    settings = _without()
    settings["storage"]["postgres"]["postgres_url"] = "postgresql://mbr:secret@host/dagster"
    item = deployment.storage(settings, {})
    assert not item.is_right
    assert "secret" not in item.said


@pytest.mark.parametrize(("most", "is_right"), [(0, False), (1, True), (4, True), (5, False), (-1, False)])
def test_the_queue_is_bounded_by_the_cores(most: int, is_right: bool) -> None:
    settings = _without()
    settings["concurrency"]["runs"]["max_concurrent_runs"] = most
    assert deployment.queue(settings, 4).is_right is is_right


def test_databases_answer_are_kept_up_are_two_and_agree_on_the_time() -> None:
    good = Server(15, "one/mbr_dagster", 0.2, "r2")
    assert deployment.database("database", good).is_right
    assert "refused" in deployment.database("database", "connection refused").said
    assert not deployment.database("database", Server(12, "one/d", 0.0)).is_right
    assert deployment.apart(good, Server(15, "one/mbr_ledger", 0.0)).is_right
    assert not deployment.apart(good, Server(15, "one/mbr_dagster", 0.0)).is_right
    assert deployment.clock(good).is_right
    assert "-6 s" in deployment.clock(Server(15, "one/d", -6.0)).said
    assert deployment.schema("r2", "r2").is_right
    assert "dagster instance migrate" in deployment.schema("r1", "r2").said
    assert "start the services" in deployment.schema(None, "r2").said


def test_secrets_schedules_and_parts_of_the_daemon_are_named() -> None:
    assert deployment.secrets([]).is_right
    assert "MBR_A, MBR_B" in deployment.secrets(["MBR_B", "MBR_A", "MBR_B"]).said
    assert deployment.schedules(["day 5, 06:00 UTC"], []).is_right
    assert "fetch_daily" in deployment.schedules(["day 5, 06:00 UTC"], ["fetch_daily"]).said
    assert deployment.daemon({"SCHEDULER": 119.0, "SENSOR": 1.0}).is_right
    said = deployment.daemon({"SCHEDULER": 121.0, "SENSOR": None, "MONITORING": 1.0}).said
    assert "SCHEDULER (121 s ago), SENSOR (never seen)" in said


@pytest.mark.parametrize(
    ("mode", "is_writable", "said"),
    [(None, False, "is not there"), (0o40700, False, "cannot be written"), (0o40755, True, "chmod 700"),
     (0o40750, True, "/srv/mbr")],
)  # fmt: skip
def test_a_folder_is_ours_and_closed_to_others(mode: int | None, is_writable: bool, said: str) -> None:
    item = deployment.folder("workspace", "/srv/mbr", mode, is_writable)
    assert said in item.said
    assert item.is_right is (mode == 0o40750)


def test_somebody_is_told_and_silence_is_noticed() -> None:
    assert deployment.alerts(["ops"], True, 0).is_right
    assert "add alerts.channels" in deployment.alerts([], True, 0).said
    assert "no heartbeat" in deployment.alerts(["ops"], False, 0).said
    assert "3 messages" in deployment.alerts(["ops"], True, 3).said


def test_viewers_have_a_server_that_changes_nothing() -> None:
    assert deployment.viewer("/run/v.sock", False).is_right
    assert "--read-only" in deployment.viewer("/run/v.sock", True).said
    assert "start mbr-viewer" in deployment.viewer("/run/v.sock", "No such file or directory").said
    assert "MBR_VIEWER_SOCKET" in deployment.viewer(None, False).said


def test_old_runs_go_but_the_last_of_each_month_and_its_last_success_stay() -> None:
    def run(run_id: str, day: int, msp: str, *, good: bool, ended: bool = True) -> Run:
        at = datetime(2026, 1, day, tzinfo=UTC)
        return Run(run_id, ("close_month", f"{msp}|2025-12"), at, at if ended else None, good)

    runs = [
        run("a1", 1, "a", good=True),  # a later success stands for it
        run("a2", 2, "a", good=True),  # the last success
        run("a3", 3, "a", good=False),
        run("a4", 4, "a", good=False),  # the last
        run("b1", 1, "b", good=False, ended=False),  # still runs, for all we know
        run("b2", 2, "b", good=True),
        run("c1", 5, "c", good=False),
        run("c2", 20, "c", good=True),
    ]
    assert may_go(runs, datetime(2026, 1, 10, tzinfo=UTC)) == ["a1", "a3", "c1"]
    assert may_go(runs, datetime(2026, 1, 1, tzinfo=UTC)) == []
