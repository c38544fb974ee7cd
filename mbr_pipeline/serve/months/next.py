"""What is next about a month, as the page says it: words and where to go.

What belongs here: words and paths as data. What does not: which step is next
(``mbr_pipeline.release.next_step``).
"""

from __future__ import annotations

from mbr_pipeline.release.next_step import Step

NEXT: dict[Step, tuple[str, str]] = {
    "mend": ("Something of it cannot be read", ""),
    "run": ("Run it", ""),
    "unblock": ("See why it is blocked, correct it, then run it again", "#why"),
    "rerun": ("Something changed since the last run: run it again", ""),
    "confirm": ("Decisions wait for a second person", "/decisions"),
    "change": ("It was opened again: land or decide what changes it, then run it", "/worklist"),
    "decide": ("Decide what holds clients, or leave them out", "/worklist"),
    "close": ("Close it", "/close"),
    "reopen": ("Landed files changed since it was closed and do not count", "/close"),
    "export": ("Send it out", "/close#hand-over"),
    "done": ("Nothing: it was sent out", "/close#hand-over"),
}
"""A sentence and the rest of a path below the month's, for each step."""
