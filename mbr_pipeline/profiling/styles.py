"""How a file writes its dates and numbers, detected from values.

What belongs here: every style that reads all the values, so that two fitting styles are seen as undecided.
What does not: choosing columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import category

from connectors.mapped.values import (
    DASHES,
    MAX_NUMBER,
    SERIAL,
    DateFormat,
    NumberStyle,
    ranges_read,
    serial_day,
)

# forms of one row mean the same: the first where days below 10 are written with a zero, else the last
_DATES = (
    ("YYYY-MM-DD",),
    ("YYYY/MM/DD",),
    ("YYYY.MM.DD",),
    ("YYYYMMDD",),
    ("DD.MM.YYYY", "D.M.YYYY"),
    ("MM.DD.YYYY",),
    ("DD/MM/YYYY", "D/M/YYYY"),
    ("MM/DD/YYYY", "M/D/YYYY"),
    ("DD-MM-YYYY", "D-M-YYYY"),
    ("MM-DD-YYYY", "M-D-YYYY"),
    ("DD.MM.YY", "D.M.YY"),
    ("DD/MM/YY", "D/M/YY"),
    ("MM/DD/YY", "M/D/YY"),
    ("DD MMM YYYY", "D MMM YYYY"),
    ("DD-MMM-YYYY", "D-MMM-YYYY"),
    ("DD-MMM-YY", "D-MMM-YY"),
    ("MMM DD, YYYY", "MMM D, YYYY"),
    ("MMMM DD, YYYY", "MMMM D, YYYY"),
    ("DD MMMM YYYY", "D MMMM YYYY"),
    ("DD. MMM YYYY", "D. MMM YYYY"),
    ("DD. MMMM YYYY", "D. MMMM YYYY"),
    ("DD de MMMM de YYYY", "D de MMMM de YYYY"),
    ("YYYY-MM",),
    ("MM/YYYY", "M/YYYY"),
    ("MM.YYYY",),
    ("MMM YYYY",),
    ("MMMM YYYY",),
    ("MMM-YY",),
    ("serial",),
)
FORMS = tuple(ways[-1] for ways in _DATES if "D" in ways[-1])
"""One form for each way to write a day."""

_ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_PADDED = re.compile("(?<![0-9])0[0-9](?![0-9])")
_TIME = re.compile("[T ,\u00a0\u202f][0-9]{1,2}:.*$")
_WHOLE = re.compile("-?[0-9]{1,3}(?:[., '\u2019\u00a0\u2009\u202f]?[0-9]{3})*")
_STYLES = tuple(
    (point, group) for point in (".", ",") for group in ("", ",", ".", "'", "space") if group != point
)
_AFFIX = re.compile(
    r"^(?:[A-Z]{1,3}(?=[^\w\s.,'()+-]))?[^\w\s.,'()+-]+|^[A-Z]{3}(?=[\s\d-])|[^\w\s.,'()+-]+$"
    r"|(?<=[\s\d])[A-Z]{3}$|(?<=\d )[^\W\d]{1,3}\.?$"
)
_NO_SIGNS = frozenset(["c", "cr", "d", "dr", "h", "s", "b", "k", "m", "t", "mio", "mrd", "tsd"])
"""What stands behind numbers and changes them: credit and debit, thousands and millions."""

_CODE = 3


@dataclass(frozen=True)
class Numbers:
    """The styles that read all values, the one with the fewest marks first, and whether any value has
    decimals or thousands.
    """

    styles: tuple[NumberStyle, ...]
    is_plain: bool

    @property
    def is_decided(self) -> bool:
        """Whether the values leave no doubt about the decimal mark."""
        return len({style.point for style in self.styles}) == 1


def told_apart(values: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the dates that need a form, and the forms of those that no other can be mistaken for: days as a
    spreadsheet counts them, and ISO dates, where others stand beside them.
    """
    values = list(values)
    plain = [value for value in values if serial_day(value) is None] or values
    others = [value for value in plain if _ISO.match(value) is None] or plain
    extra = ["YYYY-MM-DD"] if len(others) < len(plain) else []
    return others, [*extra, *([SERIAL] if len(plain) < len(values) else [])]


