"""What every command reports in the same way: an error or a warning as one line, its exit code, and
characters that a stream cannot encode.

What belongs here: turning errors and warnings into the one line on standard error. What does not: commands.
"""

from __future__ import annotations

import codecs
import logging
import sys
from io import TextIOWrapper

import click

from mbr_pipeline.errors import MbrError
from mbr_pipeline.safe_text import one_line

_PLAIN = {
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "...",
    "×": "x",
    "→": "->",
    "≠": "<>",
    "≤": "<=",
    "≥": ">=",
    "·": ".",
}


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
    if isinstance(error, click.Abort):
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


def print_anything() -> None:
    """Replace characters that a stream's encoding lacks, where Python would raise an error."""
    codecs.register_error("mbr", _in_plain_characters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="mbr")


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


def _in_plain_characters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing)
    return "".join(plain), error.end
