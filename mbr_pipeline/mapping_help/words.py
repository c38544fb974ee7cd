"""How alike two words are, and which words of two names belong together.

What belongs here: pairs of folded words: typing errors, abbreviations, spellings without umlauts. What does
not: what a word means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from mbr_pipeline.mapping_help.text_folding import has_digit

# usual short forms of words; beginnings (arch) and consonants only (mfg) need no entry
_ABBREVIATIONS = {
    "acct": "accounting",
    "bldg": "building",
    "bros": "brothers",
    "centre": "center",
    "co": "company",
    "coop": "cooperative",
    "dept": "department",
    "fdn": "foundation",
    "govt": "government",
    "hc": "healthcare",
    "intl": "international",
    "natl": "national",
    "labs": "laboratories",
    "licence": "license",
    "mtn": "mountain",
    "saint": "st",
    "svc": "service",
    "svcs": "services",
    "tech": "technology",
    "univ": "university",
    "yr": "year",
}
_VOWELS = frozenset("aeiou")

SAME = 1.0
UMLAUT = 0.99
ONE_OFF = 0.9
TWO_OFF = 0.84
SKELETON = 0.9
BEGINNING = 0.8

Pair = tuple[int, int, float]
"""Place of a word in the one name, in the other, and how alike the two are."""


@lru_cache(maxsize=200_000)
def similarity(first: str, second: str) -> float:
    """Return how surely two words are one: 1 equal, 0 different. Symmetric.

    Words with digits are equal or different. So are words that begin differently: a first letter is rarely
    mistyped, and it is what distinguishes Barlow from Marlow.
    """
    if first == second:
        return SAME
    if has_digit(first) or has_digit(second):
        return 0.0
    if _ABBREVIATIONS.get(first, first) == _ABBREVIATIONS.get(second, second) or _without_umlauts(
        first
    ) == _without_umlauts(second):
        return UMLAUT
    short, long = sorted((first, second), key=lambda word: (len(word), word))
    if set(short[:2]) == set(long[:2]) or short[0] == long[0]:
        return max(_mistyped(short, long), _abbreviated(short, long))
    return 0.0


def aligned(
    mine: Sequence[str], theirs: Sequence[str], alike: Callable[[str, str], float] = similarity
) -> list[Pair]:
    """Pair the words of two names, the most alike first; every word has at most one partner. In
    the order of ``mine``.
    """
    possible = [
        (-value, abs(first - second), first, second)
        for first in range(len(mine))
        for second in range(len(theirs))
        if (value := alike(mine[first], theirs[second])) > 0
    ]
    pairs: dict[int, Pair] = {}
    taken: set[int] = set()
    for value, _, first, second in sorted(possible):
        if first not in pairs and second not in taken:
            pairs[first] = (first, second, -value)
            taken.add(second)
    return [pairs[first] for first in sorted(pairs)]


def _without_umlauts(word: str) -> str:
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")


def _mistyped(short: str, long: str) -> float:
    """One slip in a word of five letters, two in one of nine."""
    if len(long) < 5:
        return 0.0
    distance = OSA.distance(short, long, score_cutoff=2)
    if distance == 1:
        return ONE_OFF
    return TWO_OFF if distance == 2 and len(long) >= 9 and short[0] == long[0] else 0.0


def _abbreviated(short: str, long: str) -> float:
    """The beginning of a word (arch) may be a word of its own (green, greenwood); a skeleton of consonants
    (mfg) hardly ever is.
    """
    if len(short) < 3 or len(long) < len(short) + 2 or short[0] != long[0]:
        return 0.0
    if long.startswith(short.removesuffix("s")):
        return BEGINNING
    if any(c in _VOWELS for c in short[1:]) or len(long) > 4 * len(short) + 2:
        return 0.0
    rest = iter(long)
    return SKELETON if all(c in rest for c in short) else 0.0
