"""Why a step failed, in one line.

What belongs here: reading it from what Dagster keeps of a failed step. What does not: whom it is told
(``mbr_pipeline.defs.alerts``, ``mbr_pipeline.cli.run.outcome``).
"""

from __future__ import annotations

from typing import Any

_OURS = "mbr_pipeline."


def reason_of(failure: Any) -> str:
    """Return what a step's failure says: the description of a ``Failure``, else the error below it.
    Errors of ours say what to do, and are told without their class.
    """
    described: str = failure.user_failure_data.description if failure.user_failure_data else ""
    error = failure.error.cause or failure.error if failure.error else None
    said = " ".join((described or (error.message if error else "unknown")).split())
    return said.partition(": ")[2] if not described and said.startswith(_OURS) else said
