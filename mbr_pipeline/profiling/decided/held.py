"""What a person decided about a file: a proposal keeps it, and is made around it.

What belongs here: the words and columns that are held, and a mapping that keeps them. What does not: which
answers are held (``mbr_pipeline.setup.exports``), what follows from them (``propose``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.mapped.making import is_among
from connectors.mapped.values import DateFormat

AS_ANSWERED = "as answered"


@dataclass(frozen=True)
class Held:
    """Words of the file and columns that are decided, as a profile writes them. An empty ``where`` says that
    all rows are read.
    """

    words: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)

    def text(self, word: str) -> str | None:
        """Return a word that is one text."""
        found = self.words.get(word)
        return found if isinstance(found, str) else None

    def without(self, *words: str) -> Held:
        """Return the same but for some words."""
        return replace(self, words={word: said for word, said in self.words.items() if word not in words})

    @property
    def dates(self) -> list[str]:
        """The forms of dates; none if one of them is no form."""
        found = self.words.get("dates", [])
        forms = [found] if isinstance(found, str) else found
        try:
            return [form for form in forms if DateFormat(form)]
        except (ValueError, TypeError):
            return []

    def is_read(self, row: Mapping[str, str]) -> bool:
        """Whether ``where`` reads a row."""
        where = self.words.get("where")
        tests = where if isinstance(where, Mapping) else {}
        return all(map(_fits, *_each(tests.get("only"), row))) and not any(
            map(_fits, *_each(tests.get("skip"), row))
        )


def _each(tests: Any, row: Mapping[str, str]) -> tuple[list[str], list[Any]]:
    tests = tests if isinstance(tests, Mapping) else {}
    return [row.get(heading, "") for heading in tests], list(tests.values())


def _fits(text: str, listed: Any) -> bool:
    return is_among(text, (listed,) if isinstance(listed, str) else tuple(listed))


class Kept(dict[str, Any]):
    """A mapping whose first entries stay: they can be neither replaced nor removed."""

    def __init__(self, first: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> None:
        """``more`` are entries that can."""
        super().__init__({**(more or {}), **first})
        self._first = frozenset(first)

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self._first:
            super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        if key not in self._first:
            super().__delitem__(key)

    def pop(self, key: str, *default: Any) -> Any:
        """Take an entry out that may be, and return it."""
        return self[key] if key in self._first else super().pop(key, *default)