def date_forms(values: Iterable[str]) -> list[str]:
    """Return one form for each meaning in which all values are dates; times of day need none. Where no
    day or month below 10 is written with a zero, the form also reads those without. With dots the day is
    first, if it can be: no locale of the Unicode CLDR writes the month first with dots.
    """
    values = list(dict.fromkeys(values))
    if not values:
        return []
    is_padded = any(_PADDED.search(_TIME.sub("", value)) for value in values)
    found = []
    for ways in _DATES:
        reading = [way for way in ways if _reads(DateFormat(way), values)]
        if reading:
            found.append(reading[0] if is_padded else reading[-1])
    is_dotted = any(form in found for form in ("DD.MM.YYYY", "D.M.YYYY"))
    return [form for form in found if not (is_dotted and form == "MM.DD.YYYY")]


def range_forms(values: Iterable[str]) -> list[str]:
    """Return one form for each meaning in which every text holds exactly two dates, the first not after the
    second.
    """
    values = list(dict.fromkeys(values))
    is_padded = any(_PADDED.search(value) for value in values)
    found = []
    for ways in _DATES:
        reading = [
            way for way in ways if values and all(ranges_read([DateFormat(way)], value) for value in values)
        ]
        if reading and DateFormat(reading[0]).has_day:
            found.append(reading[0] if is_padded else reading[-1])
    return found


def _reads(form: DateFormat, values: list[str]) -> bool:
    return all(form.read(value) is not None for value in values)


def number_styles(values: Iterable[str]) -> Numbers:
    """Return every style that reads all values."""
    values = list(dict.fromkeys(value[: MAX_NUMBER + 1].translate(DASHES) for value in values))
    signs = _signs(values)
    negatives = "leading"
    bare = [_strip(value, signs) for value in values]
    if any(value.startswith("(") and value.endswith(")") for value in bare):
        negatives = "parentheses"
    elif any(re.search(r"[0-9]\s?-(\s|$|[^\W\d])", value) for value in values):
        negatives = "trailing"
    styles = [NumberStyle(point, group, negatives, signs) for point, group in _STYLES]
    fitting = [style for style in styles if values and all(style.read(value) is not None for value in values)]
    fewest = [
        style
        for style in fitting
        if not style.group or not any(s.point == style.point and not s.group for s in fitting)
    ]
    return Numbers(
        tuple(fewest), not any(re.search("[0-9][.,' \u00a0\u202f][0-9]", value) for value in values)
    )


def _signs(values: list[str]) -> tuple[str, ...]:
    """Return the signs of currencies that stand beside numbers; units of which there are several, such as MB
    and GB, are none.
    """
    found = {affix[0].strip() for value in values for affix in _AFFIX.finditer(value)}
    signs = {
        sign for sign in found if sign.strip(".").casefold() not in _NO_SIGNS and all(map(_is_of_sign, sign))
    }
    units = {
        sign for sign in signs if sign.strip(".").isalpha() and not (sign.isupper() and len(sign) == _CODE)
    }
    return tuple(sorted(signs - units if len(units) > 1 else signs))


def _is_of_sign(character: str) -> bool:
    return character.isalpha() or character == "." or category(character) == "Sc"


def are_whole(texts: list[str]) -> bool:
    """Whether cells are whole numbers, with or without a mark between thousands."""
    return bool(texts) and all(_WHOLE.fullmatch(text) for text in texts)


def mark_of_thousands(texts: list[str]) -> str | None:
    """Return the one mark between thousands of whole numbers, None if there is none or another."""
    marks = {mark for text in texts for mark in text if not mark.isdigit() and mark != "-"}
    return marks.pop() if len(marks) == 1 and marks <= {".", ","} and are_whole(texts) else None


def _strip(value: str, signs: tuple[str, ...]) -> str:
    for sign in signs:
        value = value.strip().removeprefix(sign).removesuffix(sign)
    return value.strip()


def ends(pairs: Iterable[tuple[date, date]]) -> set[str]:
    """Return what whole months among (start, end) say of the end: ``day`` it is exclusive, ``day_after`` it
    is the last day, as is the last day of a month.
    """
    found = set()
    for start, end in pairs:
        if end > start and is_whole(start, end):
            found.add("day")
        if end >= start and end < date.max:
            day_after = end + timedelta(days=1)
            if is_whole(start, day_after) or (day_after.day == 1 and (end - start).days > 1):
                found.add("day_after")
    return found


def is_whole(start: date, end: date) -> bool:
    """Whether a period begins and ends on the same day of two months."""
    return start.day == end.day and (start.year, start.month) != (end.year, end.month)
