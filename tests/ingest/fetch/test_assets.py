"""Fetching as Dagster does it: assets with retries and pools, the daily schedule, and no secret in any event.

Belongs here: the wiring. Does not: what lands (``test_fetching``).
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from connectors.testing.server import Asked, Reply
from connectors.testing.vendors.pax8 import FakePax8
from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.definitions import WorkspaceResource, build_definitions, partition_key
from mbr_pipeline.defs.closing_times import ClosingTime
from mbr_pipeline.defs.fetch import build_schedule
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import Schedule
from tests.e2e.command import MBR
from tests.ingest.fetch.shop import SECRETS, Shop, landed_files
from tests.support.small import write

ROOT = Path(__file__).resolve().parents[3]
FETCHED = ("vendor_invoices.fetched.jsonl.gz", "vendor_charges.fetched.jsonl.gz")


def land(shop: Shop, names: Iterable[str]) -> None:
    """Write empty files of October into the landing zone."""
    for name in names:
        write(shop.root / "landing/acme/2026-10/pax8" / name, "")


class Launches:
    """The definitions of the shop's workspace, and runs of its fetch job."""

    def __init__(self, shop: Shop) -> None:
        self.resource = WorkspaceResource(WorkspacePaths(shop.root))
        self.definitions = build_definitions(self.resource)
        self.instance = dg.DagsterInstance.ephemeral()
        self.instance.add_dynamic_partitions("msp", ["acme"])

    def fetch(self, period: str = "2026-10", **config: bool) -> Any:
        job = self.definitions.resolve_job_def("fetch_month")
        ops = {"fetch__pax8": {"config": config}}
        return job.execute_in_process(
            partition_key=partition_key("acme", period),
            instance=self.instance,
            run_config={"ops": ops},
            raise_on_error=False,
        )


@pytest.fixture
def launches(shop: Shop) -> Iterator[Launches]:
    yield Launches(shop)


def test_the_asset_lands_a_month_and_says_so(shop: Shop, launches: Launches) -> None:
    result = launches.fetch()
    assert result.success
    assert landed_files(shop) == ["vendor_charges.fetched.jsonl.gz", "vendor_invoices.fetched.jsonl.gz"]
    (event,) = result.asset_materializations_for_node("fetch__pax8")
    assert event.metadata["dagster/row_count"].value == 7
    assert event.metadata["pax8 vendor_charges"].value == "landed: 5 records"
    assert "cannot be fetched afterwards" in event.metadata["pax8 license_counts"].value


def test_a_vendor_has_an_asset_with_a_pool_and_retries_upstream_of_what_it_lands(launches: Launches) -> None:
    graph = launches.definitions.resolve_asset_graph()
    system = graph.get(dg.AssetKey(["fetch", "pax8"]))
    assert {key.to_user_string() for key in system.child_keys} == {
        "raw/pax8__vendor_invoices",
        "raw/pax8__vendor_charges",
        "raw/pax8__license_counts",
    }
    node = launches.definitions.resolve_job_def("fetch_month").get_node_named("fetch__pax8")
    assert node.definition.pool == "pax8"
    assert node.retry_policy is not None or node.definition.retry_policy is not None


