"""Names of companies: what in them names the company, and what is legal form, place, or a portal's remark.

What belongs here: words as data, and taking a name apart. What does not:
comparing two names (``match_clients``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import OSA

from mbr_pipeline.mapping_help.text_folding import fold, has_digit, word_set, words_of

_LEGAL_FORMS = {
    form: name
    for name, forms in {
        "ltd": "ltd limited ltda",
        "pty": "pty pl proprietary",
        "inc": "inc incorporated",
        "corp": "corp corporation",
        "co": "co company cie",
        "llc": "llc lc",
        "gmbh": "gmbh mbh ggmbh",
        "ag": "ag aktiengesellschaft",
        "kg": "kg kgaa",
        "as": "as asa",
        "oy": "oy oyj",
        "srl": "srl srls",
        "sl": "sl slu",
        **{
            form: form
            for form in word_set(
                "llp lp plc pllc pc pa cic cio ug ek ev eg ohg gbr se sa sarl sas sasu eurl sci scop spa bv"
                " nv vof ab hb aps is kk pte sdn bhd sro doo kft zrt ooo eirl sicav spzoo"
            )
        },
    }.items()
    for form in word_set(forms)
}
# words that are only legal forms are removed anywhere, the others only at the end
_UNMISTAKABLE = word_set("ltd limited inc incorporated llc plc pllc llp gmbh mbh sarl eurl pty kg")
_LONG_FORMS = ("aktiengesellschaft", "corporation", "incorporated", "limited")
_SPREAD_FORMS = (
    ("gesellschaft mbh", "gmbh"),
    ("sa rl", "sarl"),
    ("s a r l", "sarl"),
    ("sp z oo", "spzoo"),
    ("haftungsbeschrankt", "ug"),
)
_CONJUNCTIONS = word_set("and und et og och y")
_ARTICLES = word_set("the a an of for de la le les du des der die das den del di da el los las")
_REMARKS = word_set(
    "hq main head office tenant azure production prod old new migrated customer client admin accounts account"
    " it dept department 365 m365 o365 test dup duplicate use not do inactive internal billing corporate nfr"
    " global worldwide usa us uk gb eu emea europe apac tx ny nsw qld ontario"
)
_COMMON = word_set(
    "group holding holdings services service solutions solution systems system enterprises enterprise"
    " industries international associates partners partnership consulting consultants management technologies"
    " technology ventures alliance collective trust trading brothers sons company"
)
_SIDES = word_set(
    "east west north south central northern southern eastern western northeast northwest southeast southwest"
    " upper lower inner outer downtown uptown midtown eastside westside northside southside airport a b c d e"
    " f g h"
)
_ALSO = re.compile(
    r"(?<!\w)(?:t\s?/\s?a|d\s?/\s?b\s?/\s?a|dba|f\s?/\s?k\s?/\s?a|fka|aka|trading as|doing business"
    r" as|formerly)(?!\w)"
)
_IN_PARENTHESES = re.compile(r"\(([^()]*)\)")
_MARK = re.compile(r",\s|\s-\s")
_WITH_STOP = re.compile(r"([^\W_]{3,})\.")
_DOMAIN = re.compile(r"(?:https?://)?(?:[\w.+-]+@)?(?:www\.)?((?:[\w-]+\.)+)([a-z]{2,24})/?")
_SECOND_LEVEL = word_set("co com org net ac gov edu onmicrosoft mail")
_TOP_LEVEL = word_set(
    "com net org info biz cloud online tech group shop site dental legal church care health agency law"
)
_PUBLIC_MAIL = word_set("gmail outlook hotmail yahoo icloud gmx aol live proton")

_OTHER_SIDE = 0.03
_REMARKED = 0.15
_CUT_OFF = 18


@dataclass(frozen=True)
class Reading:
    """One way to read a name.

    ``aside`` are words that say more than the name (in parentheses, behind a dash, the other half of "trading
    as"), and ``aside_weight`` is the weight of each. ``form`` is the legal form in one spelling,
    ``plain`` are all words, the legal form's too, ``short`` those that were written with a full stop.
    ``is_domain``: it came as an internet domain; ``is_long``: long enough to have been cut off.
    """

    words: tuple[str, ...]
    plain: tuple[str, ...]
    form: frozenset[str] = frozenset()
    aside: tuple[str, ...] = ()
    aside_weight: float = 0.0
    short: frozenset[str] = frozenset()
    is_domain: bool = False
    is_long: bool = False

    @cached_property
    def joined(self) -> str:
        """The name's words as one, without the legal form."""
        return "".join(self.words)

    @cached_property
    def whole(self) -> str:
        """All words as one."""
        return "".join(self.plain)


def normalise(name: str) -> str:
    """Return the words that name the company, in order, in one spelling; an empty text if there are none."""
    return " ".join(_split_form(_plain_words(fold(name)))[0])


def readings(name: str) -> tuple[Reading, ...]:
    """Return every way to read a name: each side of "trading as", as it stands, and what of it may be
    all of the name.
    """
    sides = [side for side in _ALSO.split(fold(name)) if words_of(side)]
    found: list[Reading] = []
    for at, side in enumerate(sides):
        others = " ".join(sides[:at] + sides[at + 1 :])
        domain = tuple(words_of(_domain_stem(side.strip())))
        if domain:
            found.append(Reading(domain, domain, is_domain=True))
            continue
        found.append(_reading(side, others, _OTHER_SIDE, len(name)))
        found += [_reading(part, f"{rest} {others}", _REMARKED, len(name)) for part, rest in _parts(side)]
    return tuple(dict.fromkeys(reading for reading in found if reading.words))


def weight(word: str) -> float:
    """Return how much a word says about which company it is, before its rarity: a
    portal's remark hardly anything.
    """
    if word in _ARTICLES:
        return 0.1
    if word in _REMARKS:
        return 0.15
    return 0.4 if word in _COMMON else 1.0


def tells_apart(word: str) -> bool:
    """Whether the word serves to distinguish siblings: a side of town, a number, a letter."""
    return word in _SIDES or (has_digit(word) and word not in _REMARKS)


def _reading(text: str, aside: str, aside_weight: float, length: int) -> Reading:
    plain = _plain_words(text)
    words, form = _split_form(plain)
    others, _ = _split_form(_plain_words(aside))
    short = frozenset(_WITH_STOP.findall(text))
    return Reading(
        tuple(words),
        tuple(plain),
        frozenset(form),
        tuple(others),
        aside_weight,
        short,
        is_long=length >= _CUT_OFF,
    )


def _parts(text: str) -> list[tuple[str, str]]:
    """Return what of a name may be all of the name, each with the rest: outside or inside parentheses, before
    a comma or dash.
    """
    outside, inside = _IN_PARENTHESES.sub(" ", text), " ".join(_IN_PARENTHESES.findall(text))
    before, *behind = _MARK.split(outside, maxsplit=1)
    found = [(outside, inside)] if inside else []
    found += [(inside, outside)] if len(inside) > 2 else []
    found += [(before, f"{behind[0]} {inside}")] if behind else []
    return found


def _plain_words(folded: str) -> list[str]:
    words = [word for word in words_of(folded) if word not in _CONJUNCTIONS]
    while len(words) > 1 and words[0] == "the":
        words = words[1:]
    return words


def _split_form(words: list[str]) -> tuple[list[str], list[str]]:
    """Separate the name from its legal form; a name that is nothing but legal forms keeps its first word."""
    left, form = words, list[str]()
    while True:
        text = f" {' '.join(left)} "
        for spread, short in _SPREAD_FORMS:
            text = text.replace(f" {spread} ", f" {short} ")
        before, left = left, []
        for at, word in enumerate(text.split()):
            (form if at and _unmistakable(word) else left).append(word)
        while len(left) > 1 and left[-1] in _LEGAL_FORMS:
            form.append(left.pop())
        if left == before:
            return left, sorted({_LEGAL_FORMS[_unmistakable(word) or word] for word in form})


def _unmistakable(word: str) -> str:
    """Return the legal form that a word is and nothing else, a long one also with a slip in it; an empty text
    if it is none.
    """
    if word in _UNMISTAKABLE:
        return word
    return next(
        (form for form in _LONG_FORMS if len(word) > 5 and OSA.distance(word, form, score_cutoff=1) <= 1), ""
    )


def _domain_stem(text: str) -> str:
    found = _DOMAIN.fullmatch(text)
    if not found or (len(found[2]) > 2 and found[2] not in _TOP_LEVEL):
        return ""
    labels = [label for label in found[1].split(".") if label]
    while len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
        labels.pop()
    return "" if labels[-1] in _PUBLIC_MAIL else labels[-1]
