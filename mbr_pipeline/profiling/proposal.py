"""A proposed profile: its words, each with the reason for it, and what is still to be decided.

What belongs here: the container. What does not: proposing (``propose``) and writing it as YAML (``as_yaml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.datasets import Dataset, Kind
from connectors.mapped.words import TODO


@dataclass
class Proposal:
    """Words of a profile in the order they are written, with the reason of each; reasons of translated values
    by (column, text).
    """

    words: dict[str, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    column_why: dict[str, str] = field(default_factory=dict)
    value_why: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """The profile as ``mbr.yml`` would have it, with its TODOs."""
        return {**self.words, "columns": self.columns}


def heading_of(words: Any) -> str | None:
    """Return the vendor's column that a canonical one is proposed to come from, if any is."""
    found = words.get("heading") if isinstance(words, Mapping) else words
    return None if found is None or found.startswith(TODO) else str(found)


def columns_of(proposal: Proposal, dataset: Dataset, *kinds: Kind) -> Iterator[tuple[str, str]]:
    """Give the canonical columns of these kinds that have a heading, with it."""
    for column in dataset.columns:
        heading = heading_of(proposal.columns.get(column.name))
        if column.kind in kinds and heading:
            yield column.name, heading
