"""What a look at the workspace finds on a day: late data, snapshots that stopped (contract §11).

Belongs here: ``watch.look`` over real landing folders. Does not: the texts (test_lifecycle), sending.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

from mbr_pipeline.alerts.outbox import Outbox
from mbr_pipeline.alerts.watch import look, outbox_of, record_failed, record_gate, record_published
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.workspace import Workspace
from tests.alerts.conftest import channels
from tests.support.sinks import MailSink
from tests.support.small import PERIOD, settings, write


def _day(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def _standing(box: Outbox) -> list[tuple[str, str | None, str | None]]:
    # that nobody closes these months is another test's matter (test_overdue)
    found = [(cause["cause"], cause["period"], cause["subject"]) for cause in box.standing()]
    return [cause for cause in found if cause[0] != "CLOSE_OVERDUE"]


def test_a_source_is_late_from_its_day_until_its_last_file_is_landed(
    workspace: Workspace, box: Outbox
) -> None:
    file = workspace.paths.landing / "acme" / PERIOD / "vendor/license_counts.csv"
    landed = file.read_text()
    look(workspace, box, _day(28))
    assert _standing(box) == []
    file.unlink()
    look(workspace, box, _day(4))
    assert _standing(box) == []
    look(workspace, box, _day(5))
    assert _standing(box) == [("DATA_MISSING", PERIOD, "vendor")]
    # October stays late in December, and so is November by then, of both sources
    look(workspace, box, _day(5, month=12))
    assert sorted(_standing(box)) == [
        ("DATA_MISSING", PERIOD, "vendor"),
        ("DATA_MISSING", "2026-11", "psa"),
        ("DATA_MISSING", "2026-11", "vendor"),
    ]
    write(file, landed)
    look(workspace, box, _day(4, month=12))
    assert _standing(box) == []


def test_an_older_month_that_waits_for_a_source_is_told_though_nobody_looked_in_time(
    workspace: Workspace, box: Outbox
) -> None:
    landing = workspace.paths.landing / "acme"
    for month in ("2026-07", "2026-11", "2026-12"):
        shutil.copytree(landing / PERIOD, landing / month)
    (landing / "2026-07" / "vendor" / "license_counts.csv").unlink()
    (landing / PERIOD / "psa" / "products.csv").unlink()
    (landing / "2026-11" / "psa" / "products.csv").unlink()
    _publish(workspace, "2026-08")  # of what was declared then
    _close(workspace, "2026-11")
    january = datetime(2027, 1, 9, 12, tzinfo=UTC)
    look(workspace, box, january)
    assert sorted(_standing(box)) == [
        ("DATA_MISSING", "2026-07", "vendor"),
        ("DATA_MISSING", "2026-09", "psa"),  # nothing of it was ever landed
        ("DATA_MISSING", "2026-09", "vendor"),
        ("DATA_MISSING", PERIOD, "psa"),
    ]
    _close(workspace, PERIOD)
    look(workspace, box, january)
    assert PERIOD not in [period for _, period, _ in _standing(box)]


def test_of_older_months_those_of_a_year_are_looked_at(workspace: Workspace, box: Outbox) -> None:
    landing = workspace.paths.landing / "acme"
    for month in ("2025-08", "2025-09"):
        shutil.copytree(landing / PERIOD, landing / month)
        (landing / month / "psa" / "products.csv").unlink()
    for number in range(10, 13):
        _publish(workspace, f"2025-{number}")
    for number in range(1, 9):
        _publish(workspace, f"2026-{number:02d}")
    shutil.copytree(landing / PERIOD, landing / "2026-09")
    look(workspace, box, _day(5, month=10))
    assert _standing(box) == [("DATA_MISSING", "2025-09", "psa")]


def _publish(workspace: Workspace, period: str) -> None:
    workspace.month("acme", period).published.mkdir(parents=True)


def _close(workspace: Workspace, period: str) -> None:
    with appending(open_database(workspace.paths.ledger)) as chains:
        chains.append("acme", [Draft("close", period, {"version": "1", "except": []}, "owner1")])


def test_a_source_has_a_day_of_its_own(workspace: Workspace, post: MailSink) -> None:
    text = settings(["acme"], channels(post)).replace("vendor: {", "vendor: {due_day: 12, ")
    write(workspace.paths.root / "mbr.yml", text)
    dated = Workspace.open(workspace.paths)
    (workspace.paths.landing / "acme" / PERIOD / "vendor/license_counts.csv").unlink()
    box = outbox_of(dated)
    assert box
    look(dated, box, _day(11))
    assert _standing(box) == []
    look(dated, box, _day(12))
    assert _standing(box) == [("DATA_MISSING", PERIOD, "vendor")]


def test_snapshots_that_were_fetched_and_stopped_are_told(workspace: Workspace, post: MailSink) -> None:
    text = settings(["acme"], channels(post)).replace(
        "      psa:", "      pax8: {datasets: [license_counts], connector: pax8}\n      psa:"
    )
    write(workspace.paths.root / "mbr.yml", text)
    fetched = Workspace.open(workspace.paths)
    box = outbox_of(fetched)
    assert box
    for name in (
        "2026-10/pax8/license_counts.2026-10-31.jsonl.gz",
        "2026-11/pax8/license_counts.2026-11-01.jsonl.gz",
    ):
        write(workspace.paths.landing / "acme" / name, "")
    look(fetched, box, _day(2))
    assert _standing(box) == []
    look(fetched, box, _day(3))
    assert _standing(box) == [("SNAPSHOT_MISSED", "2026-11", "pax8")]
    write(workspace.paths.landing / "acme/2026-11/pax8/license_counts.2026-11-03.jsonl.gz", "")
    look(fetched, box, _day(3))
    assert _standing(box) == []


def test_a_failed_run_is_over_when_a_later_one_comes_to_a_verdict(workspace: Workspace, box: Outbox) -> None:
    month = workspace.month("acme", PERIOD)
    gate = {
        "msp_id": "acme",
        "period": PERIOD,
        "gate": "blocked",
        "reasons": ["X"],
        "controls": [],
        "suites": [],
    }
    record_failed(workspace, month, "why")
    record_gate(workspace, {**gate, "gate": "passed", "reasons": []}, {})
    assert _standing(box) == [("RUN_FAILED", PERIOD, None)]  # it may still fail to publish
    record_published(workspace, month)
    assert _standing(box) == []
    record_failed(workspace, month, "why")
    record_gate(workspace, gate, {"USD": "80.00"})
    assert _standing(box) == [("GATE_BLOCKED", PERIOD, None)]
    record_gate(workspace, {**gate, "gate": "passed", "reasons": []}, {})
    assert _standing(box) == []
