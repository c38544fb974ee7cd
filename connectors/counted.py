"""Counts as people read them: ``1 row``, ``1,200 rows``.

What belongs here: the one home of singular and plural in messages, below everything that has something to
say. What does not: amounts and quantities (``mbr_pipeline.report.text``).
"""

from __future__ import annotations


def plural(count: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun, for example ``1 client`` or ``1,200 clients``.

    Args:
        count: How many.
        one: The noun for one, with the verb where it goes with it: ``row is``.
        many: The same for any other number; ``one`` with an s by default.
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
