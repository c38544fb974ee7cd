"""Names of months in the seven languages whose exports are known, and the patterns that read them.

What belongs here: names, and the month that one means; no name means two months in any of them. What does
not: forms of dates (``values``).
"""

from __future__ import annotations

import unicodedata

_FULL = (
    "january januar janvier enero januari gennaio janeiro",
    "february februar février febrero februari febbraio fevereiro",
    "march märz mars marzo maart março",
    "april avril abril aprile",
    "may mai mayo mei maggio maio",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august août agosto augustus",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember décembre diciembre dicembre dezembro",
)
"""English, German, French, Spanish, Dutch, Italian, Portuguese."""

_SHORT = (
    "jan jän janv ene gen",
    "feb fév févr fev",
    "mar mär märz mrz mars mrt",
    "apr avr abr",
    "may mai mei mag",
    "jun juni juin giu",
    "jul juli juil lug",
    "aug août ago",
    "sep sept set",
    "oct okt ott out",
    "nov",
    "dec dez déc dic",
)


def month_of(name: str) -> int:
    """Return the month from 1 on that a name or a number means."""
    return _NUMBERS.get(_plain(name)) or int(name)


def _plain(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _pattern(names: tuple[str, ...]) -> str:
    """Either case of accented letters, which an expression of ASCII knows as one only, and no accent."""
    words = sorted({word for listed in names for word in listed.split()}, key=len, reverse=True)
    return "|".join("".join(c if c.isascii() else f"[{c}{c.upper()}{_plain(c)}]" for c in w) for w in words)


_NUMBERS = {
    _plain(word): at
    for names in (_FULL, _SHORT)
    for at, listed in enumerate(names, 1)
    for word in listed.split()
}
FULL_PATTERN = _pattern(_FULL)
"""Reads a month that is written out."""

SHORT_PATTERN = _pattern(_SHORT)
"""Reads a month that is cut short."""
