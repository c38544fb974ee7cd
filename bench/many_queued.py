"""Many MSPs through Dagster's queue, each run a process of its own, as the schedule launches them.

What belongs here: asking for the runs and watching them. What does not: the workspace, and what is printed
(``many.py``). Linux only: it reads ``/proc``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests
import yaml

from bench.generate import PERIOD
from bench.many import Sample, arguments, report
from bench.measure import processor_of_tree, rss_of_tree

_PORT = 3555
_ADDRESS = f"http://127.0.0.1:{_PORT}/graphql"
_EVERY_SECONDS = 2.0
_LOADED = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
_LAUNCH = """mutation {{ launchRun(executionParams: {{
  selector: {{repositoryName: "__repository__", repositoryLocationName: "mbr", jobName: "close_month"}},
  runConfigData: {{}}, executionMetadata: {{tags: [{{key: "dagster/partition", value: "{0}|{1}"}},
    {{key: "dagster/partition/msp", value: "{0}"}}, {{key: "dagster/partition/period", value: "{1}"}}]}} }})
  {{ __typename ... on LaunchRunSuccess {{ run {{ runId }} }} }} }}"""
_RUNS = "{{ runsOrError(filter: {{runIds: [{0}]}}) {{ ... on Runs {{ results {{ status }} }} }} }}"
_ENDED = {"SUCCESS": "published", "FAILURE": "blocked or failed", "CANCELED": "canceled"}


def watch(directory: Path, mbr: str) -> None:
    """Start the UI with its daemon, launch the month of every MSP, and print how it went."""
    msp_ids = list(yaml.safe_load((directory / "mbr.yml").read_text(encoding="utf-8"))["msps"])
    with (directory / "queue.log").open("w", encoding="utf-8") as log:
        command = [mbr, "ui", "--workspace", str(directory), "--port", str(_PORT)]
        ui = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            while not _ask(_LOADED).get("repositoriesOrError", {}).get("nodes"):
                if ui.poll() is not None:
                    raise SystemExit(f"mbr ui ended: see {log.name}")
                time.sleep(_EVERY_SECONDS)
            _launch_and_watch(ui.pid, msp_ids)
        finally:
            ui.terminate()
            ui.wait()


def _launch_and_watch(pid: int, msp_ids: list[str]) -> None:
    began, samples = time.monotonic(), list[Sample]()
    run_ids = ", ".join(f'"{_launched(msp_id)}"' for msp_id in msp_ids)
    outcomes, processor = Counter[str](), dict[int, float]()
    while outcomes.total() < len(msp_ids):
        time.sleep(_EVERY_SECONDS)
        runs = _ask(_RUNS.format(run_ids)).get("runsOrError", {}).get("results", ())
        outcomes = Counter(_ENDED[run["status"]] for run in runs if run["status"] in _ENDED)
        samples.append((time.monotonic() - began, outcomes.total(), rss_of_tree(pid)))
        processor |= processor_of_tree(pid)  # of those that have ended, what was seen last
    report(samples, outcomes, time.monotonic() - began, sum(processor.values()))


def _launched(msp_id: str) -> str:
    """Launch the month of an MSP; return the id of its run."""
    answer = _ask(_LAUNCH.format(msp_id, PERIOD)).get("launchRun", {})
    if "run" not in answer:
        raise SystemExit(f"{msp_id}: its run was not launched: {answer.get('__typename', 'no answer')}")
    return str(answer["run"]["runId"])


def _ask(query: str) -> dict[str, Any]:
    """Return what a query gives; nothing while nobody answers."""
    try:
        answer = requests.post(_ADDRESS, json={"query": query}, timeout=60)
    except requests.ConnectionError:
        return {}
    found: dict[str, Any] = answer.json()["data"]
    return found


def main() -> None:
    """Run the command line: ``python -m bench.many_queued DIR --msps 8 --lines 1000``."""
    asked = arguments("bench.many_queued", "Run many MSPs through Dagster's queue.", 8)
    watch(asked.directory, str(Path(sys.executable).with_name("mbr")))


if __name__ == "__main__":
    main()
