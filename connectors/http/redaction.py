"""Secrets stay out of every text: logs, errors, manifests, Dagster metadata.

What belongs here: what a secret looks like in a text, and taking it out; what urllib3 logs of a request,
without its query. What does not: reading secrets (``mbr_pipeline.workspace.credentials``).
"""

from __future__ import annotations

import base64
import html
import json
import logging
import re
from typing import NoReturn
from urllib.parse import urlsplit

HIDDEN = "[hidden]"
_SHORTEST = 4  # shorter texts occur inside ordinary words
_LONGEST_PATH = 200


class Secret:
    """A value that is shown only when asked for explicitly."""

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

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored or sent to another process")


class Redactor:
    """Replaces known secrets in texts, also as they look in URLs, JSON, HTML and Basic authentication."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[str, re.Pattern[str]] = {}

    def add(self, value: str) -> None:
        """Hide a value, and the forms in which it travels, from now on."""
        raw = value.encode("utf-8", "surrogatepass")
        encoded = (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode())
        for form in (value, *encoded, *(text.rstrip("=") for text in encoded)):
            if len(form) >= _SHORTEST:
                self._known[form] = re.compile("".join(map(_spelled, form)))

    def clean(self, text: str) -> str:
        """Return the text without any known secret; longest first, so that none is left in part."""
        for form in sorted(self._known, key=len, reverse=True):
            text = self._known[form].sub(HIDDEN, text)
        return text

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are not stored or sent to another process")


def _spelled(character: str) -> str:
    """Return a pattern for a character as it is, and as URLs, JSON, HTML and Python escape it."""
    if character.isascii() and character.isalnum():
        return character
    code = ord(character)
    halves = character.encode("utf-16-be", "surrogatepass").hex()
    escaped = (
        "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "surrogatepass")),
        "".join(f"\\\\u{halves[at : at + 4]}" for at in range(0, len(halves), 4)),
        f"\\\\(?:x{code:02x}|U{code:08x})",
        f"&#(?:{code}|x{code:x});",
        re.escape(html.escape(character)),
        re.escape(json.dumps(character)[1:-1]),
    )
    space = "|\\+" if character == " " else ""
    return f"(?:{'|'.join(f'(?i:{form})' for form in escaped)}|\\\\?{re.escape(character)}{space})"


def safe_url(url: str) -> str:
    """Return an address fit to be shown: scheme, host and path. A query may hold a signature, user
    information a password.
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    host = parts.hostname or ""
    place = f"//[{host}]{port}" if ":" in host else f"//{host}{port}" if parts.netloc else ""
    path = parts.path if len(parts.path) <= _LONGEST_PATH else parts.path[:_LONGEST_PATH] + "…"
    return (f"{parts.scheme}:" if parts.scheme else "") + place + path + ("?…" if parts.query else "")


_QUERY = re.compile(r"\?[^\s\"']*")


class _WithoutQueries(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _QUERY.sub("?…", each) if isinstance(each, str) else each for each in record.args
            )
        return True


_FILTER = _WithoutQueries()


def hide_queries() -> None:
    """Take the queries out of what urllib3 logs, from now on and whatever level somebody sets."""
    logging.getLogger("urllib3.connectionpool").addFilter(_FILTER)
