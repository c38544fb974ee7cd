"""The demo workspace: two providers and three months, mostly clean, with every kind of finding planted at
least once.

What belongs here: putting the demo's parts together and naming what must be found (``PLANTED``, ``BLOCKED``).
What does not: the data (``northwind``, ``harbour``), the mistakes (``mistakes_*``) and how they become files
(``months``, ``layout``).
"""

from __future__ import annotations

from mbr_pipeline.scaffold import empty
from mbr_pipeline.scaffold.demo import harbour, northwind, mistakes_harbour, mistakes_northwind
from mbr_pipeline.scaffold.demo.layout import SETTINGS, provider_files
from mbr_pipeline.scaffold.demo.model import Blocked, Planted
from mbr_pipeline.scaffold.demo.correct_months import build

__all__ = ["BLOCKED", "PLANTED", "Blocked", "Planted", "contents"]

PLANTED: list[Planted] = [
    finding for plant in mistakes_northwind.PLANTS + mistakes_harbour.PLANTS for finding in plant.findings
]
"""All the findings that the demo's published months yield, and no others."""

BLOCKED: Blocked = mistakes_harbour.BLOCKED
"""The one month whose gate blocks, and why."""


def contents() -> dict[str, bytes]:
    """Return the demo workspace's files by path inside the workspace; the same bytes every time."""
    files = {"mbr.yml": SETTINGS.encode()} | empty.guides()
    for provider, mistakes, blocked in (
        (northwind.PROVIDER, mistakes_northwind.PLANTS, None),
        (harbour.PROVIDER, mistakes_harbour.PLANTS, BLOCKED),
    ):
        files |= provider_files(provider, mistakes, build(provider, mistakes), blocked)
    return files
