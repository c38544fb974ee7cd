"""What stands beside a file's rows: its folder's month, its name, and the lines above its headings.

What belongs here: finding these, and the patterns by which a profile names a part of them. What does not:
what a canonical column makes of the text (``making``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from connectors.dated_months import shifted
from connectors.mapped.values import DateFormat

DAYS_OF_PERIOD = ("month_start", "last_day", "next_month_start")
"""The days that ``period`` knows."""

_DATE_PARTS = re.compile("(?:YYYY|MMM|MM|DD)+")
_DIGITS = {"YYYY": "[0-9]{4}", "MM": "[0-9]{2}", "DD": "[0-9]{2}", "MMM": "[A-Za-z]{3}"}
_PERIOD = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where a file is.

    Attributes:
        name: The file's name.
        period: The first day of its folder's month; None where it is in no landing folder.
    """

    name: str
    period: date | None

    def stem(self, dataset: str) -> str:
        """Return the name without its ending and without the dataset in front."""
        name = re.sub(r"\.gz$", "", self.name, flags=re.IGNORECASE).rpartition(".")[0]
        return "" if name == dataset else name.removeprefix(f"{dataset}.")


def place_of(path: Path) -> Place:
    """Return the place of a landed file: landing/<msp_id>/<period>/<source>/<file>."""
    folder = path.parent.parent.name
    is_period = _PERIOD.fullmatch(folder) and not folder.startswith("0000")
    return Place(path.name, date.fromisoformat(f"{folder}-01") if is_period else None)


def day_of_period(period: date, word: str) -> date:
    """Return the day of a month that ``period`` names."""
    if word == "month_start":
        return period
    following = shifted(period, 1)
    return following if word == "next_month_start" else following - timedelta(days=1)


@dataclass(frozen=True)
class Pattern:
    """A form that a profile writes for a text, such as ``CUST-*_YYYY-MM``: ``*`` is the part that is meant,
    ``%`` any other text; ``YYYY``, ``MM``, ``MMM`` and ``DD`` are parts of dates.
    """

    text: str

    def part(self, name: str) -> str | None:
        """Return what ``*`` stands for; None if the name is not of this form."""
        found = re.fullmatch(self._regex(), name, re.IGNORECASE | re.ASCII)
        return found[1].strip() if found else None

    def day(self, name: str) -> date | None:
        """Return the day that the parts of dates say; None if the name is not of this form."""
        found = re.fullmatch(self._regex(), name, re.IGNORECASE | re.ASCII)
        if found is None:
            return None
        tokens = [token for kind, run in self._pieces() if kind == "date" for token in _tokens(run)]
        return DateFormat("/".join(tokens)).read("/".join(found.groups()))

    def filled(self, period: date) -> str:
        """Return the form with the year and the month of a period."""
        values = {"YYYY": f"{period:%Y}", "MM": f"{period:%m}"}
        return "".join(
            "".join(values[token] for token in _tokens(piece)) if kind == "date" else piece
            for kind, piece in self._pieces()
        )

    @property
    def tokens(self) -> list[str]:
        """The parts of dates, and ``*`` for each star."""
        parts = [token for kind, piece in self._pieces() if kind == "date" for token in _tokens(piece)]
        return parts + ["*"] * self.text.count("*")

    def _regex(self) -> str:
        means_text = "*" in self.text
        parts = []
        for kind, piece in self._pieces():
            if kind == "date":
                digits = [_DIGITS[token] for token in _tokens(piece)]
                parts += digits if means_text else [f"({each})" for each in digits]
            else:
                parts.append(re.escape(piece).replace(r"\*", "(.+?)").replace("%", ".*?"))
        return "".join(parts)

    def _pieces(self) -> list[tuple[str, str]]:
        """Return runs of parts of dates and the texts between; letters that stand in a word are none."""
        pieces, at = [], 0
        for run in _DATE_PARTS.finditer(self.text):
            beside = self.text[run.start() - 1 : run.start()] + self.text[run.end() : run.end() + 1]
            if "YYYY" in run[0] or not re.search("[A-Za-z]", beside):
                pieces += [("text", self.text[at : run.start()]), ("date", run[0])]
                at = run.end()
        return [piece for piece in [*pieces, ("text", self.text[at:])] if piece[1]]


def _tokens(run: str) -> list[str]:
    return re.findall("YYYY|MMM|MM|DD", run)


def beside_label(lines: Sequence[tuple[int, Sequence[str]]], label: str) -> list[str]:
    """Return what the lines above the headings say for a label, each text once: the next filled cell right of
    it, or what is behind it in its own cell. ``#2`` is the first filled cell of line 2.
    """
    if found := re.fullmatch("#([0-9]{1,4})", label, re.ASCII):
        return [
            next((cell.strip() for cell in cells if cell.strip()), "")
            for line, cells in lines
            if line == int(found[1]) and any(cell.strip() for cell in cells)
        ]
    # a cell that is the label says more than one that begins with it: Currency, Currency exchange rate
    ways: tuple[list[str], list[str], list[str]] = ([], [], [])
    begins = label.rstrip(": ")
    for _, cells in lines:
        for position, cell in enumerate(map(str.strip, cells)):
            rest = cell[len(begins) :] if cell.casefold().startswith(begins.casefold()) else ""
            if _folded(cell) == _folded(label):
                ways[0].append(next((text.strip() for text in cells[position + 1 :] if text.strip()), ""))
            elif rest.lstrip().startswith(":"):
                ways[1].append(rest.lstrip(": \t\u00a0").strip())
            elif rest[:1].isspace():
                ways[2].append(rest.strip())
    return list(dict.fromkeys(text for text in next(filter(any, ways), []) if text))


def _folded(text: str) -> str:
    return " ".join(text.split()).rstrip(": ").casefold()
