"""The second engine: a month worked out again, one record at a time, in exact fractions (contract §1 to §6).

What belongs here: the rules of the normative page once more, in plain Python and without SQL, and holding
what a run made against them. It is written from the page alone and shares no rule with the models: readers of
files, names of folders and errors are all it takes from the rest of the project, so the two can only agree by
both being right. ``month`` works a month out, ``reading`` reads what it is worked out from, ``verify``
compares. Words over its figures are ``mbr_pipeline.explain``. Decisions of people are not modelled.
"""

from __future__ import annotations

from mbr_pipeline.recompute.month import RecomputedMonth, recompute_month

__all__ = ["RecomputedMonth", "recompute_month"]
