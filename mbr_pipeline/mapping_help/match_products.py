"""Which product a vendor's SKU may be: scores of all products of one MSP.

What belongs here: comparing names of products, where plan, size, edition and commitment must
not differ, and the evidence of ids. What does not: taking names apart (``product_names``), pairing
words (``words``), ranking (``suggest``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mbr_pipeline.mapping_help.product_names import Item, read, read_term, tells_apart, weight
from mbr_pipeline.mapping_help.suggest import (
    SAME_ID,
    Candidate,
    Scored,
    Unmapped,
    best_of,
    means_the_same,
    plain_id,
)
from mbr_pipeline.mapping_help.words import BEGINNING, SAME, UMLAUT, Pair, aligned, similarity

_SAME_NAME = 100.0
_OTHER_SPELLING = 98.0
_NEARLY = 95.0
_LEAST = 30.0

_TERM_UNSAID_BY_VENDOR = 12
_TERM_UNSAID_BY_PRODUCT = 2
_TERM_OF_ANOTHER = 12
_LEARNED = 1
_CONTRADICTION = 0.5


@dataclass(frozen=True)
class _Known:
    """One name of a product, read; ``because`` is empty for the name the PSA gives it.

    ``others`` are the commitments of products that have the same name except for the commitment.
    """

    candidate: Candidate
    item: Item
    because: str
    others: frozenset[str]


@dataclass(frozen=True)
class _Match:
    score: float
    because: str


_NONE = _Match(0.0, "")


class Products:
    """The products of one MSP, ready for queries."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        """Read all names once and note in how many products each word occurs."""
        self._candidates = sorted(candidates, key=lambda c: c.id)
        own = [(candidate, read(candidate.name)) for candidate in self._candidates]
        self._terms: dict[tuple[frozenset[str], frozenset[str]], set[str]] = {}
        for _, item in own:
            self._terms.setdefault(_but_for_term(item), set()).add(item.term)
        self._split = {c.id for c, item in own if item.term or len(self._terms[_but_for_term(item)]) > 1}
        learned = [
            (candidate, read(alias.text, alias.term), alias.because)
            for candidate, _ in own
            for alias in candidate.names
        ]
        self._known = [
            _Known(candidate, item, because, frozenset(self._terms.get(_but_for_term(item), ())))
            for candidate, item, because in [*((candidate, item, "") for candidate, item in own), *learned]
        ]
        self._size = max(2, len(self._candidates))
        owners: dict[str, set[str]] = {}
        for known in self._known:
            for word in known.item.words:
                owners.setdefault(word, set()).add(known.candidate.id)
        self._owners = {word: len(ids) for word, ids in owners.items()}

    def is_for_one_term(self, product_code: str) -> bool:
        """Whether a product is for one commitment: its name says so, or another is called the
        same for another commitment.
        """
        return product_code in self._split

    def score(self, unmapped: Unmapped) -> list[Scored]:
        """Score every product that has anything in common with the SKU."""
        term = read_term(unmapped.term)
        asked = [read(name, unmapped.term) for name in unmapped.names]
        if not asked and _is_telling(unmapped.id):
            asked = [read(re.sub("[-_./:]", " ", unmapped.id), unmapped.term)]
        found = []
        for candidate in self._candidates:
            own_term = read(candidate.name).term
            if term and own_term and term != own_term:
                continue  # the same SKU for another commitment is another product
            if _is_code(candidate.id) and plain_id(candidate.id) == plain_id(unmapped.id):
                found.append(Scored(candidate, SAME_ID, "the SKU's id is the product's code"))
            for alias in candidate.ids:
                if means_the_same(unmapped, alias) and (not alias.term or read_term(alias.term) == term):
                    found.append(Scored(candidate, SAME_ID, alias.because))
        for item in asked:
            for known in self._known:
                match = self._compare(item, known)
                if match.score >= _LEAST:
                    learned = _LEARNED if known.because else 0
                    because = f"{match.because}; {known.because}" if known.because else match.because
                    found.append(Scored(known.candidate, match.score - learned, because))
        return best_of(found)

    def _compare(self, asked: Item, of: _Known) -> _Match:
        known = of.item
        match = self._by_words(asked, known)
        if not match.score:
            return match
        if asked.marks != known.marks:
            ours, theirs = (
                " ".join(sorted(asked.marks - known.marks)),
                " ".join(sorted(known.marks - asked.marks)),
            )
            return _Match(match.score * _CONTRADICTION, f"{match.because}, but “{ours}” is not “{theirs}”")
        if asked.term and known.term and asked.term != known.term:
            return _Match(
                match.score * _CONTRADICTION, f"{match.because}, but {asked.term} is not {known.term}"
            )
        if known.term and not asked.term:
            return _Match(
                match.score - _TERM_UNSAID_BY_VENDOR,
                f"{match.because}, and the bill does not say whether it is {known.term}",
            )
        if asked.term and not known.term:
            unsaid = _TERM_OF_ANOTHER if asked.term in of.others else _TERM_UNSAID_BY_PRODUCT
            return _Match(match.score - unsaid, match.because)
        return match

    def _by_words(self, asked: Item, known: Item) -> _Match:
        """What both names say, as a share of what either says; a word's weight is its
        rarity among the products.
        """
        if asked.words == known.words:
            return _Match(_SAME_NAME, "the same name")
        mine, theirs = asked.words, known.words
        pairs = aligned(mine, theirs, _alike)
        if not pairs:
            return _NONE
        marks = 1.0 if asked.marks & known.marks else 0.0
        both = marks + sum(self._weight(theirs[second]) for _, second, _ in pairs)
        agreed = marks + sum(self._weight(theirs[second]) * alike for _, second, alike in pairs)
        paired, given = {first for first, _, _ in pairs}, {second for _, second, _ in pairs}
        added = [word for at, word in enumerate(mine) if at not in paired]
        missing = [word for at, word in enumerate(theirs) if at not in given]
        extra = sum(self._alone(word) for word in (*added, *missing))
        telling = [word for word in (*added, *missing) if weight(word) == 1]
        respelled_only = not telling and all(alike >= UMLAUT for _, _, alike in pairs)
        if not both:
            return _NONE
        score = min(_OTHER_SPELLING if respelled_only else _NEARLY, 100 * agreed / (both + extra))
        return _Match(score, _in_words(mine, theirs, pairs, added, missing))

    def _weight(self, word: str) -> float:
        if weight(word) < 1:
            return weight(word)
        return max(0.3, math.log((self._size + 1) / self._owners.get(word, 1)) / math.log(self._size + 1))

    def _alone(self, word: str) -> float:
        """The weight of a word that only one of the two names has."""
        return 1.0 if tells_apart(word) else self._weight(word)


def _but_for_term(item: Item) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(word for word in item.words if weight(word) == 1), item.marks


def _is_code(identifier: str) -> bool:
    """Whether an id identifies its product by itself; a plain number could be any vendor's."""
    return len(plain_id(identifier)) >= 3 and any(c.isalpha() for c in identifier)


def _is_telling(identifier: str) -> bool:
    letters = sum(c.isalpha() for c in identifier)
    return letters >= 3 and letters * 4 > sum(c.isalnum() for c in identifier) * 3


def _alike(first: str, second: str) -> float:
    alike = similarity(first, second)
    if alike < SAME and tells_apart(first) and tells_apart(second):
        return 0.0
    return 0.9 if alike == BEGINNING else alike


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
