"""The process that builds months as dbt recorded it: started early, kept running, addressed over pipes.

What belongs here: the loop that takes one request a line and answers with one line. It is a process of its
own so that a month which takes too much memory costs itself alone, and because the project, if it changed,
is prepared while the asking side still starts. That side is ``mbr_pipeline.transform.dbt_client``; building
is ``mbr_pipeline.transform.recorded_build``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.transform.recorded_build import RecordedBuild


def ready() -> RecordedBuild:
    """Return the recorded build of the project as it is now, recorded anew if one of its files changed."""
    return RecordedBuild.read(dbt_project().statements_path)


def build(recorded: RecordedBuild, request: Mapping[str, Any]) -> dict[str, Any]:
    """Build the requested nodes on the requested file; returns the outcome of every node."""
    file, temp_directory, size = Path(request["warehouse_file"]), request["temp_directory"], request["size"]
    with connected(file, Path(temp_directory), size=size) as connection:
        return {"error": None, "nodes": recorded.run(connection, request["select"], size)}


def main() -> None:
    """Answer requests from standard input until it closes. Whatever else is printed, by dbt too, goes to
    standard error, answers alone to standard output.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        recorded = ready()
    except Exception as error:  # noqa: BLE001 - reported to the first request
        print(json.dumps({"ready": False, "error": str(error)}), file=answers)
        return
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        try:
            answer = build(recorded, json.loads(line))
        except Exception as error:  # noqa: BLE001 - the loop must outlive one bad month
            answer = {"error": f"{type(error).__name__}: {error}", "nodes": []}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
