"""Which of a vendor's columns a canonical one may be, by its heading.

What belongs here: comparing headings with what people call a column. What does not: the words themselves
(``synonyms``), values. A heading that fits two columns, or two that fit one, are left to a person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from mbr_pipeline.mapping_help.text_folding import fold, words_of
from mbr_pipeline.profiling.words.concepts import concepts_of
from mbr_pipeline.profiling.words.roles import is_people, is_word

_SAME = 100.0
_GIVES_WAY = 0.1
_SAME_WORDS = 99.85
"""The same words in another order or language: an id that is called so in another language is before a name
that gives way to ids twice.
"""

_OF_A_LINE = 0.12
_BUT_FOR_UNIT = 98.0
_LEAST = 88.0
_LIKE = 70.0
_SHORTEST = 5
"""Shorter words are equal or different: a typing error makes another word of them."""

_LONGEST = 200

_UNIT = re.compile(
    r"\s*[\[(].*?[\])]\s*$|\s+(?:in\s+)?(?:EUR|USD|GBP|CHF|CAD|AUD|€|\$|£|%)\s*$", re.IGNORECASE
)
_NET = re.compile(
    r"(?<=.)[ (]+(?:net|netto|ht|neto|excl\.? (?:tax|vat)|ex\.? vat|sin iva|hors taxes?)\)?\s*$",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"^(?:pos(?:ition|iciones)?|(?:invoice |order )?lines?(?: item)?|(?:invoice )?item|zeilen?|"
    r"lignes?|lineas?|"
    r"(?:factuur)?regels?|(?:rechnungs)?zeilen|(?:lignes? de|lignes?) facture|"
    r"lineas? de (?:la )?factura|riga|righe|"
    r"righe fattura|linhas?) "
    r"(?!(?:id|no|nr|num|number|nummer|numero|code|name|nom|nombre)$)(?=.)"
)
"""What says of a column that it is of the lines: Pos Anzahl, Line Total."""

_PATH = re.compile(r"[a-z]\w*(?:/\w[\w.]*)+")
"""A heading that is a path, as interfaces name columns: cost/myCost."""

_REPEATED = re.compile("(?<=.)#[0-9]+$")
_NUMBER_SIGN = re.compile(r"(?<=[^\W\d])\.?\s*#\s*$")
"""A sign for a number behind a word: Invoice #, Customer#."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Match:
    """A column's heading, or the headings that fit equally well, and why."""

    headings: tuple[str, ...]
    why: str

    @property
    def heading(self) -> str | None:
        """The heading, if there is exactly one."""
        return self.headings[0] if len(self.headings) == 1 else None


def match(
    headings: Sequence[str],
    columns: Mapping[str, str],
    fits: Callable[[str, str], bool] = lambda column, heading: True,
) -> dict[str, Match]:
    """Return a match for every column that any heading fits; ``columns`` names the synonyms of
    each, separated by ``|``, behind ``>`` those that give way. ``fits`` may refuse a column's heading by what
    stands below it.
    """
    usable = [heading for heading, times in Counter(headings).items() if heading and times == 1]
    scores = {
        (column, heading): found
        for column, names in columns.items()
        for heading in usable
        if (found := score(heading, names))[0] and fits(column, heading)
    }
    left, matches = dict(scores), {}
    while left:
        best = max(points for points, _ in left.values())
        top = {pair: found for pair, found in left.items() if found[0] == best}
        for column in dict.fromkeys(column for column, _ in top):
            fitting = tuple(heading for name, heading in top if name == column)
            others = [name for name, heading in top if heading in fitting and name != column]
            matches[column] = _of(fitting, others, top[column, fitting[0]], columns[column])
        taken = {heading for _, heading in top}
        left = {
            (column, heading): found
            for (column, heading), found in left.items()
            if column not in matches and heading not in taken
        }
    return matches


def _of(fitting: tuple[str, ...], others: list[str], found: tuple[float, str], names: str) -> Match:
    if others:
        return Match((), f"“{fitting[0]}” fits {' and '.join(others)} as well")
    if len(fitting) > 1:
        return Match(fitting, f"{' or '.join(f'“{heading}”' for heading in fitting)}: both fit")
    points, name = found
    if points <= _BUT_FOR_UNIT:
        return Match(fitting, f"like “{name}”")
    is_called = _squashed(folded(fitting[0])).endswith(_squashed(name))
    return Match(fitting, f"called “{name}”" if is_called else f"means “{name}”")


def score(heading: str, names: str) -> tuple[float, str]:
    """Return how surely a heading is one of the names, and which; 0 if it is none of them."""
    heading = _REPEATED.sub("", heading)[:_LONGEST]
    best = (0.0, "")
    last = heading.rsplit("/", 1)[-1] if _PATH.fullmatch(heading) else heading
    of_line = _LINE.sub("", folded(last))
    for place, tier in enumerate(names.split(">")):
        points, name = _score(heading, tier)
        if of_line != folded(heading):
            inner, inner_name = _score(of_line, tier)
            points, name = max((points, name), (max(inner - _OF_A_LINE, 0.0), inner_name))
        best = max(best, (max(points - place * _GIVES_WAY, 0.0), name))
    if not best[0] and "/" in heading:
        parts = [score(part.strip(), names) for part in _UNIT.sub("", heading).split("/") if part.strip()]
        if len(parts) > 1 and all(points > _LEAST for points, _ in parts):
            return min(parts)[0] - _OF_A_LINE, parts[0][1]  # each of its words is a name of it
    return best


def _score(heading: str, names: str) -> tuple[float, str]:
    whole, bare = folded(heading), folded(_NET.sub("", _UNIT.sub("", heading)))
    meant = concepts_of(whole)
    best = (0.0, "")
    for name in filter(None, names.split("|")):
        if _squashed(whole) == _squashed(name):
            return _SAME, name
        if meant and meant == concepts_of(name):
            best = max(best, (_SAME_WORDS, name))
        elif bare and _squashed(bare) == _squashed(name):
            best = max(best, (_BUT_FOR_UNIT, name))
        elif (
            min(len(bare), len(name)) >= _SHORTEST
            and (alike := fuzz.token_sort_ratio(bare, name)) >= _LEAST
            and _are_typed_alike(bare, name)
        ):
            best = max(best, (min(alike, _BUT_FOR_UNIT - 1), name))
    return best


def _are_typed_alike(one: str, other: str) -> bool:
    """Whether each word is the same but for a typing error: Tenant Kind is no Tenant Id. A word that means
    something else is none: User Licenses are no Used Licenses.
    """
    pairs = list(zip(sorted(one.split()), sorted(other.split()), strict=False))
    return len(one.split()) != len(other.split()) or all(
        a == b
        or (min(len(a), len(b)) >= _SHORTEST - 1 and fuzz.ratio(a, b) >= _LIKE and not _is_another(a, b))
        for a, b in pairs
    )


def _is_another(word: str, listed: str) -> bool:
    """Whether a word means money or seats, and is not the listed one with another ending."""
    return is_word(word) and not (word.startswith(listed) or listed.startswith(word))


@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """Return a text's words without case and accents: Invoice_No., invoiceNo and INVOICE NO "
    "are the same.
    """
    words = words_of(fold(_CAMEL.sub(" ", text)))
    if words and _NUMBER_SIGN.search(text) and not is_people(words[-1]):
        words = [*words, "no"]
    return " ".join(words)


def _squashed(text: str) -> str:
    return text.replace(" ", "")
