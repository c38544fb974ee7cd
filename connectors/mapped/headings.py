"""Headings that a profile can name: each once.

What belongs here: names for blank and repeated headings. What does not: which of them a profile needs
(``reader``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def named(header: Sequence[str]) -> tuple[str, ...]:
    """Return the headings as a profile names them: ``#3`` for the third where it is blank, ``Qty#2`` for the
    second that is called Qty.
    """
    times = Counter(header)
    met: Counter[str] = Counter()
    names: list[str] = []
    for position, heading in enumerate(header, start=1):
        met[heading] += 1
        if not heading:
            name = f"#{position}"
        else:
            name = heading if times[heading] == 1 else f"{heading}#{met[heading]}"
        while name in names or (name != heading and name in times):
            name += "'"  # a heading that is written like one of these keeps its name
        names.append(name)
    return tuple(names)
