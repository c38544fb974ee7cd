"""The outbox: causes and the messages about them, in the ledger's database, written together or not at all.

What belongs here: recording what stands and what has ended, and queueing one message per channel, a row for
each of its receivers. What does not: sending (``delivery``), and the decision what is told (``lifecycle``).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.counted import plural
from mbr_pipeline.alerts.causes import FOLLOWING, Cause, Fact
from mbr_pipeline.alerts.lifecycle import FIRING, RESOLVED, Known, is_repeat_due, step
from mbr_pipeline.safe_text import visible
from mbr_pipeline.storage.database.opening import Database
from mbr_pipeline.storage.database.tables import causes, outbox
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.storage.database.times import read, written
from mbr_pipeline.workspace.alert_settings import Alerts

Scope = Callable[[Cause], bool]
"""Which causes were looked for: those of them that are not among the facts have ended."""


class Outbox:
    """The outbox of one workspace, with the channels and routes in force."""

    def __init__(self, database: Database, settings: Alerts) -> None:
        """Use a database whose tables are up to date."""
        self.database, self.settings = database, settings

    def record(self, facts: Iterable[Fact], scope: Scope, at: datetime | None = None) -> None:
        """Record what stands, end what was looked for and stands no more, and queue the messages: in one
        transaction.
        """
        at = at or clock()
        found = {fact.cause.cause_id: fact for fact in facts}
        with self.database.writing() as connection:
            rows = {row.cause_id: row for row in connection.execute(sa.select(causes))}
            for cause_id, fact in found.items():
                self._apply(connection, rows.get(cause_id), fact, at)
            for cause_id, row in rows.items():
                if row.is_open and cause_id not in found and scope(_cause(row)):
                    self._apply(connection, row, None, at)

    def repeat(self, at: datetime | None = None) -> None:
        """Queue again what has stood untold for the hours of the settings."""
        at = at or clock()
        hours = self.settings.repeat_hours
        with self.database.writing() as connection:
            rows = connection.execute(sa.select(causes).where(causes.c.is_open)).all()
            blocked = {(row.msp_id, row.period) for row in rows if row.kind == "GATE_BLOCKED"}
            for row in rows:
                if row.kind in FOLLOWING and (row.msp_id, row.period) in blocked:
                    continue  # told before the gate blocked: until it passes, that is what there is to do
                if is_repeat_due(read(row.notified_at) if row.notified_at else None, at, hours):
                    self._queue(connection, FIRING, dict(row._mapping), at)
                    _update(connection, row.cause_id, notified_at=written(at))

    def heartbeat(self, at: datetime | None = None) -> None:
        """Queue today's heartbeat once, from its hour on."""
        at, beat = at or clock(), self.settings.heartbeat
        if beat is None or at.hour < beat.hour:
            return
        message_id = uuid.uuid5(uuid.NAMESPACE_URL, f"mbr:{beat.channel}:{at.date()}").hex
        with self.database.writing() as connection:
            if connection.execute(
                sa.select(outbox.c.row_id).where(outbox.c.message_id == message_id)
            ).first():
                return
            standing = connection.execute(
                sa.select(sa.func.count()).select_from(causes).where(causes.c.is_open)
            ).scalar_one()
            body = payload(
                message_id,
                "heartbeat",
                {
                    "title": "alerts work",
                    "text": f"{plural(standing, 'cause stands', 'causes stand')}.",
                    "first_at": written(at),
                },
                written(at),
            )
            _insert(connection, self.settings, beat.channel, None, "heartbeat", message_id, body, written(at))

    def standing(self) -> list[dict[str, Any]]:
        """Return the causes that stand, oldest first, each with how many of its messages wait."""
        with self.database.reading() as connection:
            waiting = dict(
                connection.execute(
                    sa.select(outbox.c.cause_id, sa.func.count())
                    .where(outbox.c.state == "queued")
                    .group_by(outbox.c.cause_id)
                )
                .tuples()
                .all()
            )
            rows = connection.execute(sa.select(causes).where(causes.c.is_open).order_by(causes.c.first_at))
            return [
                {
                    **{name: row._mapping[name] for name in ("cause_id", "msp_id", "period", "subject")},
                    "cause": row.kind,
                    "title": row.title,
                    "action": row.action,
                    "money": json.loads(row.money),
                    "first_at": row.first_at,
                    "told": row.notified_at is not None,
                    "waiting": waiting.get(row.cause_id, 0),
                }
                for row in rows
            ]

    def _apply(self, connection: sa.Connection, row: Any, fact: Fact | None, at: datetime) -> None:
        known = _known(row) if row is not None else None
        done = step(known, fact, at, self.settings.repeat_hours)
        if done is None:
            return
        values: dict[str, Any] = {
            "is_open": done.is_open,
            "first_at": written(done.first_at),
            "last_at": written(at),
            "notified_at": written(done.notified_at) if done.notified_at else None,
        }
        if fact is not None:
            cause = fact.cause
            values |= {"msp_id": cause.msp_id, "period": cause.period, "kind": cause.kind}
            values |= {"subject": cause.subject, "reasons": json.dumps(fact.reasons)}
            values |= {"title": _line(fact.title), "action": _line(fact.action)}
            values["text"] = "\n".join(map(_line, fact.text.split("\n")))
            values["money"] = json.dumps(dict(fact.money), sort_keys=True)
        if row is None and fact is not None:
            values["cause_id"] = fact.cause.cause_id
            connection.execute(causes.insert().values(values))
        else:
            _update(connection, row.cause_id, **values)
        if done.status:
            self._queue(connection, done.status, {**(row._mapping if row is not None else {}), **values}, at)

    def _queue(self, connection: sa.Connection, status: str, cause: Mapping[str, Any], at: datetime) -> None:
        for channel in self._channels(connection, status, cause):
            message_id = uuid.uuid4().hex
            body = payload(message_id, status, cause, written(at))
            _insert(
                connection, self.settings, channel, cause["cause_id"], status, message_id, body, written(at)
            )

    def _channels(self, connection: sa.Connection, status: str, cause: Mapping[str, Any]) -> list[str]:
        told = outbox.c.cause_id == cause["cause_id"]
        if status == RESOLVED:
            # whoever heard that it began hears that it ended, whatever the routes say by now
            since = outbox.c.created_at >= cause["first_at"]
            query = sa.select(outbox.c.channel).where(told, since, outbox.c.status == FIRING).distinct()
            heard = set(connection.execute(query).scalars())
            return [name for name in self.settings.channels if name in heard]
        # a channel that still has the last message gets no second copy of it
        query = sa.select(outbox.c.channel, outbox.c.body).where(told, outbox.c.state == "queued")
        waiting = {
            row.channel: json.loads(row.body) for row in connection.execute(query.order_by(outbox.c.row_id))
        }
        news = (status, cause["title"], cause["text"])
        same = {n for n, last in waiting.items() if (last["status"], last["title"], last["text"]) == news}
        routed = routes(self.settings, cause["msp_id"], cause["kind"])
        failing = cause["subject"] if cause["kind"] == "DELIVERY_FAILED" else None
        return [name for name in routed if name not in same and name != failing]


