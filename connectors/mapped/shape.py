"""How the rows of a file become records, where one is not the other: sections, totals, wide rows, lists in a
cell.

What belongs here: these words of a profile, and what they make of one row. What does not: which value goes
into which canonical column (``making``), and what rows inherit from those above (``rows``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.mapped.words import mapping_of, text_of, texts_of


@dataclass(frozen=True)
class Split:
    """A heading whose cells hold several values, and what stands between them."""

    heading: str
    by: str


@dataclass(frozen=True)
class Unpivot:
    """The columns that are no SKUs, and what the name and the cell of the others are called."""

    keep: tuple[str, ...]
    name: str
    value: str


@dataclass(frozen=True)
class Shape:
    """What a profile says about rows.

    Attributes:
        section: The name of the column that section headings fill.
        totals: How rows begin that are totals.
        split: Several values in one cell.
        unpivot: Several records in one row.
    """

    section: str | None = None
    totals: tuple[str, ...] = ()
    split: Split | None = None
    unpivot: Unpivot | None = None

    @property
    def makes(self) -> tuple[str, ...]:
        """The columns that it makes, which the file has not."""
        made = (self.unpivot.name, self.unpivot.value) if self.unpivot else ()
        return (*made, self.section) if self.section else made

    @property
    def headings(self) -> dict[str, str]:
        """The vendor's columns it needs, and what for."""
        split = {self.split.heading: "split"} if self.split else {}
        return split | dict.fromkeys(self.unpivot.keep if self.unpivot else (), "unpivot.keep")

    def is_total(self, found: Mapping[str, str]) -> bool:
        """Whether a row is a total: its first filled cell begins it."""
        first = next((text for text in found.values() if text), "").casefold()
        return any(
            first.startswith(text[:-1].casefold()) if text.endswith("*") else first == text.strip().casefold()
            for text in self.totals
        )

    def records(self, found: Mapping[str, str], headings: Sequence[str]) -> Iterator[Mapping[str, str]]:
        """Yield what a row says, as one record or several; ``headings`` are the file's."""
        if self.split:
            for part in found.get(self.split.heading, "").split(self.split.by):
                if part.strip():
                    yield {**found, self.split.heading: part.strip()}
        elif self.unpivot:
            for heading in headings:
                if heading not in self.unpivot.keep and found.get(heading):
                    yield {**found, self.unpivot.name: heading, self.unpivot.value: found[heading]}
        else:
            yield found


def shape_of(words: Mapping[str, Any], key: str) -> Shape:
    """Parse the words of a profile that are about rows; ``ValueError`` says what is wrong with one."""
    split, unpivot = None, None
    if "split" in words:
        parts = mapping_of(words["split"], f"{key}.split", ("heading", "by"))
        split = Split(text_of(parts.get("heading"), f"{key}.split.heading"), _mark(parts.get("by", ","), key))
    if "unpivot" in words:
        parts = mapping_of(words["unpivot"], f"{key}.unpivot", ("keep", "name", "value"))
        texts = [text_of(parts.get(name), f"{key}.unpivot.{name}") for name in ("name", "value")]
        unpivot = Unpivot(texts_of(parts.get("keep"), f"{key}.unpivot.keep"), *texts)
    if split and unpivot:
        raise ValueError(f"{key} has split and unpivot: one of them can make several records of a row")
    section = text_of(words["sections"], f"{key}.sections") if "sections" in words else None
    shape = Shape(
        section, texts_of(words["totals"], f"{key}.totals") if "totals" in words else (), split, unpivot
    )
    if any(not text.strip("* ") for text in shape.totals):
        raise ValueError(f"{key}.totals has a text that any row begins with: write what totals are called")
    if len(set(shape.makes)) < len(shape.makes):
        raise ValueError(
            f"{key} gives one name to two columns ({', '.join(shape.makes)}): use different ones"
        )
    return shape


def _mark(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key}.split.by is empty: write what stands between the values")
    return value
