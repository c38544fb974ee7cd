"""`mbr run`: the same graph as the schedule and the UI, for one MSP or all of them.

What belongs here: what must hold before anything starts, who runs the months, and the exit code. A month is
run in ``mbr_pipeline.cli.run.months``, by this process or by workers (``side_by_side``). The outcome of each
MSP is read in ``mbr_pipeline.cli.run.outcome``, what the terminal shows is in
``mbr_pipeline.cli.run.summary``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from mbr_pipeline.cli.dagster_home import place_of_history
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.run import side_by_side
from mbr_pipeline.cli.run.late_catalogue import LateCatalogue
from mbr_pipeline.cli.run.months import opened
from mbr_pipeline.cli.run.outcome import Done, Outcome
from mbr_pipeline.cli.run.summary import print_summary
from mbr_pipeline.cli.run.telling import Telling
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.decide import policies
from mbr_pipeline.decide.closed import Closing
from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.ingest.landing import months_with_files
from mbr_pipeline.mirror import landing
from mbr_pipeline.mirror.opening import mirror_of
from mbr_pipeline.periods import Period
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

_LEAST_FREE = 32 * 1024 * 1024
"""What the run history and the month of one client take, roughly; most months take more."""


@click.command()
@workspace_option
@click.option("--period", required=True, metavar="YYYY-MM", help="The month to close.")
@click.option("--msp", "msp_id", metavar="ID", help="One MSP; without it, all of mbr.yml.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object as the last line of standard output."
)
def command(workspace: WorkspacePaths, period: str, msp_id: str | None, as_json: bool) -> None:
    """Land, reconcile, gate and publish a month.

    Exit code: 0 published, 2 usage or configuration, 3 a gate blocked, 4 the month is closed,
    1 anything else.
    """
    _leave(run_command(workspace, period, msp_id, as_json))


def _leave(code: int) -> None:
    """End the process at once: everything is closed and flushed, and unloading Dagster's modules would take
    more than a second.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run_command(workspace: WorkspacePaths, period_text: str, msp_id: str | None, as_json: bool) -> int:
    """Run the month and return the exit code of contract §7. Settings and all rules are
    checked before anything starts; an MSP with a wrong rule is left out, and the others run.
    """
    started = time.monotonic()
    period = Period.parse(period_text)
    opened = Workspace.open(workspace)
    msp_ids = opened.msp_ids(msp_id)
    if mirror := mirror_of(workspace, opened.settings):
        for name in msp_ids:
            landing.pull(mirror, name, period)
    closed = _closed(opened, msp_ids, period)
    unclosed = [name for name in msp_ids if name not in closed]
    wrong_rules = _wrong_rules(opened, unclosed, raises=not closed)
    refuse_empty_month(opened, msp_ids, period)
    places = [place_of_history(workspace), workspace.warehouse, workspace.published, workspace.reports]
    sound = [name for name in unclosed if name not in wrong_rules]
    check_writable(places if sound else ())
    told = Telling(opened)
    months = [workspace.month(name, period) for name in sound]
    outcomes: list[Outcome] = []
    if sound:
        with told.of_runs(months):
            outcomes = _run_all(workspace, period, sound, started, told)
    documents = [outcome.document for outcome in outcomes if outcome.document]
    if as_json:
        results = [_json_result(document) for document in documents]
        results += [
            {"msp_id": name, "gate": "closed", "version": found.version} for name, found in closed.items()
        ]
        print_json({"period": period.text, "results": results})
    elif sound:
        print_summary(workspace, period, outcomes)
    # one line each, at the end: where everything was done but what they name
    for name, error in wrong_rules.items():
        print(f"mbr: {name} {period.text}: {one_line(error)}; nothing was run for {name}", file=sys.stderr)
        told.failed(workspace.month(name, period), one_line(error))
    for name, found in closed.items():
        print(f"mbr: {one_line(str(found.told(name, period.text)))}; nothing was changed", file=sys.stderr)
    told.send()
    if any(outcome.failed for outcome in outcomes) or len(outcomes) < len(sound):
        return 1
    if wrong_rules:
        return 2
    if any(document["gate"] != "passed" for document in documents):
        return 3
    return 4 if closed else 0


def _closed(workspace: Workspace, msp_ids: list[str], period: Period) -> dict[str, Closing]:
    """Return the MSPs whose month is closed, with what closed it."""
    found = {name: closing(workspace.month(name, period.text)) for name in msp_ids}
    return {name: each for name, each in found.items() if each.state != "open"}