def routes(settings: Alerts, msp_id: str | None, kind: str) -> list[str]:
    """Return the channels of a cause: those of the first route that fits, else all."""
    for route in settings.routes:
        if (not route.msps or msp_id in route.msps) and (not route.causes or kind in route.causes):
            return list(dict.fromkeys(route.channels))
    return list(settings.channels)


def payload(message_id: str, status: str, cause: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return a message as webhooks get it (contract §11)."""
    return {
        "id": message_id,
        "cause_id": cause.get("cause_id"),
        "status": status,
        "msp_id": cause.get("msp_id"),
        "period": cause.get("period"),
        "cause": cause.get("kind"),
        "subject": cause.get("subject"),
        "title": cause["title"],
        "text": cause["text"] if status != RESOLVED else "It is over.",
        "action": cause.get("action", "") if status != RESOLVED else "",
        "money": json.loads(cause.get("money", "{}")),
        "first_at": cause["first_at"],
        "at": at,
    }


def _insert(
    connection: sa.Connection,
    settings: Alerts,
    channel: str,
    cause_id: str | None,
    status: str,
    message_id: str,
    body: Mapping[str, Any],
    at: str,
) -> None:
    for target in settings.channels[channel].targets:
        connection.execute(
            outbox.insert().values(
                message_id=message_id,
                cause_id=cause_id,
                status=status,
                channel=channel,
                target=target,
                body=json.dumps(body, ensure_ascii=False),
                created_at=at,
                attempts=0,
                next_at=at,
                state="queued",
            )
        )


def _line(text: str) -> str:
    # some of it is from outside: no line ends, control characters or halves of characters leave by a message
    return visible(" ".join(text.split()))


def _update(connection: sa.Connection, cause_id: str, **values: Any) -> None:
    connection.execute(causes.update().where(causes.c.cause_id == cause_id).values(values))


def _cause(row: Any) -> Cause:
    return Cause(row.msp_id, row.period, row.kind, row.subject)


def _known(row: Any) -> Known:
    told = read(row.notified_at) if row.notified_at else None
    return Known(row.is_open, tuple(json.loads(row.reasons)), read(row.first_at), told)
