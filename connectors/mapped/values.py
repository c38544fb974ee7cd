"""Dates and numbers in the style that a profile declares, exactly; nothing is guessed and nothing rounded.

What belongs here: one text in one declared style. What does not: which column has which style
(``profile``), and detecting a style (``mbr_pipeline.profiling``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

MAX_NUMBER = 80
"""Nobody bills a number longer than this."""

_TOKEN = re.compile("YYYY|YY|MMM|MM|M|DD|D|hh|h|mm|ss|AM|.", re.DOTALL)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = {
    "YYYY": "(?P<year>[0-9]{4})",
    "YY": "(?P<year>[0-9]{2})",
    "MM": "(?P<month>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "MMM": f"(?P<month>{'|'.join(_MONTHS)})",
    "DD": "(?P<day>[0-9]{2})",
    "D": "(?P<day>[0-9]{1,2})",
    "hh": "[0-9]{2}",
    "h": "[0-9]{1,2}",
    "mm": "[0-9]{2}",
    "ss": "[0-9]{2}",
    "AM": "[ap]m",
}


class DateFormat:
    """A declared form of dates such as ``DD.MM.YYYY``. A time of day may be declared after it;
    it is not used.
    """

    def __init__(self, text: str) -> None:
        """Parse the form.

        Raises:
            ValueError: It lacks the year or the month, or names a part twice.
        """
        tokens = _TOKEN.findall(text)
        for name, ways in (("year", ("YYYY", "YY")), ("month", ("MMM", "MM", "M")), ("day", ("DD", "D"))):
            times = sum(token in ways for token in tokens)
            if times > 1 or (name != "day" and not times):
                raise ValueError(
                    f"{text!r} is no form of dates: write it like DD.MM.YYYY, MM/DD/YYYY or YYYY-MM-DD"
                )
        self.text = text
        self.has_day = bool({"DD", "D"} & set(tokens))
        self._pattern = re.compile(
            "".join(_PARTS.get(token) or re.escape(token) for token in tokens), re.IGNORECASE | re.ASCII
        )

    def read(self, text: str) -> date | None:
        """Return the day, the first of the month where the form has no day; None if the text is not of this
        form or no day.
        """
        found = self._pattern.fullmatch(text)
        if found is None:
            return None
        parts = found.groupdict()
        year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
        named = parts["month"].lower()
        month = _MONTHS.index(named) + 1 if named in _MONTHS else int(named)
        try:
            return date(year, month, int(parts.get("day") or 1))
        except ValueError:
            return None


@dataclass(frozen=True)
class NumberStyle:
    """How numbers are written: the decimal mark, the thousands separator, where a minus may
    be, and currency signs.

    A minus in front is always read; ``negatives`` adds ``trailing`` (12.50-) or ``parentheses`` ((12.50)).
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
        rest = text.strip()
        if len(rest) > MAX_NUMBER:
            return None
        minus = 0
        if self.negatives == "parentheses" and rest.startswith("(") and rest.endswith(")"):
            minus, rest = 1, rest[1:-1].strip()
        if self.negatives == "trailing" and rest.endswith("-"):
            minus, rest = minus + 1, rest[:-1].strip()
        for _ in range(2):  # -€5 and €-5
            if rest.startswith("-"):
                minus, rest = minus + 1, rest[1:].strip()
            rest = self._without_sign(rest)
        if minus > 1 or not self._pattern.fullmatch(rest):
            return None
        plain = re.sub(f"[^0-9{re.escape(self.point)}]", "", rest).replace(self.point, ".")
        if implied and "." in plain:
            return None
        number = Decimal(f"{plain}e-{implied}")
        return number.copy_negate() if minus else number

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        point = re.escape(self.point)
        group = "[ \u00a0\u202f]" if self.group == "space" else re.escape(self.group)
        grouped = f"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|" if group else ""
        return re.compile(f"(?:{grouped}[0-9]+)(?:{point}[0-9]+)?|{point}[0-9]+")

    def _without_sign(self, text: str) -> str:
        for sign in self.signs:
            if text.startswith(sign):
                return text.removeprefix(sign).strip()
            if text.endswith(sign):
                return text.removesuffix(sign).strip()
        return text
