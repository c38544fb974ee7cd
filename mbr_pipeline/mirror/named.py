"""Whether a workspace may have a store: asked by every command, so that those without one import nothing.

What belongs here: that question. What does not: the store (``opening``).
"""

from __future__ import annotations

from mbr_pipeline.workspace.paths import WorkspacePaths

SETTINGS = "mbr.yml"


def may_have_store(paths: WorkspacePaths) -> bool:
    """Whether the settings speak of a store anywhere; what they say of it is read by who needs it."""
    try:
        return b"storage" in (paths.root / SETTINGS).read_bytes()
    except OSError:  # whoever needs the settings says so
        return False
