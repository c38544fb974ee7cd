"""Dagster's run history, opened: the settings beside it are the user's to change, and may be wrong.

What belongs here: opening it. Where it lies is ``dagster_home``, which needs no import of Dagster.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import yaml

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.locks import locked_alone


@contextmanager
def run_history() -> Iterator[dg.DagsterInstance]:
    """Open the run history in the folder that ``DAGSTER_HOME`` names.

    Of two processes that make its databases at once one would fail: they take turns.

    Raises:
        MbrError: Its ``dagster.yaml`` cannot be used.
    """
    try:
        with locked_alone(Path(os.environ["DAGSTER_HOME"], "opening.lock")):
            instance = dg.DagsterInstance.get()
    except dg.DagsterInvalidConfigError as error:
        problem = error.errors[0].message.partition(" Expected: ")[0]
        raise _cannot_be_used(problem) from error
    except yaml.YAMLError as error:
        raise _cannot_be_used(f"no YAML: {error}") from error
    with instance:
        yield instance


def _cannot_be_used(problem: str) -> MbrError:
    file = Path(os.environ["DAGSTER_HOME"], "dagster.yaml")
    return MbrError(f"{file}: {problem.rstrip('.')}: correct it")
