"""Secrets stay out of every text: logs, errors, manifests, Dagster metadata.

Belongs here: what a secret looks like in a text, and taking it out. Does not: reading secrets (``mbr_pipeline.credentials``).
"""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus, urlsplit

HIDDEN = "[hidden]"
_SHORTEST = 4  # shorter texts stand in every other word


class Secret:
    """A value that shows itself only to whoever asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep the value."""
        self._value = value

    def reveal(self) -> str:
        """Return the value itself, for a request."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    __str__ = __repr__

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not stored or sent to another process")


class Redactor:
    """Replaces known secrets in texts, also as they look in URLs, JSON and Basic authentication."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: set[str] = set()

    def add(self, value: str) -> None:
        """Hide a value, and the forms in which it travels, from now on."""
        encoded = base64.b64encode(value.encode()).decode()
        forms = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], encoded, encoded.rstrip("=")}
        self._known |= {form for form in forms if len(form) >= _SHORTEST}

    def clean(self, text: str) -> str:
        """Return the text without any known secret; longest first, so that none is left in part."""
        for value in sorted(self._known, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        return text


def safe_url(url: str) -> str:
    """Return an address fit to be shown: scheme, host and path. A query may hold a signature, user information a password."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}" + ("?…" if parts.query else "")
