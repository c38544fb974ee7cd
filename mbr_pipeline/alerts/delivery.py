"""Sending what is queued: in order per cause and receiver, at least once, with growing pauses, for 7 days.

What belongs here: which row is next, claiming it, and what its outcome changes. What does not: how a channel
sends (``channels``). A row is claimed in one transaction, sent in none, and marked in another: a process that
is killed in between leaves a claim that ends, and the message is sent again with the same id.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mbr_pipeline.alerts import channels
from mbr_pipeline.alerts.causes import delivery_failed
from mbr_pipeline.alerts.channels import NotSent
from mbr_pipeline.alerts.claims import is_dead, me
from mbr_pipeline.alerts.outbox import Outbox
from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.database.tables import deliveries, outbox
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.storage.database.times import read, written

CHANNEL_SECONDS = 10
KEPT = timedelta(days=7)
BEAT_KEPT = timedelta(days=1)
"""How long a message is tried; yesterday's heartbeat says nothing today."""

FAILING_AFTER = timedelta(hours=1)
_CLAIM = timedelta(seconds=60)
_DRIFT = timedelta(seconds=60)
"""How far two senders' clocks may be apart: a time further ahead was written before one was set back."""

_PAUSES = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 1200, 1800, 3600))


@dataclass(frozen=True)
class Sent:
    """What one round did. ``problems``: the last one of each channel that did not take a message."""

    delivered: int
    waiting: int
    problems: dict[str, str]


