"""Ways to spoil a fake vendor's answers.

What belongs here: changing one reply. What does not: which behaviours there are and what must
come of them (``hostile``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from connectors.testing.server import Reply

EVIL = "https://collector.example"

Tamper = Callable[[Reply], Reply]


def json_of(reply: Reply) -> Any:
    """Return the content of a reply, None if it is no JSON."""
    try:
        return reply.content
    except ValueError:
        return None


def nodes(value: Any) -> Iterator[Any]:
    """Yield a value and everything inside it."""
    yield value
    for inner in value.values() if isinstance(value, dict) else ():
        yield from nodes(inner)


def records_of(reply: Reply) -> list[Any] | None:
    """The list of records in an answer: the first list of objects that is not inside a record."""
    return _records(json_of(reply))


def _records(body: Any) -> list[Any] | None:
    return next(
        (node for node in nodes(body) if isinstance(node, list) and node and isinstance(node[0], dict)), None
    )


def changed(change: Callable[[list[Any]], None]) -> Tamper:
    """Tamper with the list of records in place."""

    def tamper(reply: Reply) -> Reply:
        body = reply.content
        copy = replace(reply, body=json.dumps(body).encode())
        change(_records(body) or [])
        return replace(copy, body=json.dumps(body).encode())

    return tamper


def with_total(change: int, name: str) -> Tamper:
    """Change the total that a reply states by a name, outside its records."""

    def tamper(reply: Reply) -> Reply:
        body = json_of(reply)
        for node in nodes(body):
            if isinstance(node, dict) and type(node.get(name)) is int:
                node[name] += change
        return reply if body == json_of(reply) else replace(reply, body=json.dumps(body).encode())

    return tamper


def without(field: str) -> Tamper:
    """Take a field, a dotted path, out of every record of a reply, or out of its one record."""

    def tamper(reply: Reply) -> Reply:
        body = json_of(reply)
        for record in _records_or_one(body):
            *above, last = field.split(".")
            for name in above:
                record = record.get(name) if isinstance(record, dict) else None
            if isinstance(record, dict):
                record.pop(last, None)
        return reply if body == json_of(reply) else replace(reply, body=json.dumps(body).encode())

    return tamper


def _records_or_one(body: Any) -> list[Any]:
    found = _records(body)
    return [body] if found is None else found


def said(status: int, body: bytes = b'{"error": "no"}', **headers: str) -> Tamper:
    """Answer something else: a status with a body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda reply: Reply(status, body, {"Content-Type": "application/json", **named})


def body(body: Callable[[bytes], bytes], **headers: str) -> Tamper:
    """Change the bytes of a body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda reply: replace(reply, body=body(reply.body), headers={**reply.headers, **named})


def wire(wire: str) -> Tamper:
    """Have the server misbehave on the wire."""
    return lambda reply: replace(reply, wire=wire)


def in_a_moment(reply: Reply) -> Reply:
    """Say that the answer is not ready yet."""
    return Reply(
        429, b"{}", {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)}
    )


def link(reply: Reply) -> Reply:
    """Send whatever kind of next page a client may follow, all of them to another host."""
    body: Any = json_of(reply)
    if isinstance(body, dict):
        links = {"next": {"uri": f"{EVIL}/v1", "headers": [{"key": "MS-ContinuationToken", "value": "x"}]}}
        body.update({"@odata.nextLink": f"{EVIL}/v1", "links": links})
    location = {"Location": f"{EVIL}/v1"} if "Location" in reply.headers else {}
    headers = {**reply.headers, "Link": f'<{EVIL}/v1?page=2>; rel="next"', **location}
    return replace(
        reply, body=json.dumps(body).encode() if isinstance(body, dict) else reply.body, headers=headers
    )


def twice(records: list[Any]) -> None:
    """Send the first record twice."""
    records.append(records[0])


def contradiction(records: list[Any]) -> None:
    """Send the first record again with other content."""
    records.append({**records[0], "_never_seen": "other content"})


def tokens(reply: Reply, **fields: Any) -> Reply:
    """Change fields of the answer that gives a token."""
    body: Any = reply.content
    return replace(reply, body=json.dumps({**body, **fields}).encode())
