"""Errors that end a command, named after what the user can do about them (contract §7.2, exit codes).

What belongs here: the exceptions the command line turns into one line and an exit code. Faults of single
records are data, not exceptions: they are rejected rows (``mbr_pipeline.ingest.load``).
"""

from __future__ import annotations


class MbrError(Exception):
    """Anything that ends a command with one line saying what to do. Exit code 1."""

    exit_code = 1


class ConfigError(MbrError):
    """A wrong setting, rule row or argument: the user corrects it and runs again. Exit code 2."""

    exit_code = 2


class GateClosed(MbrError):
    """Publication was refused because no passed gate certificate covers exactly these inputs and
    tables. Exit code 3.
    """

    exit_code = 3


class MonthClosed(MbrError):
    """The month is closed or sealed: nothing in it is changed. Exit code 4."""

    exit_code = 4


def is_interrupt(error: BaseException) -> bool:
    """Whether it is Ctrl+C, or what DuckDB makes of it: an error whose cause it is, or that only names it."""
    return any(
        isinstance(each, KeyboardInterrupt) or str(each).startswith(KeyboardInterrupt.__name__)
        for each in (error, error.__cause__)  # no further: an error may be its own cause
    )
