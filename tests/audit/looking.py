"""Tables of a sound month, and what the audit's frames show of them once they are changed.

Belongs here: what the tests of frames share. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Frames = dict[str, list[dict[str, Any]]]


Look = Callable[..., Frames]
