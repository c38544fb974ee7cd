"""GUIDs in one case: vendors write the same one in capitals here and in small letters there.

What belongs here: that spelling. What does not: other identifiers, in which capitals may matter.
"""

from __future__ import annotations

import re

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def lower_guid(text: str | None) -> str | None:
    """Return a GUID in lower case, any other text as it is."""
    return text.lower() if text and _GUID.fullmatch(text) else text