def test_a_pool_lets_one_run_at_a_time_speak_to_a_vendor(
    shop: Shop, launches: Launches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")  # taken back after the test, as dagster_home sets it
    with dg.DagsterInstance.from_config(str(dagster_home(shop.paths))) as instance:
        instance.add_dynamic_partitions("msp", ["acme"])
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
        job = launches.definitions.resolve_job_def("fetch_month")
        for _ in range(2):  # the place is given back
            assert job.execute_in_process(
                partition_key=partition_key("acme", "2026-10"), instance=instance, raise_on_error=False
            ).success
        assert instance.event_log_storage.get_concurrency_info("pax8").slot_count == 1
        assert instance.event_log_storage.get_concurrency_info("pax8").active_slot_count == 0


def stand_together(tokens: list[str]) -> bool:
    """Each run has a token of its own: those of one run stand together."""
    return len(set(tokens)) == 2 and [token for token, _ in groupby(tokens)] == list(dict.fromkeys(tokens))


def test_two_runs_at_once_speak_to_a_vendor_one_after_the_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def app(asked: Asked) -> Reply:
        if not shop.vendor.is_token_request(asked):
            seen.append(asked.headers["authorization"])
            time.sleep(0.3)  # long enough for the other run to come in between, if it could
        return shop.vendor(asked)

    shop.server.app = app
    monkeypatch.setenv("DAGSTER_HOME", "")  # taken back after the test, as dagster_home sets it
    with dg.DagsterInstance.from_config(str(dagster_home(shop.paths))) as instance:
        instance.add_dynamic_partitions("msp", ["acme"])
    command = [sys.executable, "-m", "tests.ingest.fetch.one_run", str(shop.root)]
    runs = [
        subprocess.Popen([*command, period], cwd=ROOT, stderr=subprocess.DEVNULL)
        for period in ("2026-09", "2026-10")
    ]
    assert [run.wait(120) for run in runs] == [0, 0]
    assert stand_together(seen)


@pytest.mark.parametrize("other", [("fetch", "--period", "2026-09"), ("sources", "check")])
def test_a_command_waits_for_another_that_speaks_to_the_vendor(shop: Shop, other: tuple[str, ...]) -> None:
    seen: list[str] = []
    waits = threading.Event()  # or comes in between

    def app(asked: Asked) -> Reply:
        if not shop.vendor.is_token_request(asked):
            seen.append(asked.headers["authorization"])
            if len(set(seen)) > 1:
                waits.set()
            assert waits.wait(100)
        return shop.vendor(asked)

    def heard(run: subprocess.Popen[str]) -> int:
        assert run.stderr
        lines = [
            line
            for line in run.stderr
            if "acme pax8: waiting: another run speaks to Pax8" in line and not waits.set()
        ]
        return len(lines)

    shop.server.app = app
    commands = [
        [MBR, *words, "--workspace", str(shop.root)] for words in (("fetch", "--period", "2026-10"), other)
    ]
    runs = [
        subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for command in commands
    ]
    with ThreadPoolExecutor() as readers:
        assert sorted(readers.map(heard, runs)) == [0, 1]
    assert [run.wait(120) for run in runs] == [0, 0]
    assert stand_together(seen)


def test_closing_a_month_fetches_nothing(launches: Launches) -> None:
    job = launches.definitions.resolve_job_def("close_month")
    assert not [node.name for node in job.nodes if node.name.startswith("fetch")]


def test_what_can_be_retried_asks_for_it_and_what_cannot_does_not(shop: Shop, launches: Launches) -> None:
    shop.server.app = lambda asked: (
        Reply.json({}, 403) if asked.path.endswith("items") else shop.vendor(asked)
    )
    result = launches.fetch()
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_failure_data.user_failure_data.description.startswith(
        "acme pax8 vendor_charges: GET http://127.0.0.1:"
    )
    assert not [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]


def test_no_secret_is_in_any_event(shop: Shop, launches: Launches, capfd: pytest.CaptureFixture[str]) -> None:
    assert isinstance(shop.vendor, FakePax8)
    echo = {"message": "you sent " + " ".join(SECRETS)}
    shop.server.app = lambda asked: (
        Reply.json(echo, 400) if asked.path.endswith("items") else shop.vendor(asked)
    )
    failed = launches.fetch()
    shop.server.app = shop.vendor
    good = launches.fetch()
    assert not failed.success and good.success
    texts = [
        repr(record)
        for run in launches.instance.get_runs()
        for record in launches.instance.all_logs(run.run_id)
    ]
    texts += [*capfd.readouterr(), *(repr(run) for run in launches.instance.get_runs())]
    assert len(texts) > 20 and any("[hidden]" in text for text in texts)
    assert not [
        secret for secret in (*SECRETS, *shop.vendor.tokens.given) if any(secret in text for text in texts)
    ]


@pytest.mark.parametrize(
    ("day", "landed", "expected"),
    [
        (14, FETCHED, [("2026-11", True)]),
        (5, FETCHED, [("2026-11", True), ("2026-10", False)]),  # the day on which the month before is closed
        (4, (), [("2026-11", True)]),
        (14, FETCHED[:1], [("2026-11", True), ("2026-10", False)]),  # it was down on the fifth
        # by hand is there, too
        (14, ("vendor_invoices.csv", "vendor_charges.page1.csv"), [("2026-11", True)]),
    ],
)
def test_the_schedule_takes_snapshots_daily_and_the_month_before_from_the_closing_day_until_it_is_there(
    day: int,
    landed: tuple[str, ...],
    expected: list[tuple[str, bool]],
    shop: Shop,
    launches: Launches,
    tmp_path: Path,
) -> None:
    land(shop, landed)
    schedule = launches.definitions.resolve_schedule_def("fetch_daily")
    context = dg.build_schedule_context(
        instance=dg.DagsterInstance.local_temp(str(tmp_path)),
        scheduled_execution_time=datetime(2026, 11, day, 5, tzinfo=UTC),
        repository_def=launches.definitions.get_repository_def(),
    )
    requests = schedule.evaluate_tick(context).run_requests or []
    assert [
        (
            request.partition_key.split("|")[1],
            request.run_config["ops"]["fetch__pax8"]["config"]["snapshots_only"],
        )
        for request in requests
    ] == expected
    assert schedule.cron_schedule == "0 5 * * *"
    assert len({request.run_key for request in requests}) == len(expected)


@pytest.mark.parametrize(
    ("when", "tick", "expected"),
    [
        # an hour before midnight is the day before the closing day
        ((5, 0, "UTC"), (2026, 11, 4, 23), [("2026-11", True), ("2026-10", False)]),
        ((5, 0, "UTC"), (2026, 11, 5, 23), [("2026-11", True)]),
        # New Zealand's November 1, 5:00, is October 31 in UTC: seat counts are still October's
        ((1, 6, "Pacific/Auckland"), (2026, 11, 1, 5), [("2026-10", True), ("2026-10", False)]),
        ((1, 6, "Pacific/Auckland"), (2026, 11, 2, 5), [("2026-11", True)]),
    ],
)
def test_the_month_is_fetched_an_hour_before_its_close_and_seats_by_their_utc_day(
    when: tuple[int, int, str],
    tick: tuple[int, ...],
    expected: list[tuple[str, bool]],
    shop: Shop,
    launches: Launches,
    tmp_path: Path,
) -> None:
    land(shop, FETCHED)
    closing = ClosingTime(Schedule(day=when[0], hour=when[1], time_zone=when[2]), ("acme",), "")
    job = launches.definitions.resolve_job_def("fetch_month")
    context = dg.build_schedule_context(
        instance=dg.DagsterInstance.local_temp(str(tmp_path)),
        scheduled_execution_time=datetime(*tick, tzinfo=ZoneInfo(when[2])),  # type: ignore[misc, arg-type]
        repository_def=launches.definitions.get_repository_def(),
    )
    requests = build_schedule(launches.resource, job, closing).evaluate_tick(context).run_requests or []
    assert [
        (
            request.partition_key.split("|")[1],
            request.run_config["ops"]["fetch__pax8"]["config"]["snapshots_only"],
        )
        for request in requests
    ] == expected
    assert len({request.run_key for request in requests}) == len(expected)


def test_a_workspace_of_files_has_no_fetching_in_its_graph(tmp_path: Path) -> None:
    from tests.defs.graph import demo_definitions

    definitions = demo_definitions(tmp_path)
    assert [job.name for job in definitions.resolve_all_job_defs() if job.name.startswith("fetch")] == []
    assert [schedule.name for schedule in definitions.schedules or []] == ["monthly_close", "early_look"]
