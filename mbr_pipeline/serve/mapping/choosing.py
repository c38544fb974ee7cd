"""What a person chose on the page: fields of the form, as rows of the table that `mbr map accept` takes.

What belongs here: names of fields, and what was filled in. What does not: whether a row is right
(``mbr_pipeline.mapping_help.accept_table``). An item is named by a hash: whatever else a browser sends names
nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mbr_pipeline.mapping_help.table import FilledRow, exact
from mbr_pipeline.mapping_help.worklist import Item
from mbr_pipeline.safe_text import visible
from mbr_pipeline.serve.asking import Ask

OTHER = "other"
"""What stands for "what is written beside it"."""

_SUGGESTED = "is "
"""Before a target that was chosen from the suggestions."""


@dataclass(frozen=True)
class Choice:
    """What was filled in for one item, as typed: the suggestion or the other target, dates and units."""

    pick: str = ""
    other: str = ""
    valid_from: str = ""
    valid_to: str = ""
    units_per: str = ""

    @property
    def is_both(self) -> bool:
        """Whether a suggestion is chosen and another target is written."""
        return self.pick.startswith(_SUGGESTED) and bool(self.other)

    @property
    def target(self) -> str:
        """The client or product; empty where the item is left."""
        return self.pick.removeprefix(_SUGGESTED) if self.pick.startswith(_SUGGESTED) else self.other


LEFT = Choice()
"""Nothing was chosen."""


def key_of(item: Item) -> str:
    """Return the name of an item in fields of the form."""
    named = json.dumps([item.kind, item.source, item.id, item.place.term])
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def suggested(target: str) -> str:
    """Return the value of the field that chooses a suggestion; what a page would not show is written out."""
    return _SUGGESTED + visible(target, longest=len(target))


def choices(ask: Ask, items: Iterable[Item]) -> dict[str, Choice]:
    """Return what was filled in, by the keys of the items."""
    found = {}
    for item in items:
        key = key_of(item)
        parts = (ask.text(f"{field}.{key}") for field in ("pick", "other", "from", "to", "units"))
        found[key] = Choice(*parts)
    return found


def chosen(items: Iterable[Item], made: Mapping[str, Choice]) -> list[Item]:
    """Return the items for which a target was chosen."""
    return [item for item in items if made[key_of(item)].target]


def rows_of(items: Sequence[Item], made: Mapping[str, Choice]) -> list[FilledRow]:
    """Return the rows that were chosen; their lines are their places in ``items``, from 1."""
    rows = []
    for line, item in enumerate(items, 1):
        choice, place = made[key_of(item)], item.place
        cells = {
            "kind": item.kind,
            "source": exact(item.source),
            "id": exact(item.id),
            "term": exact(place.term),
            "accept": exact(choice.target) if choice.pick.startswith(_SUGGESTED) else choice.target,
            "units_per": choice.units_per,
            "valid_from": choice.valid_from or str(place.valid_from),
            "valid_to": choice.valid_to or (str(place.valid_to) if place.valid_to else ""),
        }
        rows.append(FilledRow(line, cells))
    return rows


def money_of(items: Iterable[Item]) -> dict[str, dict[str, Decimal]]:
    """Return the vendors' cost of some items by kind and currency: customers and SKUs are never added up, for
    a line of which neither is mapped is in both. The parts of one SKU that is listed by commitment have the
    cost of the whole SKU, which counts once.
    """
    totals: dict[str, dict[str, Decimal]] = {}
    seen: set[tuple[str, str, str]] = set()
    for item in items:
        if (item.kind, item.source, item.id) in seen:
            continue
        seen.add((item.kind, item.source, item.id))
        of_kind = totals.setdefault(item.kind, {})
        for currency, cost in item.costs:
            of_kind[currency] = of_kind.get(currency, Decimal(0)) + cost
    return dict(sorted(totals.items()))
