"""Rows that are there twice, but for one name.

What belongs here: seeing that. What does not: which of both counts (``columns.left_out``), and whose name
tells them apart (``parties``).
"""

from __future__ import annotations

import re

from mbr_pipeline.profiling.sample import Sample

_NUMBER = re.compile(r"[-+(]?\W{0,2}[0-9][0-9.,' ]*\W{0,3}")
_FEWEST = 4


def written_twice(sample: Sample) -> tuple[str, str] | None:
    """Return a column of names by which alone every row has a twin, and the other column that names one of
    the twins, whatever their numbers: a service with what the MSP pays for it and what its client does.
    """
    names = [h for h in sample.headings if h and len(set(sample.values(h))) > 1]
    texts = [h for h in names if not all(any(c.isdigit() for c in t) for t in sample.values(h))]
    numbers = [h for h in names if all(_NUMBER.fullmatch(text) for text in sample.values(h))]
    if len(sample.rows) < _FEWEST or not numbers:
        return None
    for heading in texts:
        others = [h for h in sample.headings if h not in (heading, *numbers)]
        times: dict[tuple[str, ...], set[str]] = {}
        for row in sample.rows:
            times.setdefault(tuple(row.get(h, "") for h in others), set()).add(row.get(heading, ""))
        beside = [h for h in texts if h != heading]
        for own in beside if len(times) * 2 <= len(sample.rows) else ():
            if all(len(found) > 1 and key[others.index(own)] in found for key, found in times.items()):
                return heading, own
    return None
