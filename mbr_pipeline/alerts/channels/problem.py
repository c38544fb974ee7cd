"""Why a message was not sent."""

from __future__ import annotations


class NotSent(Exception):
    """A message was not taken; the text says why, and holds no secret."""
