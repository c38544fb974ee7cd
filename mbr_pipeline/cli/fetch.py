"""`mbr fetch`: a month from the vendors' systems into the landing zone.

What belongs here: progress, tables and exit codes. What does not: fetching
(``mbr_pipeline.ingest.fetching.fetch``, ``mbr_pipeline.ingest.fetching.source_check``).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from connectors.counted import plural
from connectors.http.errors import FetchError
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.ingest.fetching.fetch import Outcome, Watcher, fetch
from mbr_pipeline.ingest.fetching.fetch_tasks import Task, tasks
from mbr_pipeline.ingest.fetching.missed_snapshots import Missed, missed_snapshots
from mbr_pipeline.periods import Period
from mbr_pipeline.safe_text import shown
from mbr_pipeline.workspace import credentials
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

NOTHING_FETCHED = (
    "mbr: no source of this workspace is fetched: give a source a `connector:` that names a system"
)
_MARKS = {
    "landed": "landed",
    "unchanged": "unchanged",
    "kept": "already there",
    "impossible": "not possible",
    "failed": "FAILED",
}


@click.command()
@workspace_option
@click.option("--period", required=True, metavar="YYYY-MM", help="The month to fetch.")
@click.option("--msp", "msp_id", metavar="ID", help="One MSP; without it, all of mbr.yml.")
@click.option("--source", metavar="NAME", help="One source; without it, all that name a system as connector.")
@click.option(
    "--again", is_flag=True, help="Fetch also what is there already; a newer file replaces an older one."
)
@click.option("--dry-run", is_flag=True, help="Say what would be fetched, and send nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object as the last line of standard output."
)
def command(
    workspace: WorkspacePaths,
    period: str,
    msp_id: str | None,
    source: str | None,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Fetch a month from vendors' systems into landing/: every dataset complete, or nothing of it.

    What is there already stays. Credentials come from the environment: `mbr sources check` names the
    variables. Exit code: 0 everything is there, 1 something could not be fetched (run again to fetch only
    that), 2 usage or configuration.
    """
    sys.exit(fetch_command(workspace, period, msp_id, source, again, dry_run, as_json))


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
    opened = Workspace.open(workspace)
    today = datetime.now(UTC).date()
    wanted = tasks(opened, Period.parse(period), today, msp_id=msp_id, source=source)
    if not wanted:
        print(NOTHING_FETCHED, file=sys.stderr)
        return 0
    if dry_run:
        _plan(wanted, again)
        return 0
    console = Console(stderr=True)
    with console.status("connecting") as status:
        watcher = Watcher(
            page=lambda task, endpoint, count: status.update(
                Text(f"{task.label}: {count.rows:,} {endpoint}, {plural(count.pages, 'page')}")
            ),
            pause=_told,
            wait=say_waiting,
        )
        outcomes = []
        for outcome in fetch(opened, wanted, again=again, watcher=watcher):
            outcomes.append(outcome)
            print(f"mbr: {_sentence(outcome)}", file=sys.stderr)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    missed = _missed(opened, wanted, today)
    for (named, _, _), days in missed.items():
        print(f"mbr: {named} {days.told}", file=sys.stderr)
    if as_json:
        results = [_json(outcome, missed) for outcome in outcomes]
        print_json({"period": period, "results": results})
    elif not failed:
        click.echo(f"Next: mbr run --workspace {workspace.root} --period {period}")
    return 1 if failed else 0


def _plan(wanted: list[Task], again: bool) -> None:
    for task in wanted:
        absent = credentials.missing(task.msp_id, task.source, task.spec)
        known = None if again else task.landed()
        then = f"keep what was fetched {known['fetched_at']}" if known else "fetch"
        does = task.obstacle or (f"first set {absent[0]}" if absent else then)
        origins = ", ".join(endpoint.name for endpoint in task.feed.endpoints)
        click.echo(f"{task.label}, from {task.spec.title} ({origins}): {shown(does)}")


def say_waiting(task: Task) -> None:
    """Say that another process is talking to the task's vendor."""
    print(
        f"mbr: {task.msp_id} {task.source}: waiting: another run speaks to {task.spec.title}", file=sys.stderr
    )


def _told(source: str, error: FetchError, seconds: float) -> None:
    what = f"waiting {seconds:.0f} s" if seconds else "walking it again"
    print(f"mbr: {source}: {shown(error.problem)}: {what}", file=sys.stderr)


def _sentence(outcome: Outcome) -> str:
    label, manifest = outcome.task.label, outcome.manifest
    if outcome.problem:
        return f"{label}: {_MARKS[outcome.state]}: {shown(outcome.problem)}"
    pages = sum(int(count["pages"]) for count in manifest.get("endpoints", {}).values())
    return (
        f"{label}: {_MARKS[outcome.state]}: {plural(manifest['records'], 'record')}, {plural(pages, 'page')},"
        f" {outcome.task.place.name}"
    )


def _missed(opened: Workspace, wanted: list[Task], today: date) -> dict[tuple[str, str, str], Missed]:
    """Return the days of the month that have no snapshot, by MSP, source and dataset."""
    fetched = {(task.msp_id, task.source, task.feed.dataset) for task in wanted}
    found = {
        (msp_id, each.source, each.dataset): each
        for msp_id in dict.fromkeys(task.msp_id for task in wanted)
        for each in missed_snapshots(opened.paths, msp_id, opened.msp(msp_id), wanted[0].period, today)
    }
    return {named: each for named, each in found.items() if named in fetched}


def _json(outcome: Outcome, missed: Mapping[tuple[str, str, str], Missed]) -> dict[str, Any]:
    task = outcome.task
    days = missed.get((task.msp_id, task.source, task.feed.dataset))
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
        "missed_days": [day.isoformat() for day in days.days] if days else [],
    }
