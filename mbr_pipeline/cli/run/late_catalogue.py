"""The catalogue of a command that publishes many months: made now and then, and in the end.

What belongs here: when. What does not: how (``mbr_pipeline.publish.catalogue``). Making it takes the longer
the more months are published. Who reads it by `mbr sql` is shown every month at once: that makes it, if it is
behind.
"""

from __future__ import annotations

import sys
import time

from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish.catalogue import refresh_alone
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.workspace.paths import WorkspacePaths

_SECONDS = 60
_MOST_OF_THE_TIME = 20
"""Between two catalogues lie this many times the seconds that the last one took, and a minute at least."""


class LateCatalogue:
    """When the catalogue of a workspace was made last, and how long it took."""

    def __init__(self, workspace: WorkspacePaths) -> None:
        """Nothing is made yet."""
        self._workspace, self._is_behind = workspace, False
        self._next = time.monotonic() + _SECONDS

    def now_and_then(self) -> None:
        """A month may have been published: make it, if the last time is long enough ago. A failure is told in
        the end, if it lasts.
        """
        self._is_behind = True
        if time.monotonic() >= self._next:
            began = time.monotonic()
            self._failure()
            took = time.monotonic() - began
            self._next = time.monotonic() + max(_SECONDS, _MOST_OF_THE_TIME * took)

    def problem_in_the_end(self) -> str | None:
        """Make it, if anything may have been published; returns why it could not be, which is printed too."""
        failure = self._failure() if self._is_behind else None
        if failure is None:
            return None
        said = f"the tables were published, the catalogue may not show them: {failure}"
        print(f"mbr: {said}; run again", file=sys.stderr)
        return said

    def _failure(self) -> str | None:
        try:
            refresh_alone(self._workspace)
        except (MbrError, OSError) as error:
            return one_line(error)
        return None
