"""What only a look at the clock and the workspace shows: data that is late, snapshots that stopped, decisions
that wait, months that are not closed, runs that died; and the door to the outbox for all steps.

What belongs here: gathering facts for ``causes``, and one round of everything that is due. What does not:
what the facts mean. Without channels in ``mbr.yml`` nothing is opened, looked for or kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mbr_pipeline.alerts import stake
from mbr_pipeline.alerts.causes import Cause, Fact, gate_facts, run_failed
from mbr_pipeline.alerts.delivery import CHANNEL_SECONDS, Sent, send_all
from mbr_pipeline.alerts.late import KIND as DATA_MISSING
from mbr_pipeline.alerts.late import late
from mbr_pipeline.alerts.left_out import KIND as EXCEPTED
from mbr_pipeline.alerts.left_out import left_out
from mbr_pipeline.alerts.outbox import Outbox
from mbr_pipeline.alerts.overdue import KIND as CLOSE_OVERDUE
from mbr_pipeline.alerts.overdue import overdue
from mbr_pipeline.alerts.run_records import dead_runs
from mbr_pipeline.alerts.snapshots import stopped
from mbr_pipeline.alerts.undecided import KINDS, undecided
from mbr_pipeline.decide.decisions import decisions
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.landing import scan
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace


def outbox_of(workspace: Workspace) -> Outbox | None:
    """Open the outbox of a workspace; None where no channel is set.

    Raises:
        MbrError: The ledger's database cannot be used.
    """
    if not workspace.settings.alerts.channels:
        return None
    return Outbox(open_database(workspace.paths.ledger), workspace.settings.alerts)


def record_gate(workspace: Workspace, document: Mapping[str, Any], money: Mapping[str, str]) -> None:
    """Record what a gate.json says of its month; a blocked month's run came to its end all the same."""
    if box := outbox_of(workspace):
        msp_id, period = document["msp_id"], document["period"]
        blocked = document["gate"] != "passed"
        facts = gate_facts(document, money)
        kinds = ("GATE_BLOCKED", "SUITE_FAILED", *(("RUN_FAILED",) if blocked else ()))
        box.record(facts, lambda c: (c.msp_id, c.period) == (msp_id, period) and c.kind in kinds)


def record_published(workspace: Workspace, month: MonthPaths) -> None:
    """Record that a run of a month came to its end."""
    if box := outbox_of(workspace):
        box.record([], lambda c: c.kind == "RUN_FAILED" and _is_of(c, month))


def record_failed(workspace: Workspace, month: MonthPaths, problem: str) -> None:
    """Record that a run of a month failed."""
    if box := outbox_of(workspace):
        box.record([_failed(workspace, month.msp_id, month.period.text, problem)], lambda _: False)


def tell_dead_runs(workspace: Workspace, at: datetime | None = None) -> int:
    """Record the runs that began and never ended, then forget them; returns how many there were."""
    dead = dead_runs(workspace.paths, at)
    for run in dead:
        box = outbox_of(workspace)
        if box and run.msp_id in workspace.settings.msps:
            said = (
                f"It began {run.began:%Y-%m-%d %H:%M} UTC and never ended: it was killed, or the machine was."
            )
            box.record([_failed(workspace, run.msp_id, run.period, said)], lambda _: False)
        run.record.unlink(missing_ok=True)
    return len(dead)


def round_of(
    workspace: Workspace, *, even_paused: bool = False, seconds: float = CHANNEL_SECONDS
) -> Sent | None:
    """Look for what the clock shows, queue what is due, and send; None where no channel is set.

    Raises:
        MbrError: The ledger's database cannot be used. A channel's problem is no error.
    """
    box = outbox_of(workspace)
    if box is None:
        return None
    tell_dead_runs(workspace)
    look(workspace, box, clock())
    box.repeat()
    box.heartbeat()
    return send_all(box, even_paused=even_paused, seconds=seconds)


def look(workspace: Workspace, box: Outbox, at: datetime) -> None:
    """Record which data is late, which snapshots stopped, which decisions wait, which months are not closed
    and who was left out of closed ones, on a day.
    """
    today, standing = at.date(), box.standing()
    facts: list[Fact] = []
    unread: set[str] = set()
    for msp_id in workspace.settings.msps:
        entries = chain(workspace.paths, msp_id)
        told = {c["period"] for c in standing if (c["cause"], c["msp_id"]) == (DATA_MISSING, msp_id)}
        try:
            facts += late(workspace, msp_id, entries, told, today)
        except (MbrError, OSError):
            unread.add(msp_id)  # files are being moved there: looked at again in the next round
        facts += stopped(workspace, msp_id, today)
        facts += left_out(workspace, msp_id, entries)
        facts += undecided(msp_id, decisions(entries), today, workspace.settings.alerts.waiver_notice_days)
        blocked = {c["period"] for c in standing if (c["cause"], c["msp_id"]) == ("GATE_BLOCKED", msp_id)}
        facts += overdue(workspace, msp_id, entries, blocked, today)
    kinds = (DATA_MISSING, "SNAPSHOT_MISSED", EXCEPTED, CLOSE_OVERDUE, *KINDS)
    box.record(facts, lambda cause: cause.kind in kinds and cause.msp_id not in unread, at)


def _failed(workspace: Workspace, msp_id: str, period: str, problem: str) -> Fact:
    try:
        landing = scan(workspace.paths, msp_id, workspace.msp(msp_id), Period(period))
        money = stake.of_files(landing, workspace.paths)
    except (MbrError, OSError) as error:
        # what cannot be read may be why the run failed: it must be told all the same
        problem, money = f"{problem}\nThe money at stake cannot be read: {error}", {}
    return run_failed(msp_id, period, problem, money)


def _is_of(cause: Cause, month: MonthPaths) -> bool:
    return (cause.msp_id, cause.period) == (month.msp_id, month.period.text)
