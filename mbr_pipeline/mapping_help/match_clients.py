"""Which client a vendor's customer may be: scores of all clients of one MSP.

What belongs here: comparing names of companies, every word weighted by how rare it is among the MSP's own
clients, and the evidence of ids. What does not: taking names apart (``company_names``), pairing words
(``words``), ranking (``suggest``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from mbr_pipeline.mapping_help.company_names import Reading, readings, tells_apart, weight
from mbr_pipeline.mapping_help.suggest import (
    NOTHING_IN_COMMON,
    SAME_ID,
    SAME_ID_OTHER_NAME,
    Candidate,
    Scored,
    Unmapped,
    best_of,
    means_the_same,
)
from mbr_pipeline.mapping_help.words import BEGINNING, SAME, SKELETON, UMLAUT, Pair, aligned, similarity

_SAME_NAME = 100.0
_OTHER_FORM_ONLY = 99.0
_OTHER_SPELLING = 98.0
_IN_ONE_WORD = 97.0
_BREAKS_OFF = 95.0
_NEARLY = 95.0
_SLIP_IN_ONE_WORD = 92.0
_INITIALS = 72.0
_LEAST = 30.0

_CONTRADICTING_FORM = 14
_INACTIVE = 5
_LEARNED = 1
_OTHER_ORDER = 2
_DOMAIN_LEAVES_OUT = 0.5
# "Green Dental" is not Greenwood Dental, but "Alder Arch" may be Alder Architects
_BEGINS_THE_NAME = 0.6

_OPAQUE = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f]{16,}", re.ASCII)


@dataclass(frozen=True)
class _Known:
    """One name of a candidate, read; ``because`` is empty for the name the PSA gives it."""

    candidate: Candidate
    reading: Reading
    because: str


@dataclass(frozen=True)
class _Match:
    score: float
    because: str


_NONE = _Match(0.0, "")


class Clients:
    """The clients of one MSP, ready for queries."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        """Read all names once and note which clients have which words."""
        self._candidates = sorted(candidates, key=lambda c: c.id)
        self._known = [
            _Known(candidate, reading, because)
            for candidate in self._candidates
            for text, because in [
                (candidate.name, ""),
                *((alias.text, alias.because) for alias in candidate.names),
            ]
            for reading in readings(text)
        ]
        self._size = max(2, len(self._candidates))
        owners: dict[str, set[str]] = {}
        self._places: dict[str, set[int]] = {}
        for place, known in enumerate(self._known):
            for word in known.reading.words:
                owners.setdefault(word, set()).add(known.candidate.id)
                self._places.setdefault(word, set()).add(place)
        self._owners = {word: len(ids) for word, ids in owners.items()}

    def score(self, unmapped: Unmapped) -> list[Scored]:
        """Score every client that has anything in common with the customer."""
        asked = [reading for name in unmapped.names for reading in readings(name)]
        if _is_telling(unmapped.id):
            asked += readings(unmapped.id if "." in unmapped.id else re.sub("[-_]", " ", unmapped.id))
        found = []
        for reading in asked:
            sharing = self._sharing_a_word(reading)
            for place, known in enumerate(self._known):
                match = self._compare(reading, known.reading, by_words=place in sharing)
                if match.score >= _LEAST:
                    found.append(_scored(match, known))
        by_name = best_of(found)
        alike = {scored.candidate.id for scored in by_name if scored.score >= NOTHING_IN_COMMON}
        for candidate in self._candidates:
            for alias in candidate.ids:
                if means_the_same(unmapped, alias):
                    is_renamed = (
                        alias.has_ended and bool(asked) and bool(candidate.name) and candidate.id not in alike
                    )
                    found.append(
                        Scored(candidate, SAME_ID_OTHER_NAME if is_renamed else SAME_ID, alias.because)
                    )
        return best_of(found)

    def _sharing_a_word(self, asked: Reading) -> set[int]:
        places: set[int] = set()
        for mine in {*asked.words, *asked.aside}:
            for word, where in self._places.items():
                if word == mine or (word[0] in mine[:2] and similarity(mine, word) > 0):
                    places |= where
        return places

    def _compare(self, asked: Reading, known: Reading, by_words: bool) -> _Match:
        matches = [
            self._by_domain(asked, known),
            _in_one_word(asked, known),
            _cut_off(asked, known),
            _initials(asked, known),
        ]
        match = max([self._by_words(asked, known) if by_words else _NONE, *matches], key=lambda m: m.score)
        if (
            match.score
            and asked.form
            and known.form
            and not (asked.form <= known.form or known.form <= asked.form)
        ):
            forms = f"but “{' '.join(sorted(asked.form))}” is not “{' '.join(sorted(known.form))}”"
            return _Match(match.score - _CONTRADICTING_FORM, f"{match.because}, {forms}")
        return match

    def _by_words(self, asked: Reading, known: Reading) -> _Match:
        """What both names say, as a share of what either says; a word's weight is its
        rarity among the clients.
        """
        if asked.is_domain and len(asked.words) == 1:
            return _NONE  # by domain
        if asked.words == known.words and not asked.aside:
            if asked.form == known.form:
                return _Match(_SAME_NAME, "the same name")
            return _Match(_OTHER_FORM_ONLY, "the same name but for the legal form")
        mine, theirs = [*asked.words, *asked.aside], known.words
        pairs = aligned(mine, theirs, _alike)
        if not pairs:
            return _NONE
        both = agreed = 0.0
        for first, second, alike in pairs:
            heavy = self._weight(theirs[second])
            both += heavy
            is_short = mine[first] in asked.short and len(mine[first]) < len(theirs[second])
            agreed += heavy * _judged(alike, is_short, second == 0)
        paired, given = {first for first, _, _ in pairs}, {second for _, second, _ in pairs}
        added = [at for at in range(len(mine)) if at not in paired]
        missing = [word for at, word in enumerate(theirs) if at not in given]
        extra = sum(self._alone(word) for word in missing)
        for at in added:
            is_aside = at >= len(asked.words) and not tells_apart(mine[at])
            extra += self._alone(mine[at]) * (asked.aside_weight if is_aside else 1)
        turned = [second for _, second, _ in pairs] != sorted(given)
        respelled_only = not added and not missing and all(alike >= UMLAUT for _, _, alike in pairs)
        most = _OTHER_SPELLING if respelled_only else _NEARLY
        score = min(most, 100 * agreed / (both + extra)) - (_OTHER_ORDER if turned else 0)
        return _Match(score, _in_words(mine, theirs, pairs, [mine[at] for at in added], missing))

    def _by_domain(self, asked: Reading, known: Reading) -> _Match:
        """A domain is a name, or the beginning of one, written as one word."""
        if not asked.is_domain or len(asked.joined) < 5:
            return _NONE
        stems = (asked.joined, asked.joined.replace("and", "", 1))
        for count in range(len(known.plain), 0, -1):
            if any(similarity("".join(known.plain[:count]), stem) >= UMLAUT for stem in stems):
                said = sum(self._weight(word) for word in known.words[:count])
                left_out = sum(
                    self._alone(word) * (1 if tells_apart(word) else _DOMAIN_LEAVES_OUT)
                    for word in known.words[count:]
                )
                return _Match(
                    _IN_ONE_WORD * said / (said + left_out), f"the domain {asked.joined} is its name"
                )
        return _NONE

    def _weight(self, word: str) -> float:
        rarity = math.log((self._size + 1) / self._owners.get(word, 1)) / math.log(self._size + 1)
        return max(0.15, rarity) * weight(word)

    def _alone(self, word: str) -> float:
        """The weight of a word that only one of the two names has."""
        return 1.0 if tells_apart(word) else self._weight(word)


def _is_telling(identifier: str) -> bool:
    """Whether an id may be read as a name: it has words, and is no GUID, hash or number."""
    letters = sum(c.isalpha() for c in identifier)
    return (
        letters >= 4
        and not _OPAQUE.fullmatch(identifier.casefold())
        and letters * 2 > sum(c.isalnum() for c in identifier)
    )


def _scored(match: _Match, known: _Known) -> Scored:
    score, because = match.score, match.because
    if known.because:
        score, because = score - _LEARNED, f"{because} as {known.because}"
    if not known.candidate.is_active:
        score, because = score - _INACTIVE, f"{because}; inactive in the PSA"
    return Scored(known.candidate, score, because)


@lru_cache(maxsize=1 << 16)  # where names share words, a month asks a million times for some hundred pairs
def _alike(first: str, second: str) -> float:
    return float(first == second) if tells_apart(first) or tells_apart(second) else similarity(first, second)


def _judged(alike: float, is_short: bool, begins_the_name: bool) -> float:
    if alike != BEGINNING:
        return alike
    return SKELETON if is_short else _BEGINS_THE_NAME if begins_the_name else BEGINNING


def _in_words(
    mine: Sequence[str],
    theirs: Sequence[str],
    pairs: Sequence[Pair],
    added: Sequence[str],
    missing: Sequence[str],
) -> str:
    said = [f"“{mine[first]}” for “{theirs[second]}”" for first, second, alike in pairs if alike < SAME]
    said += [f"the vendor adds “{' '.join(added)}”"] if added else []
    said += [f"the vendor leaves out “{' '.join(missing)}”"] if missing else []
    return f"nearly the same name: {', '.join(said)}" if said else "the same words in another order"


def _in_one_word(asked: Reading, known: Reading) -> _Match:
    """The same letters with the words split elsewhere, or with one typing error."""
    if asked.aside or len(asked.joined) < 6 or asked.joined[0] != known.joined[0]:
        return _NONE
    if asked.joined == known.joined and len(asked.words) != len(known.words):
        return _Match(_IN_ONE_WORD, "the same name, its words parted otherwise")
    if (
        len(asked.joined) < 10
        or OSA.distance(asked.joined, known.joined, score_cutoff=1) != 1
        or not _same_side(asked, known)
    ):
        return _NONE
    return _Match(_SLIP_IN_ONE_WORD, f"nearly the same name: “{asked.joined}” for “{known.joined}”")


def _same_side(asked: Reading, known: Reading) -> bool:
    """Whether the words that distinguish siblings are in both names."""
    sides = {word for word in known.words if tells_apart(word)}
    if asked.is_domain:
        return all(side in asked.joined for side in sides)
    return sides == {word for word in asked.words if tells_apart(word)}


def _cut_off(asked: Reading, known: Reading) -> _Match:
    """The vendor's name stops in the middle of a word, and is the same up to there."""
    if not asked.is_long or len(asked.whole) < 14 or not known.whole.startswith(asked.whole):
        return _NONE
    if len(asked.plain[-1]) > 1 and tells_apart(asked.plain[-1]):
        return _NONE
    ends = {len("".join(known.plain[:count])) for count in range(1, len(known.plain) + 1)}
    return (
        _NONE
        if len(asked.whole) in ends
        else _Match(_BREAKS_OFF, "the vendor's name breaks off in a word and is the same up to there")
    )


def _initials(asked: Reading, known: Reading) -> _Match:
    initials = "".join(word[0] for word in known.words)
    if len(asked.words) == 1 and len(initials) > 2 and asked.words[0] == initials:
        return _Match(_INITIALS, f"“{initials}” are its initials")
    return _NONE
