"""The graph that Dagster shows is the one under review, and specs, dbt sources, suites and checks agree.

Belongs here: what can be said of the definitions without running them. Does not: what a run does.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.audit.gate import SUITE_NAMES
from mbr_pipeline.definitions import WorkspaceResource, build_definitions
from mbr_pipeline.periods import Period
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings
from tests.defs.graph import SNAPSHOT, demo_definitions, render
from tests.defs.launches import BREAKS
from tests.support.small import settings, write

# contract §6, copied from its table
PUBLISHED = {
    "fct_reconciliation",
    "fct_exceptions",
    "fct_variance_bridge",
    "fct_line_dispositions",
    "fct_client_gate",
    "fct_margin",
    "fct_close_metrics",
    "fct_decisions",
    "fct_invoice_lines_ready",
    "fct_psa_changes",
    "fct_control_totals",
    "dim_client",
    "dim_product",
    "dim_sku",
    "dim_source",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graph")


@pytest.fixture(scope="module")
def definitions(root: Path) -> dg.Definitions:
    return demo_definitions(root)


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> Mapping[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_the_graph_is_the_one_under_review(definitions: dg.Definitions) -> None:
    reviewed, current = SNAPSHOT.read_text(encoding="utf-8"), render(definitions)
    difference = difflib.unified_diff(
        reviewed.splitlines(), current.splitlines(), "reviewed", "current", lineterm="", n=4
    )
    assert reviewed == current, "wanted? `python -m tests.defs.graph` refreshes the snapshot\n" + "\n".join(
        difference
    )


def test_every_asset_says_who_owns_it_where_it_belongs_and_what_it_is(
    specs: Mapping[str, dg.AssetSpec],
) -> None:
    incomplete = [
        key
        for key, spec in specs.items()
        if not spec.owners
        or not spec.group_name
        or spec.group_name == "default"
        or not spec.kinds
        or len(spec.description or "") < 15
    ]
    assert len(specs) > 80
    assert incomplete == []


def test_every_dependency_is_an_asset_of_the_graph(specs: Mapping[str, dg.AssetSpec]) -> None:
    hanging = {dep.asset_key.to_user_string() for spec in specs.values() for dep in spec.deps} - set(specs)
    assert hanging == set()


def test_dbt_sources_and_the_assets_that_loading_makes_are_the_same(
    specs: Mapping[str, dg.AssetSpec],
) -> None:
    manifest = json.loads(dbt_project().manifest_path.read_text(encoding="utf-8"))
    sources = {"/".join(source["meta"]["dagster"]["asset_key"]) for source in manifest["sources"].values()}
    tables = {
        f"raw/{source['name']}" for source in manifest["sources"].values() if source["name"] not in _rules()
    }
    loaded = {key for key in specs if key.split("/")[0] in ("raw", "rules") and "__" not in key}
    assert sources == loaded
    assert {key for key in sources if key.startswith("raw/")} == tables


def _rules() -> set[str]:
    return {"client_map", "sku_map", "metering", "cost_list"}  # contract §2


def test_dbt_models_and_the_assets_of_its_layers_are_the_same(specs: Mapping[str, dg.AssetSpec]) -> None:
    manifest = json.loads(dbt_project().manifest_path.read_text(encoding="utf-8"))
    models = {
        n["name"]
        for n in manifest["nodes"].values()
        if n["resource_type"] == "model" and "gated" not in n["tags"]
    }
    layers = {key.split("/")[1] for key in specs if key.split("/")[0] in ("staging", "intermediate", "marts")}
    assert layers == models


def test_every_table_of_the_contract_is_a_mart_and_a_publication_behind_the_gate(
    specs: Mapping[str, dg.AssetSpec],
) -> None:
    published = {key.split("/")[1] for key in specs if key.startswith("publish/")}
    assert published == PUBLISHED
    for name in PUBLISHED:
        deps = {dep.asset_key.to_user_string() for dep in specs[f"publish/{name}"].deps}
        assert deps == {"audit/gate", f"marts/{name}"}


def test_every_suite_is_a_blocking_check_of_the_gate_and_so_is_every_control(
    definitions: dg.Definitions,
) -> None:
    gate = definitions.resolve_assets_def(dg.AssetKey(["audit", "gate"]))
    # contract §5.5; CONSERVATION_BROKEN is a fault of the product, which nothing landed brings about
    assert {check.name for check in gate.check_specs} == {*SUITE_NAMES, *BREAKS, "CONSERVATION_BROKEN"}
    assert all(check.partitions_def == gate.partitions_def for check in gate.check_specs)
    assert SUITE_NAMES == ("raw", "marts", "invoice_ready")  # one file per boundary
    assert all(check.blocking for check in gate.check_specs)


def test_landed_assets_are_named_after_source_and_dataset(
    root: Path, specs: Mapping[str, dg.AssetSpec]
) -> None:
    declared = {
        f"raw/{source}__{dataset}"
        for msp in load_settings(root).msps.values()
        for source, dataset in msp.declared()
    }
    landed = {key: spec for key, spec in specs.items() if spec.group_name == "landing"}
    assert set(landed) == declared
    assert {"raw/pax8__license_counts", "raw/halopsa__agreements"} < declared
    for key, spec in landed.items():
        dataset = key.split("__")[1]
        assert dataset in DATASETS
        feeds = {k for k, s in specs.items() if spec.key in {dep.asset_key for dep in s.deps}}
        assert feeds == {f"raw/{dataset}", "raw/load_controls"}


def test_all_assets_are_partitioned_by_msp_and_period(definitions: dg.Definitions) -> None:
    dimensions = {
        (
            tuple(dimension.name for dimension in definition.partitions_def.partitions_defs)
            if isinstance(definition.partitions_def, dg.MultiPartitionsDefinition)
            else None
        )
        for definition in definitions.resolve_asset_graph().assets_defs
        if not definition.is_external
    }
    assert dimensions == {("msp", "period")}


def _tick(definitions: dg.Definitions, when: datetime, home: Path) -> Any:
    instance = dg.DagsterInstance.local_temp(str(home))
    repository = definitions.get_repository_def()
    context = dg.build_schedule_context(
        instance=instance, scheduled_execution_time=when, repository_def=repository
    )
    return instance, definitions.resolve_schedule_def("monthly_close").evaluate_tick(context)


def test_on_the_fifth_of_november_the_schedule_asks_for_october_of_every_msp(
    definitions: dg.Definitions, tmp_path: Path
) -> None:
    assert definitions.resolve_schedule_def("monthly_close").cron_schedule == "0 6 5 * *"
    instance, tick = _tick(definitions, datetime(2026, 11, 5, 6, tzinfo=UTC), tmp_path)
    assert [request.partition_key for request in tick.run_requests] == [
        "northwind|2026-10",
        "harbour|2026-10",
    ]
    assert {request.tags["dagster/partition/msp"] for request in tick.run_requests} == {
        "northwind",
        "harbour",
    }
    assert set(instance.get_dynamic_partitions("msp")) == {"northwind", "harbour"}
    assert len({request.run_key for request in tick.run_requests}) == 2


def test_in_january_the_schedule_asks_for_december_of_the_year_before(
    definitions: dg.Definitions, tmp_path: Path
) -> None:
    _, tick = _tick(definitions, datetime(2027, 1, 5, 6, tzinfo=UTC), tmp_path)
    assert {request.partition_key for request in tick.run_requests} == {
        "northwind|2026-12",
        "harbour|2026-12",
    }


def test_day_and_hour_of_the_schedule_are_settings(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"], "schedule: {day: 12, hour: 3}\n"))
    definitions = build_definitions(WorkspaceResource(WorkspacePaths(tmp_path)))
    assert definitions.resolve_schedule_def("monthly_close").cron_schedule == "0 3 12 * *"


def test_an_msp_may_close_on_another_day_in_its_own_time_zone(tmp_path: Path) -> None:
    text = settings(["acme", "cedar"], "schedule: {day: 12, hour: 3}\n")
    own = "  cedar:\n    schedule: {hour: 7, time_zone: Pacific/Auckland}\n"
    write(tmp_path / "mbr.yml", text.replace("  cedar:\n", own, 1))
    definitions = build_definitions(WorkspaceResource(WorkspacePaths(tmp_path)))
    schedules = {one.name: one for one in definitions.get_repository_def().schedule_defs}
    assert {name: (one.cron_schedule, one.execution_timezone) for name, one in schedules.items()} == {
        "monthly_close": ("0 3 12 * *", "UTC"),
        "early_look": ("0 3 * * *", "UTC"),
        "early_look_day_12_hour_7_Pacific_Auckland": ("0 7 * * *", "Pacific/Auckland"),
        "monthly_close_day_12_hour_7_Pacific_Auckland": ("0 7 12 * *", "Pacific/Auckland"),
    }
    _, tick = _tick(definitions, datetime(2026, 11, 12, 3, tzinfo=UTC), tmp_path)
    assert [request.partition_key for request in tick.run_requests] == ["acme|2026-10"]


def test_the_schedules_are_on_without_a_click(definitions: dg.Definitions) -> None:
    statuses = {one.default_status for one in definitions.get_repository_def().schedule_defs}
    assert statuses == {dg.DefaultScheduleStatus.RUNNING}


def test_a_month_landed_before_or_asked_for_is_a_partition(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    (tmp_path / "landing/acme/2019-03").mkdir(parents=True)
    resource = WorkspaceResource(WorkspacePaths(tmp_path))
    resource._asked_period = Period("2050-07")
    periods = resource.partitions.get_partitions_def_for_dimension("period").get_partition_keys()
    assert (periods[0], periods[-1]) == ("2019-03", "2050-07")


@pytest.mark.parametrize("stray", ["0000-01", "0001-01", "0202-10", "0999-12", "9999-12"])
def test_a_folder_of_a_year_that_is_none_is_no_partition(stray: str, tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    for name in ("2019-03", stray):
        (tmp_path / "landing/acme" / name).mkdir(parents=True)
    resource = WorkspaceResource(WorkspacePaths(tmp_path))
    resource._asked_period = Period("2050-07")
    periods = resource.partitions.get_partitions_def_for_dimension("period").get_partition_keys()
    assert (periods[0], periods[-1]) == ("2019-03", "2050-07")
