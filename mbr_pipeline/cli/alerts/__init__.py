"""`mbr alerts`: what stands, sending what waits, and trying the channels.

What belongs here: options and what is printed. What does not: causes, the outbox and channels
(``mbr_pipeline.alerts``).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import click

from connectors.counted import plural
from mbr_pipeline.alerts import watch
from mbr_pipeline.alerts.delivery import send_test
from mbr_pipeline.alerts.outbox import Outbox, payload
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.storage.database.times import now, written
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON value as the last line of standard output."
)


@click.group()
def command() -> None:
    """What is wrong now, and telling people of it."""


@command.command("list")
@workspace_option
@_json_option
def list_(workspace: WorkspacePaths, as_json: bool) -> None:
    """Print what is wrong now, and what to do."""
    rows = _outbox(workspace)[1].standing()
    if as_json:
        print_json(rows)
    elif not rows:
        print("nothing is wrong")
    else:
        for row in rows:
            _print_cause(row)


@command.command()
@workspace_option
@_json_option
def send(workspace: WorkspacePaths, as_json: bool) -> None:
    """Look for what is late or died, and send everything undelivered now.

    Exit code 1 if a channel did not take what it was sent; it is tried again later.
    """
    opened, _ = _outbox(workspace)
    done = watch.round_of(opened, even_paused=True)
    assert done is not None  # _outbox refused a workspace without channels
    if as_json:
        told = {"delivered": done.delivered, "waiting": done.waiting, "problems": done.problems}
        print_json(told)
    else:
        print(f"{done.delivered} delivered, {done.waiting} waiting")
    _fail_with(done.problems, "tried again later")


@command.command()
@click.argument("channel", required=False)
@workspace_option
@_json_option
def test(channel: str | None, workspace: WorkspacePaths, as_json: bool) -> None:
    """Send a test message by CHANNEL, or by every channel.

    Exit code 1 if one did not take it; a test is not tried again.
    """
    _, box = _outbox(workspace)
    known = box.settings.channels
    if channel is not None and channel not in known:
        raise ConfigError(f"channel {channel!r} is not in mbr.yml: use one of {', '.join(known)}")
    results: dict[str, str | None] = {}
    for name in [channel] if channel else list(known):
        at, message_id = written(now()), uuid.uuid4().hex
        said = {"title": f"test of channel {name}", "text": "This channel works.", "first_at": at}
        results |= send_test(box, [name], payload(message_id, "test", said, at))
    if as_json:
        print_json(results)
    else:
        for name, problem in results.items():
            print(f"{name}: {'not taken' if problem else 'taken'}")
    _fail_with({name: problem for name, problem in results.items() if problem}, "correct it and test again")


def _outbox(paths: WorkspacePaths) -> tuple[Workspace, Outbox]:
    workspace = Workspace.open(paths)
    box = watch.outbox_of(workspace)
    if box is None:
        raise ConfigError("no channel is set: add alerts.channels to mbr.yml")
    return workspace, box


def _print_cause(row: Mapping[str, Any]) -> None:
    money = ", ".join(f"{amount} {currency}" for currency, amount in row["money"].items())
    print(one_line(f"{row['cause']} since {row['first_at'][:16].replace('T', ' ')} UTC: {row['title']}"))
    if money:
        print(f"  at stake: {money}")
    print(f"  to do: {one_line(row['action'])}")
    if not row["told"]:
        print("  not told: it follows from another")
    if row["waiting"]:
        print(f"  {plural(row['waiting'], 'message is', 'messages are')} not delivered yet")


def _fail_with(problems: Mapping[str, str], what_to_do: str) -> None:
    if problems:
        said = "; ".join(f"{name}: {problem}" for name, problem in sorted(problems.items()))
        raise MbrError(f"not taken by {said}; {what_to_do}")
