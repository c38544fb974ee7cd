"""Long lists, a hundred rows at a time.

What belongs here: which rows of a list a page shows. What does not: the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from mbr_pipeline.serve.asking import Ask

ROWS = 100
_MOST_DIGITS = 8


@dataclass(frozen=True)
class Pages:
    """Where a page of a list is.

    Attributes:
        number: Of the page; the first is 1.
        total: Rows of the list.
        query: What else stands in the link, by name.
        rows: How many rows a page has.
    """

    number: int
    total: int
    query: tuple[tuple[str, str], ...]
    rows: int = ROWS

    @classmethod
    def of(cls, ask: Ask, total: int, rows: int = ROWS) -> Pages:
        """Return the page that is asked for by ``page=``; the nearest one where there is none such."""
        query = tuple((name, value) for name, value in ask.query.multi_items() if name != "page")
        return cls(min(asked_number(ask), max(-(-total // rows), 1)), total, query, rows)

    @property
    def start(self) -> int:
        """The place of its first row, from 0."""
        return (self.number - 1) * self.rows

    @property
    def end(self) -> int:
        """The place after its last row."""
        return min(self.start + self.rows, self.total)

    @property
    def before(self) -> str | None:
        """The query of the page before."""
        return self._link(self.number - 1) if self.number > 1 else None

    @property
    def after(self) -> str | None:
        """The query of the next page."""
        return self._link(self.number + 1) if self.end < self.total else None

    def _link(self, number: int) -> str:
        return "?" + urlencode([*self.query, ("page", str(number))])


def asked_number(ask: Ask) -> int:
    """Return the number of the page that is asked for, from 1, before it is known how many there are."""
    return number_of(ask.query.get("page", "1"))


def number_of(text: str) -> int:
    """Return the number of a page that an address names, from 1; 1 where it names none."""
    is_number = text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS
    return max(int(text), 1) if is_number else 1
