"""Ranked suggestions for one unmapped thing: what is offered, with what certainty, and when nothing is.

What belongs here: the words of question and answer, the evidence of an id, and the ranking over scored
candidates. What does not: comparing names (``match_clients``, ``match_products``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

DEFAULT_THRESHOLD = 90
MINIMUM_MARGIN = 4
MOST_SHOWN = 3
SAME_ID = 97.0
SAME_ID_OTHER_NAME = 80.0
NOTHING_IN_COMMON = 50.0
_TOO_LONG_FOR_CHANCE = 9


@dataclass(frozen=True)
class Alias:
    """Another name a candidate goes by, or an id that means it in a rule, and how we know.

    ``source`` is whose id it is; ``has_ended`` says that a person ended the rule, so that the id may belong
    to someone else by now.
    """

    text: str
    because: str
    source: str = ""
    term: str = ""
    has_ended: bool = False


@dataclass(frozen=True)
class Candidate:
    """A client or product that something may be mapped to. ``is_active`` is False for a client that
    the PSA calls inactive.
    """

    id: str
    name: str
    is_active: bool = True
    names: tuple[Alias, ...] = ()
    ids: tuple[Alias, ...] = ()


@dataclass(frozen=True)
class Unmapped:
    """A vendor's customer or SKU that no rule maps: its id, the names bills give it, and the
    commitment of a SKU.
    """

    source: str
    id: str
    names: tuple[str, ...] = ()
    term: str = ""


@dataclass(frozen=True)
class Scored:
    """One candidate's score from 0 to 100, and the reason in words."""

    candidate: Candidate
    score: float
    because: str


@dataclass(frozen=True)
class Suggestion:
    """One candidate offered; ``margin`` is how far the next best one, offered or not, is behind (100
    if there is none).
    """

    id: str
    name: str
    score: int
    margin: int
    because: str


@dataclass(frozen=True)
class Answer:
    """What is suggested, best first; where nothing is, ``doubt`` says why. ``nearest`` are the best
    candidates also where none is suggested, for a person to choose from.
    """

    suggestions: tuple[Suggestion, ...] = field(default=())
    doubt: str = ""
    nearest: tuple[Suggestion, ...] = field(default=())


def means_the_same(unmapped: Unmapped, alias: Alias) -> bool:
    """Whether an id in a rule is this id: at the same source always, elsewhere only if it cannot
    be there by accident.
    """
    if alias.source == unmapped.source:
        return alias.text == unmapped.id
    mine = plain_id(unmapped.id)
    return mine == plain_id(alias.text) and is_no_accident(mine)


def is_no_accident(plain: str) -> bool:
    """Whether two systems that have this plain id mean one thing by it: short ones and numbers recur."""
    return len(plain) >= _TOO_LONG_FOR_CHANCE and any(c.isalpha() for c in plain)


def plain_id(identifier: str) -> str:
    """Return an id without case and punctuation: vendors write CFQ7TTC0LCHC:0002 and CFQ7TTC0LCHC/0002."""
    return re.sub(r"[\W_]", "", identifier).casefold()


def best_of(scored: Iterable[Scored]) -> list[Scored]:
    """Return the best score of every candidate, by its id."""
    best: dict[str, Scored] = {}
    for one in scored:
        before = best.get(one.candidate.id)
        if before is None or (-one.score, one.because) < (-before.score, before.because):
            best[one.candidate.id] = one
    return [best[candidate] for candidate in sorted(best)]


def answer(scored: Iterable[Scored], threshold: int, what: str) -> Answer:
    """Rank scored candidates, each a ``what``. Nothing below the threshold is offered, and nothing that
    another candidate fits as well.
    """
    ranked = sorted(((int(s.score), s) for s in scored), key=lambda pair: (-pair[0], pair[1].candidate.id))
    behind = [score for score, _ in ranked[1:]]
    nearest = tuple(
        Suggestion(
            s.candidate.id,
            s.candidate.name,
            score,
            score - behind[at] if at < len(behind) else 100,
            s.because,
        )
        for at, (score, s) in enumerate(ranked[:MOST_SHOWN])
    )
    offered = tuple(one for one in nearest if one.score >= threshold)
    if not offered:
        return Answer(doubt=f"no {what} is close enough", nearest=nearest)
    if offered[0].margin < MINIMUM_MARGIN and len(ranked) > 1:
        first, second = ranked[0][1].candidate, ranked[1][1].candidate
        doubt = f"“{first.name}” ({first.id}) and “{second.name}” ({second.id}) fit equally well"
        return Answer(doubt=doubt, nearest=nearest)
    return Answer(offered, nearest=nearest)
