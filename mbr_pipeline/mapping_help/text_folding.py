"""Folding text that people and machines typed: one spelling for what only looks different.

What belongs here: characters and words, independent of what they name. What a word means (a legal form, an
edition) is the callers' part.
"""

from __future__ import annotations

import html
import re
import unicodedata

_NOT_DECOMPOSED = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
        "ĸ": "k",
        "ſ": "s",
    }
)
_LONGEST = 1000
_APOSTROPHES = re.compile("['’‘‛ʼʹ`´′]")
# letters that an export could not encode: the word continues after them
_LOST = re.compile("(?<=[^\\W_])[?\ufffd]+(?=[^\\W_])")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_DOTTED = re.compile(r"(?<![^\W_])[^\W\d_](?:[./][^\W\d_])+(?![^\W_])")
_WORD = re.compile(r"[^\W_]+")

_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
)
NUMBERS = {word: str(number) for number, word in enumerate(_COUNTED.split())} | {
    "first": "1",
    "1st": "1",
    "second": "2",
    "2nd": "2",
    "third": "3",
    "3rd": "3",
    "ii": "2",
    "iii": "3",
    "iv": "4",
}
"""Numbers that are words, and what they are in digits."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text between blanks: how lists of words are written down here."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Return the text without case, accents, apostrophes, entities and damage from
    wrong encodings; punctuation stays.

    Only the first thousand characters: no name is longer, and a hostile one shall not cost more.
    """
    text = text[:_LONGEST]
    # removing some can uncover more of the same
    while (folded := _folded_once(text)) != text:
        text = folded
    return text


def _folded_once(text: str) -> str:
    # damage often comes twice: &amp;amp;
    while (mended := _BEYOND_ASCII.sub(_decoded, html.unescape(text))) != text:
        text = mended
    text = _LOST.sub("", _APOSTROPHES.sub("", text))
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold().translate(_NOT_DECOMPOSED)
    return unicodedata.normalize("NFKC", text)


def words_of(folded: str) -> list[str]:
    """Return the words of folded text in order: dotted letters are one word (s.a.r.l.),
    numbers are digits (seven).
    """
    joined = _DOTTED.sub(lambda found: found[0].replace(".", "").replace("/", ""), folded)
    return [NUMBERS.get(word, word) for word in _WORD.findall(joined)]


def has_digit(word: str) -> bool:
    """Whether the word says a number: such words are the same or they are different, never similar."""
    return any(c.isdigit() for c in word)


def _decoded(found: re.Match[str]) -> str:
    """Restore UTF-8 that was read as Windows text; anything else stays."""
    try:
        return found[0].encode("cp1252").decode("utf-8")
    except UnicodeError:
        return found[0]
