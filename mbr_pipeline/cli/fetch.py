"""`mbr fetch` and `mbr sources check`: what people see of them.

What belongs here: progress, tables and exit codes. What does not: fetching (``mbr_pipeline.ingest.fetch``,
``mbr_pipeline.ingest.source_check``).
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from connectors.http.errors import FetchError
from mbr_pipeline.ingest.fetch import Outcome, Task, Watcher, fetch, tasks
from mbr_pipeline.ingest.source_check import check
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace import credentials
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings

_MARKS = {
    "landed": "landed",
    "unchanged": "unchanged",
    "kept": "already there",
    "impossible": "not possible",
    "failed": "FAILED",
}


def fetch_command(
    workspace: WorkspacePaths,
    period: str,
    msp_id: str | None,
    source: str | None,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Fetch a month, or say what would be fetched; returns the exit code."""
    settings = load_settings(workspace.root)
    wanted = tasks(
        workspace, settings, Period.parse(period), datetime.now(UTC).date(), msp_id=msp_id, source=source
    )
    if not wanted:
        print(
            "mbr: no source of this workspace is fetched: give a source a `connector:` that names a system",
            file=sys.stderr,
        )
        return 0
    if dry_run:
        _plan(wanted, again)
        return 0
    console = Console(stderr=True)
    with console.status("connecting") as status:
        watcher = Watcher(
            page=lambda task, endpoint, count: status.update(
                Text(f"{task.label}: {count.rows:,} {endpoint}, {count.pages:,} pages")
            ),
            pause=_told,
            wait=_waiting,
        )
        outcomes = []
        for outcome in fetch(settings, wanted, again=again, watcher=watcher):
            outcomes.append(outcome)
            print(f"mbr: {_sentence(outcome)}", file=sys.stderr)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    if as_json:
        print(json.dumps({"period": period, "results": [_json(outcome) for outcome in outcomes]}))
    elif not failed:
        click.echo(f"Next: mbr run --workspace {workspace.root} --period {period}")
    return 1 if failed else 0


def check_command(workspace: WorkspacePaths, msp_id: str | None, source: str | None) -> int:
    """Show what works and what is missing; returns the exit code."""
    settings = load_settings(workspace.root)
    today = datetime.now(UTC).date()
    wanted = tasks(
        workspace, settings, Period.parse(today.isoformat()[:7]), today, msp_id=msp_id, source=source
    )
    if not wanted:
        print(
            "mbr: no source of this workspace is fetched: give a source a `connector:` that names a system",
            file=sys.stderr,
        )
        return 0
    is_good = True
    for finding in check(settings, wanted, Watcher(wait=_waiting)):
        is_good &= finding.is_good
        mark = "ok     " if finding.is_good else "MISSING"
        click.echo(f"{mark}  {finding.msp_id} {finding.source}  {finding.what}: {_line(finding.said)}")
    return 0 if is_good else 1


def _plan(wanted: list[Task], again: bool) -> None:
    for task in wanted:
        absent = credentials.missing(task.msp_id, task.source, task.spec)
        known = None if again else task.landed()
        then = f"keep what was fetched {known['fetched_at']}" if known else "fetch"
        does = task.obstacle or (f"first set {absent[0]}" if absent else then)
        origins = ", ".join(endpoint.name for endpoint in task.feed.endpoints)
        click.echo(f"{task.label}, from {task.spec.title} ({origins}): {_line(does)}")


def _waiting(task: Task) -> None:
    print(
        f"mbr: {task.msp_id} {task.source}: waiting: another run speaks to {task.spec.title}", file=sys.stderr
    )


def _told(source: str, error: FetchError, seconds: float) -> None:
    what = f"waiting {seconds:.0f} s" if seconds else "walking it again"
    print(f"mbr: {source}: {_line(error.problem)}: {what}", file=sys.stderr)


def _sentence(outcome: Outcome) -> str:
    label, manifest = outcome.task.label, outcome.manifest
    if outcome.problem:
        return f"{label}: {_MARKS[outcome.state]}: {_line(outcome.problem)}"
    pages = sum(int(count["pages"]) for count in manifest.get("endpoints", {}).values())
    return (
        f"{label}: {_MARKS[outcome.state]}: {manifest['records']:,} records, {pages:,} pages,"
        f" {outcome.task.place.name}"
    )


def _json(outcome: Outcome) -> dict[str, Any]:
    task = outcome.task
    where = {
        "msp_id": task.msp_id,
        "source": task.source,
        "dataset": task.feed.dataset,
        "state": outcome.state,
    }
    return {
        **where,
        "problem": outcome.problem,
        "records": outcome.manifest.get("records"),
        "sha256": outcome.manifest.get("sha256"),
    }


def _line(text: str) -> str:
    """Make a vendor's text fit for a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