def _wrong_rules(workspace: Workspace, msp_ids: list[str], *, raises: bool) -> dict[str, ConfigError]:
    """Return the MSPs whose rules are wrong; ``raises`` the error if they are all. What is wrong for all of
    them is raised always.
    """
    policies.check(workspace.settings.policies.auto_approve)
    wrong = {}
    for msp_id in msp_ids:
        try:
            workspace.rules(msp_id)
        except ConfigError as error:
            wrong[msp_id] = error
    if raises and len(wrong) == len(msp_ids):
        raise wrong[msp_ids[0]]
    return wrong


def refuse_empty_month(workspace: Workspace, msp_ids: list[str], period: Period) -> None:
    """Raise :class:`ConfigError` if nothing is landed for the month: a wrong month, most often."""
    months = {
        month
        for msp_id in msp_ids
        for month in months_with_files(workspace.paths, msp_id, workspace.msp(msp_id))
    }
    if period.text not in months:
        there = f"choose one of {', '.join(sorted(months))}" if months else "there is none for any month"
        raise ConfigError(
            f"no file of a declared dataset is landed for {period.text}, for {', '.join(msp_ids)}: land files"
            f" with `mbr land`, or {there}; nothing was run"
        )


def check_writable(folders: Iterable[Path], least_free: int = _LEAST_FREE) -> None:
    """Raise :class:`MbrError` unless files can be written in all folders, whether they exist yet or not:
    later on, each store would report it in its own way.
    """
    for folder in folders:
        place = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            with tempfile.TemporaryFile(dir=place):
                free = shutil.disk_usage(place).free
        except OSError as error:
            reason = error.strerror or type(error).__name__
            what_to_do = "make it a folder that you may write in, then run again"
            raise MbrError(f"cannot write in {place}: {reason}: {what_to_do}; nothing was changed") from error
        if free < least_free:
            room = f"{free // 2**20} MiB are free in {place}, a run needs {least_free // 2**20} or more"
            raise MbrError(f"{room}: make room, then run again; nothing was changed")


def _run_all(
    workspace: WorkspacePaths, period: Period, msp_ids: list[str], started: float, told: Telling
) -> list[Outcome]:
    """Run the months in this process one after another, or many of them side by side in workers."""
    workers = side_by_side.how_many([workspace.month(name, period) for name in msp_ids])
    if workers == 1:
        done = _one_after_another(workspace, period, msp_ids, started)
    else:
        done = side_by_side.run(workspace, period, msp_ids, workers)
    outcomes: dict[str, Outcome] = {}
    interrupted = False
    catalogue = LateCatalogue(workspace) if len(msp_ids) > 1 else None
    for msp_id, outcome, was_interrupted in done:
        outcomes[msp_id] = outcome
        told.ended(workspace.month(msp_id, period), outcome)
        interrupted |= was_interrupted
        if catalogue and not (outcome.document and outcome.document["gate"] == "blocked"):
            catalogue.now_and_then()
    left = [name for name in msp_ids if name not in outcomes]
    # pressed when all was as good as done, it changes nothing
    if interrupted and (left or any(outcome.failed for outcome in outcomes.values())):
        _say_left(left, period)
    if catalogue and (problem := catalogue.problem_in_the_end()):
        for name, outcome in outcomes.items():
            if outcome.document and outcome.document["gate"] == "passed":
                outcomes[name] = replace(outcome, failed=True)
                told.failed(workspace.month(name, period), problem)
    return [outcomes[name] for name in msp_ids if name in outcomes]


def _one_after_another(
    workspace: WorkspacePaths, period: Period, msp_ids: list[str], started: float
) -> Generator[Done, None, None]:
    # dbt warms up while Dagster is imported
    with (
        Transformer() as transformer,
        opened(workspace, period, transformer, started, refreshes_catalogue=len(msp_ids) == 1) as months,
    ):
        for msp_id in msp_ids:
            print(f"{msp_id} {period.text}", file=sys.stderr)
            outcome, was_interrupted = months.run(msp_id)
            yield msp_id, outcome, was_interrupted
            if was_interrupted:  # one Ctrl+C ends the command, not one month of it
                return


def _say_left(msp_ids: list[str], period: Period) -> None:
    begun = f"not begun: {', '.join(msp_ids)}; " if msp_ids else ""
    print(
        f"mbr: interrupted; {begun}run the same command again for {period.text} to continue", file=sys.stderr
    )


def _json_result(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("msp_id", "gate", "clients", "exceptions", "residual", "reasons")}
