"""What every command reports in the same way: an error or a warning as one line, and its exit code.

What belongs here: turning errors and warnings into the one line on standard error. What does not: commands,
and what a stream can take (``streams``).
"""

from __future__ import annotations

import logging
import sys

import click

from mbr_pipeline.errors import MbrError, is_interrupt
from mbr_pipeline.safe_text import one_line


def say(error: BaseException) -> int:
    """Say on standard error what went wrong and what to do, in one line, and return the exit code.

    Raises:
        BaseException: The error itself, if it is not an expected one.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return 2
    if isinstance(error, click.ClickException):
        print(f"mbr: {_usage(error)}", file=sys.stderr)
        return 2
    if isinstance(error, click.Abort) or is_interrupt(error):
        print("mbr: interrupted; run the same command again to continue", file=sys.stderr)
        return 1
    if isinstance(error, MbrError):
        print(f"mbr: {one_line(error)}", file=sys.stderr)
        return error.exit_code
    # the second is DuckDB's, which most commands do without
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        what = "".join(f" ({line})" for line in str(error).splitlines()[:1])
        print(f"mbr: memory ran out{one_line(what)}: end other programs, then run again", file=sys.stderr)
        return 1
    if isinstance(error, OSError):
        advice = "check the path, its permissions and the space left, then run again"
        print(f"mbr: {one_line(error)}: {advice}", file=sys.stderr)
        return 1
    raise error


def _usage(error: click.ClickException) -> str:
    problem = one_line(error.format_message()).removesuffix(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f'{problem}: see "{context.command_path} --help"' if context else problem


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"mbr: {one_line(record.getMessage())}"


def say_warnings() -> None:
    """Print what the project's modules warn of on standard error, one line each."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    logger = logging.getLogger("mbr_pipeline")
    logger.addHandler(handler)
    logger.propagate = False
