"""The month that goes on is looked at every day: nothing of it changes, and nobody is told.

Belongs here: the look over the real graph and dbt, and when its schedule asks for one. Does not: what a step
of a month does.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from mbr_pipeline.alerts.watch import outbox_of
from mbr_pipeline.definitions import WorkspaceResource, build_definitions, partition_key
from mbr_pipeline.early_look import EarlyLook
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings
from mbr_pipeline.workspace.workspace import Workspace
from tests.monthly_close.months import hold, month_of
from tests.release.standing import Standing
from tests.support.launching import Launcher, bytes_below
from tests.support.small import PERIOD, changed, settings, write, write_msp

ALERTS = "alerts: {channels: {ops: {kind: webhook, url_env: T_OPS_URL}}}\n"


def test_a_look_writes_its_report_and_changes_nothing_else(
    transformer: Transformer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MBR_LEDGER_URL", raising=False)
    write(tmp_path / "mbr.yml", settings(["acme"], ALERTS))
    write_msp(tmp_path, "acme")
    launcher = Launcher(tmp_path, transformer)
    assert launcher.close_month("acme", PERIOD)
    # as of now the month would be blocked: its vendor's bill does not add up
    write_msp(tmp_path, "acme", changed("vendor/vendor_invoices.csv", "50.00", "51.00"))
    (tmp_path / f"warehouse/acme/{PERIOD}.early").mkdir()  # of a look that was killed
    kept = [
        tmp_path / "published",
        tmp_path / f"warehouse/acme/{PERIOD}",
        tmp_path / f"reports/acme/{PERIOD}",
    ]
    before = [bytes_below(folder) for folder in kept]

    done = launcher.definitions.resolve_job_def("look_early").execute_in_process(
        partition_key=partition_key("acme", PERIOD), instance=launcher.instance, raise_on_error=False
    )

    assert done.success
    early = tmp_path / f"reports/acme/{PERIOD}/early"
    document = json.loads((early / "gate.json").read_text(encoding="utf-8"))
    assert (document["gate"], document["reasons"]) == ("blocked", ["CONTROL_TOTAL_MISMATCH"])
    assert document["warnings"][0].startswith("a look at the month as of 20")
    assert "a look at the month as of 20" in (early / "index.html").read_text(encoding="utf-8")
    assert (early / "blocked/fct_exceptions.parquet").exists()
    [event] = done.asset_materializations_for_node("early__look")
    assert event.metadata["still_missing"].value == ["CONTROL_TOTAL_MISMATCH"]
    assert event.metadata["page"].value == str(early / "index.html")
    after = [
        {name: content for name, content in bytes_below(folder).items() if not name.startswith("early/")}
        for folder in kept
    ]
    assert after == before
    assert list(tmp_path.glob("warehouse/acme/*.early")) == []
    box = outbox_of(Workspace.open(WorkspacePaths(tmp_path)))
    assert box and box.standing() == []

    month = month_of(tmp_path)
    with pytest.raises(MbrError, match=f"is not published: run `mbr run --period {PERIOD} --msp acme`"):
        EarlyLook.at(month).publish()
    month.audit(hold)
    assert not early.exists()  # a run of the month says more


def _asked(root: Path, home: Path, day: int, month: int = 10) -> list[str]:
    definitions = build_definitions(WorkspaceResource(WorkspacePaths(root)))
    found = []
    for schedule in definitions.get_repository_def().schedule_defs:
        if schedule.name.startswith("early_look"):
            context = dg.build_schedule_context(
                instance=dg.DagsterInstance.local_temp(str(home)),
                scheduled_execution_time=datetime(2026, month, day, 6, tzinfo=UTC),
                repository_def=definitions.get_repository_def(),
            )
            found += [str(one.partition_key) for one in schedule.evaluate_tick(context).run_requests or []]
    return found


def test_every_day_it_is_asked_for_the_month_that_goes_on_where_something_is_landed(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    standing = Standing(tmp_path)
    names = ["acme", "birch", "cedar", "dover"]
    text = settings(names).replace("  birch:\n", "  birch:\n    schedule: {early_look: false}\n")
    # dover closes at another time, and so is looked at at another
    write(tmp_path / "mbr.yml", text.replace("  dover:\n", "  dover:\n    schedule: {hour: 8}\n"))
    for name in ("birch", "dover"):
        write_msp(tmp_path, name)
    assert _asked(tmp_path, home, 14) == ["acme|2026-10", "dover|2026-10"]
    assert _asked(tmp_path, home, 5, month=11) == []  # October is over, of November nothing is there
    standing.audited()
    standing.close()
    assert _asked(tmp_path, home, 14) == ["dover|2026-10"]


def test_whether_an_msp_wants_it_is_true_or_false(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"], "schedule: {early_look: sometimes}\n"))
    with pytest.raises(
        ConfigError, match=r"mbr\.yml.*early_look.*'sometimes' is neither: write true or false"
    ):
        load_settings(tmp_path)