def send_all(
    box: Outbox,
    *,
    even_paused: bool = False,
    seconds: float = CHANNEL_SECONDS,
    time_of: Callable[[], datetime] = clock,
) -> Sent:
    """Send what is due, every channel by itself and for at most ``seconds``. Never raises for a channel.

    ``even_paused``: also what waits for its next attempt.
    """
    delivered: list[str] = []
    problems: dict[str, str] = {}
    until = time.monotonic() + seconds
    workers = [
        threading.Thread(
            target=_send_channel,
            args=(box, name, until, even_paused, time_of, delivered, problems),
            daemon=True,
        )
        for name in _due_channels(box)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(max(0.0, until - time.monotonic()))
    _give_up_and_tell(box, time_of())
    with box.database.reading() as connection:
        waiting = connection.execute(
            sa.select(sa.func.count()).select_from(outbox).where(outbox.c.state == "queued")
        ).scalar_one()
    return Sent(len(delivered), waiting, dict(problems))


def send_test(box: Outbox, names: list[str], message: dict[str, Any]) -> dict[str, str | None]:
    """Send one message to every receiver of the channels now, and write it into the log.

    Returns: The problem of each channel, None where all took it.
    """
    results: dict[str, str | None] = {}
    for name in names:
        results[name] = None
        for target in box.settings.channels[name].targets:
            try:
                channels.send(box.settings.channels[name], target, message, CHANNEL_SECONDS)
            except NotSent as error:
                results[name] = str(error)
            with box.database.writing() as connection:
                _log(connection, message["id"], name, target, written(clock()), results[name])
    return results


def _due_channels(box: Outbox) -> list[str]:
    with box.database.reading() as connection:
        query = sa.select(outbox.c.channel).where(outbox.c.state == "queued").distinct()
        return [name for name in connection.execute(query).scalars() if name in box.settings.channels]


def _send_channel(
    box: Outbox,
    name: str,
    until: float,
    even_paused: bool,
    time_of: Callable[[], datetime],
    delivered: list[str],
    problems: dict[str, str],
) -> None:
    tried: set[int] = set()
    try:
        while time.monotonic() < until:
            row = _claim(box, name, even_paused, time_of, tried)
            if row is None:
                return
            tried.add(row.row_id)
            problem = None
            try:
                left = max(0.5, until - time.monotonic())
                channels.send(box.settings.channels[name], row.target, json.loads(row.body), left)
            except NotSent as error:
                problem = str(error)
            except Exception as error:  # noqa: BLE001 - a channel's own fault must not end the others
                problem = f"unexpected {type(error).__name__}"
            _mark(box, row, problem, time_of())
            if problem:
                problems[name] = problem
            else:
                delivered.append(row.message_id)
    except MbrError as error:
        problems[name] = str(error)


def _claim(
    box: Outbox, name: str, even_paused: bool, time_of: Callable[[], datetime], tried: set[int]
) -> Any:
    """Take the next row of a channel: of each cause and receiver the oldest, none that another sends."""
    with box.database.writing() as connection:
        at = time_of()  # whoever waited for another writer here must not judge its claim by an older time
        query = sa.select(outbox).where(outbox.c.channel == name, outbox.c.state == "queued")
        heads: set[tuple[str, str]] = set()
        for row in connection.execute(query.order_by(outbox.c.row_id)).all():
            lane = (row.cause_id or row.message_id, row.target)
            if lane in heads:
                continue
            heads.add(lane)
            # a clock that was set back must not hold a message for longer than its pause
            due = even_paused or not written(at) < row.next_at <= written(at + _PAUSES[-1] + _DRIFT)
            if row.row_id in tried or not due or _is_claimed(row, at):
                continue
            values = {"claimed_by": me(), "claimed_until": written(at + _CLAIM)}
            connection.execute(outbox.update().where(outbox.c.row_id == row.row_id).values(values))
            return row
    return None


def _is_claimed(row: Any, at: datetime) -> bool:
    if not row.claimed_by or is_dead(row.claimed_by):
        return False
    return written(at) < str(row.claimed_until) <= written(at + _CLAIM + _DRIFT)


def _mark(box: Outbox, row: Any, problem: str | None, at: datetime) -> None:
    attempts = row.attempts + 1
    pause = _PAUSES[min(attempts, len(_PAUSES)) - 1]
    values: dict[str, Any] = {"attempts": attempts, "claimed_by": None, "claimed_until": None}
    if problem is None:
        values |= {"state": "delivered", "ended_at": written(at), "problem": None}
    else:
        values |= {"next_at": written(at + pause), "problem": problem}
    with box.database.writing() as connection:
        connection.execute(outbox.update().where(outbox.c.row_id == row.row_id).values(values))
        _log(connection, row.message_id, row.channel, row.target, written(at), problem)


def _log(
    connection: sa.Connection,
    message_id: str,
    channel: str,
    target: str,
    at: str,
    problem: str | None,
    outcome: str | None = None,
) -> None:
    connection.execute(
        deliveries.insert().values(
            message_id=message_id,
            channel=channel,
            target=target,
            at=at,
            outcome=outcome or ("failed" if problem else "delivered"),
            problem=problem,
        )
    )


def _give_up_and_tell(box: Outbox, at: datetime) -> None:
    """End what was tried for 7 days, and tell of channels that have failed for an hour by the others."""
    failing: dict[str, tuple[str, int]] = {}
    with box.database.writing() as connection:
        queued = connection.execute(sa.select(outbox).where(outbox.c.state == "queued")).all()
        for row in queued:
            age, known = at - read(row.created_at), row.channel in box.settings.channels
            if age >= (BEAT_KEPT if row.status == "heartbeat" else KEPT) or not known:
                said = row.problem or "" if known else f"channel {row.channel} is not in mbr.yml any more"
                values = {"state": "given_up", "ended_at": written(at), "problem": said}
                connection.execute(outbox.update().where(outbox.c.row_id == row.row_id).values(values))
                _log(connection, row.message_id, row.channel, row.target, written(at), said, "given_up")
            if known and row.problem and age >= FAILING_AFTER:
                count = failing.get(row.channel, ("", 0))[1] + 1
                failing[row.channel] = (row.problem, count)
    facts = [delivery_failed(name, problem, count) for name, (problem, count) in failing.items()]
    box.record(facts, lambda cause: cause.kind == "DELIVERY_FAILED", at)
