"""What comes in and goes out as text: arguments, the standard streams, and JSON on them.

What belongs here: closed streams, and encodings that lack a character. What does not: errors and warnings in
one line (``messages``), and showing what a terminal would obey (``mbr_pipeline.safe_text``).
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from typing import Any

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.safe_text import escaped_json

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


def open_closed_streams() -> None:
    """Open the null device in the place of each standard stream that the caller closed: else a file of ours
    would get its number, and with it what other programs print that we start.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
            os.set_inheritable(opened, True)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def refuse_unreadable(arguments: Iterable[str]) -> None:
    """Refuse what was typed in another encoding than the terminal says: only the path of something that is
    there may hold any bytes.

    Raises:
        ConfigError: An argument is no text.
    """
    for each in arguments:
        is_text = not any("\ud800" <= character <= "\udfff" for character in each)
        if not is_text and not os.path.lexists(each.partition("=")[2] if each.startswith("--") else each):
            raise ConfigError(
                f"{each!r} is not text in UTF-8: set the terminal to it, or write plain letters"
            )


def print_json(document: Any, **how: Any) -> None:
    """Print a JSON document that is the same to whoever parses it, whatever the stream's encoding lacks, and
    that no terminal obeys and no splitter of lines cuts.

    Args:
        document: What ``json.dumps`` takes.
        how: Its options.
    """
    is_utf8 = codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"
    print(escaped_json(json.dumps(document, ensure_ascii=not is_utf8, **how)))


def print_anything() -> None:
    """Replace characters that a stream's encoding lacks, where Python would raise an error, and write lines
    whole: processes side by side share standard error, and a line in two pieces mixes with another's.
    """
    codecs.register_error("mbr", _in_plain_characters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="mbr")
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(line_buffering=True, write_through=False)


def _in_plain_characters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing)
    return "".join(plain), error.end
