"""Commands of the tests from a warm process (docs/decisions/0024-a-warm-process.md): they do the same, and
hundreds of them import nothing.

Belongs here: where they meet it. Does not: commands whose start or kill is the subject; those stay as they
are, for nothing is warm unless it asks for this.
"""

from __future__ import annotations

import os
import shutil
import tempfile

_PLACE = "MBR_TESTS_MEET_IN"


def make_place() -> None:
    """Make the folder of this session, which its workers are told of."""
    os.environ[_PLACE] = tempfile.mkdtemp(prefix="mbr")  # names of sockets are short


def remove_place() -> None:
    """Remove it: processes that listened in it end by themselves."""
    shutil.rmtree(os.environ.pop(_PLACE), ignore_errors=True)


def warm() -> dict[str, str]:
    """Return the variables of a command that a warm process may do: none where no session of tests made a
    place for it, as in a campaign.
    """
    place = os.environ.get(_PLACE)
    return {"MBR_WARM": "on", "XDG_RUNTIME_DIR": place} if place else {}
