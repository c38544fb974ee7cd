"""Dates and numbers in the style that a profile declares, exactly; nothing is guessed and nothing rounded.

What belongs here: one text in one declared style. What does not: which column has which style
(``profile``), and detecting a style (``mbr_pipeline.profiling``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from connectors.mapped.months import FULL_PATTERN, SHORT_PATTERN, month_of
from connectors.plain_numbers import MAX_EXPONENT

MAX_NUMBER = 80
"""Nobody bills a number longer than this."""

SERIAL = "serial"
"""The form of dates that a spreadsheet counts in days."""

_TOKEN = re.compile("YYYY|YY|MMMM|MMM|MM|M|DD|D|hh|h|mm|ss|AM|%|.", re.DOTALL)
_PARTS = {
    "YYYY": "(?P<year>[0-9]{4})",
    "YY": "(?P<year>[0-9]{2})",
    "MM": "(?P<month>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "MMM": f"(?P<month>{SHORT_PATTERN})[.]?",
    "MMMM": f"(?P<month>{FULL_PATTERN})",
    "DD": "(?P<day>[0-9]{2})",
    "D": "(?P<day>[0-9]{1,2})",
    "hh": "[0-9]{2}",
    "h": "[0-9]{1,2}",
    "mm": "[0-9]{2}",
    "ss": "[0-9]{2}",
    "AM": "[ap]m",
    "%": ".*?",
}
_TIME = (
    "(?:[T ,\u00a0\u202f]{1,3}[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    "(?:[ \u00a0\u202f]?[ap][.]?m[.]?)?(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}(?![0-9-])))?)?"
)
_CLOCK = re.compile(
    "(?P<hour>[0-9]{1,2}):(?P<rest>[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
    "(?:[ \u00a0\u202f]?(?P<half>[ap])[.]?m)?",
    re.IGNORECASE | re.ASCII,
)
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-")
"""What word processors and other alphabets write for a minus."""

_GROUPS = {"space": "[ \u00a0\u2007\u2009\u202f]", "'": "['\u2019]"}
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954 to 2119: what is beyond is another kind of number


def bare(text: str) -> str:
    """Return a cell's text without the blanks around it, and without what keeps spreadsheets from reading a
    number: ="00123".
    """
    text = text.strip()
    is_kept = text.startswith('="') and text.endswith('"') and len(text) > len('="')
    return text[2:-1].strip() if is_kept and '"' not in text[2:-1] else text


class DateFormat:
    """A declared form of dates such as ``DD.MM.YYYY``, or ``serial``. A time of day behind it, declared or
    not, is not used.
    """

    def __init__(self, text: str) -> None:
        """Parse the form.

        Raises:
            ValueError: It lacks the year or the month, or names a part twice.
        """
        self.text = text
        self.has_day = True
        self._pattern: re.Pattern[str] | None = None
        if text == SERIAL:
            return
        tokens = _TOKEN.findall(text)
        ways_of = {"year": ("YYYY", "YY"), "month": ("MMMM", "MMM", "MM", "M"), "day": ("DD", "D")}
        for name, ways in ways_of.items():
            times = sum(token in ways for token in tokens)
            if times > 1 or (name != "day" and not times):
                raise ValueError(
                    f"{text!r} is no form of dates: write it like DD.MM.YYYY, MM/DD/YYYY or YYYY-MM-DD"
                )
        self.has_day = bool({"DD", "D"} & set(tokens))
        parts = "".join(_PARTS.get(token) or re.escape(token) for token in tokens)
        self._pattern = re.compile(parts + _TIME, re.IGNORECASE | re.ASCII)
        self._inside = re.compile(f"(?<![0-9]){parts}{_TIME}(?![0-9])", re.IGNORECASE | re.ASCII)

    def read(self, text: str) -> date | None:
        """Return the day, the first of the month where the form has no day; None if the text is not of this
        form or no day.
        """
        if self._pattern is None:
            return serial_day(text)
        found = self._pattern.fullmatch(text)
        return None if found is None else _day(found)

    def within(self, text: str) -> list[date]:
        """Return the days of this form that stand in a text, in their order."""
        if self._pattern is None:
            return []
        return [day for found in self._inside.finditer(text) if (day := _day(found)) is not None]


def _day(found: re.Match[str]) -> date | None:
    parts = found.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    try:
        return date(year, month_of(parts["month"]), int(parts.get("day") or 1))
    except ValueError:
        return None


def serial_day(text: str) -> date | None:
    """Return the day that a spreadsheet means by a number, None if it is none of our time."""
    found = re.fullmatch("([0-9]{5})(?:[.,][0-9]+)?", text, re.ASCII)
    if found is None or not _FIRST_SERIAL <= int(found[1]) <= _LAST_SERIAL:
        return None
    return date(1899, 12, 30) + timedelta(days=int(found[1]))


def is_midnight(text: str) -> bool:
    """Whether a text that is a date names the beginning of its day, or no time of day."""
    if serial_day(text):
        return not re.search("[.,][0-9]*[1-9]", text)
    found = _CLOCK.search(text)
    if found is None:
        return True
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    return hour == (12 if half == "a" and hour else 0) and not re.search("[1-9]", found["rest"])


def days_read(forms: Sequence[DateFormat], text: str) -> set[date]:
    """Return every day that the forms read a text as: one where it is clear, none where it is of no form."""
    return {day for form in forms if (day := form.read(text)) is not None}


def ranges_read(forms: Sequence[DateFormat], text: str) -> set[tuple[date, date]]:
    """Return every first and last day that the forms find in a text that holds exactly two."""
    found = (form.within(text) for form in forms)
    return {(days[0], days[1]) for days in found if len(days) == 2 and days[0] <= days[1]}


@dataclass(frozen=True)
class NumberStyle:
    """How numbers are written: the decimal mark, the thousands separator, where a minus may
    be, and currency signs.

    A sign in front is always read, whichever dash it is, and so is an exponent; ``negatives`` adds
    ``trailing`` (12.50-), ``parentheses`` ((12.50)) or ``credit`` (12.50 CR, beside 12.50 DR). In accounting
    a dash alone is zero: read behind a currency sign, and with ``parentheses``. A percentage is a hundredth.
    """

    point: str = "."
    group: str = ""
    negatives: str = "leading"
    signs: tuple[str, ...] = ()

    def read(self, text: str, implied: int = 0) -> Decimal | None:
        """Return the exact number, None if the text is none in this style.

        ``implied`` says how many of its last digits are decimals, of a number that is written
        without a decimal mark.
        """
        rest = text.strip().translate(DASHES)
        if len(rest) > MAX_NUMBER:
            return None
        bare = self._without_sign(rest)
        if bare == "-" and (bare != rest or self.negatives == "parentheses"):
            return Decimal(0)
        marks, is_minus = 0, False
        for _ in range(3):  # -€5, €-5, $(5), ($5) and $ -5
            mark, inner = self._mark(rest)
            marks, is_minus, rest = marks + bool(mark), is_minus or mark == "-", self._without_sign(inner)
        percent = rest.endswith("%")
        rest, exponent = rest.removesuffix("%").rstrip() if percent else rest, -2 if percent else 0
        if found := re.fullmatch("(.*[0-9])[eE]([-+]?[0-9]{1,3})", rest, re.ASCII):
            rest, exponent = found[1], exponent + int(found[2])
        if marks > 1 or abs(exponent) > MAX_EXPONENT or not self._pattern.fullmatch(rest):
            return None
        plain = re.sub(f"[^0-9{re.escape(self.point)}]", "", rest).replace(self.point, ".")
        if implied and ("." in plain or exponent):
            return None
        number = Decimal(f"{plain}e{exponent - implied}")
        return number.copy_negate() if is_minus else number

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        point = re.escape(self.point)
        group = _GROUPS.get(self.group) or re.escape(self.group)
        grouped = f"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|" if group else ""
        if self.group == ",":  # lakhs and crores
            grouped += "[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}|"
        return re.compile(f"(?:{grouped}[0-9]+)(?:{point}[0-9]+)?|{point}[0-9]+")

    def _mark(self, text: str) -> tuple[str, str]:
        """Return the sign that a text has outermost, and the text without it."""
        if self.negatives == "parentheses" and text.startswith("(") and text.endswith(")"):
            return "-", text[1:-1].strip()
        if self.negatives == "trailing" and text.endswith("-"):
            return "-", text[:-1].strip()
        if self.negatives == "credit" and text[-2:].upper() in ("CR", "DR"):
            return "-" if text[-2] in "cC" else "+", text[:-2].strip()
        return (text[0], text[1:].strip()) if text.startswith(("-", "+")) else ("", text)

    def _without_sign(self, text: str) -> str:
        for sign in self.signs:
            if text.startswith(sign):
                return text.removeprefix(sign).strip()
            if text.endswith(sign):
                return text.removesuffix(sign).strip()
        return text
