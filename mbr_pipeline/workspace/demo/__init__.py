"""The demo workspace: two providers and three months, mostly clean, with every kind of finding planted at least once.

What belongs here: putting the demo's parts together and naming what must be found (``PLANTED``, ``BLOCKED``). What
does not: the data (``northwind``, ``harbour``), the mistakes (``plants_*``) and how they become files (``months``,
``layout``).
"""

from __future__ import annotations

from mbr_pipeline.workspace import template
from mbr_pipeline.workspace.demo import harbour, northwind, plants_harbour, plants_northwind
from mbr_pipeline.workspace.demo.layout import SETTINGS, provider_files
from mbr_pipeline.workspace.demo.model import Blocked, Planted
from mbr_pipeline.workspace.demo.months import build

__all__ = ["BLOCKED", "PLANTED", "Blocked", "Planted", "contents"]

PLANTED: list[Planted] = [
    finding for plant in plants_northwind.PLANTS + plants_harbour.PLANTS for finding in plant.findings
]
"""All the findings that the demo's published months yield, and no others."""

BLOCKED: Blocked = plants_harbour.BLOCKED
"""The one month whose gate blocks, and why."""


def contents() -> dict[str, bytes]:
    """Return the demo workspace's files by path inside the workspace; the same bytes every time."""
    files = {"mbr.yml": SETTINGS.encode()} | template.guides()
    for provider, plants, blocked in (
        (northwind.PROVIDER, plants_northwind.PLANTS, None),
        (harbour.PROVIDER, plants_harbour.PLANTS, BLOCKED),
    ):
        files |= provider_files(provider, plants, build(provider, plants), blocked)
    return files
