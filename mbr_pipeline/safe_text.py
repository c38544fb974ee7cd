"""Text from outside, made fit for a terminal, a report or a message.

What belongs here: showing control characters, and cutting what is too long. What does not: our own words.
"""

from __future__ import annotations

import re
import unicodedata


def shown(text: str) -> str:
    """Return text from outside with control characters written out, so that no terminal obeys them."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def one_line(text: object) -> str:
    """Return a message as one line, its control characters written out."""
    return shown(" ".join(str(text).split()))


def without_commands(text: str) -> str:
    """Return text from outside for a cell of CSV: what a terminal obeys, or what reorders a line, is written
    out as :func:`shown` does. Spaces of any kind, line feeds, tabs and the joiners of ordinary spelling stay.
    """
    return "".join(f"\\x{ord(c):02x}" if _is_command(c) and c not in "\n\t" else c for c in text)


def shortened(message: str) -> str:
    """Return a message of ours with the long words and the long middle that it quotes from outside cut, so
    that one hostile cell fills no screen.
    """
    words = _LONG_WORD.sub(lambda found: f"{found[0][:_OF_A_WORD]}… ({len(found[0]):,} characters)", message)
    if len(words) <= _LONGEST_MESSAGE:
        return words
    return f"{words[: _LONGEST_MESSAGE // 2]} … {words[-_LONGEST_MESSAGE // 4 :]}"


def neutral(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe before what begins like one."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def escaped_json(document: str) -> str:
    """Return a JSON document with the same characters as JSON escapes: to whoever parses it, nothing
    changed.
    """
    return _NOT_PLAIN.sub(
        lambda found: _json_escape(found[0]) if _is_command(found[0]) else found[0], document
    )


FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How text begins that a spreadsheet may take for a formula, also written wide (OWASP, CSV Injection)."""

_OF_A_WORD = 60
_LONG_WORD = re.compile(r"[^\s“”]{121,}")
_LONGEST_MESSAGE = 4_000

_NOT_PLAIN = re.compile(r"[^ -~\n]")


def _is_command(character: str) -> bool:
    # controls, formats such as the direction overrides, line separators, lone surrogates
    if character.isascii() and character.isprintable():
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs") and character not in _SPELLING


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))


LONGEST_TEXT = 600
"""Characters of one value that are shown; the rest is only counted, so that one hostile cell
cannot inflate the page.
"""


# Invisible, but ordinary spelling: the (non-)joiners of Persian, Indic scripts and emoji,
# and the Japanese space.
_SPELLING = frozenset("\u200c\u200d\u3000")


def short(text: str) -> str:
    """Make a name fit a table cell: hidden characters visible, at most 120 characters."""
    return visible(text, longest=120)


def visible(text: str, longest: int = LONGEST_TEXT) -> str:
    """Make hidden characters of text from outside visible, and very long text short.

    Control characters, bidirectional overrides, odd spaces and lone surrogates could reorder a line, hide the
    difference between two identifiers, or make the page impossible to write as UTF-8.

    Args:
        text: Any text, for example a client name.
        longest: How many characters of it to show.

    Returns:
        The text with every such character as ``⟨U+202E⟩``, and at most ``longest`` characters of it.
    """
    shown = text[:longest]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() or c in _SPELLING else f"⟨U+{ord(c):04X}⟩" for c in shown)
    return shown if len(text) <= longest else f"{shown}… ({len(text):,} characters)"
