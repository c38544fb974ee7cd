"""Text from outside, made fit for a terminal, a report or a message.

What belongs here: showing control characters, and cutting what is too long. What does not: our own words.
"""

from __future__ import annotations


def shown(text: str) -> str:
    """Return text from outside with control characters written out, so that no terminal obeys them."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def one_line(text: object) -> str:
    """Return a message as one line, its control characters written out."""
    return shown(" ".join(str(text).split()))


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
