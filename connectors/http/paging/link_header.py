"""The Link header (RFC 8288 §3): where the next page is.

What belongs here: reading the header. What does not: following it (``linked``).
"""

from __future__ import annotations

import re

from connectors.http.errors import Malformed
from connectors.http.json_answers import Answer
from connectors.http.redaction import safe_url

_LINK = re.compile(r'<([^>]*)>((?:[^,"]|"(?:\\.|[^"\\])*")*)')
_LINK_PARAM = re.compile(r';\s*([^\s=;,]+)\s*(?:=\s*("(?:\\.|[^"\\])*"|[^;"]*))?')


def next_link(answer: Answer) -> str | None:
    """Return the link with rel="next" of a Link header. The parser of ``requests`` overlooks
    those with unusual parameters.

    Raises:
        Malformed: The header cannot be read; taking that for the end would lose pages.
    """
    header = answer.headers.get("Link", "")
    if _LINK.sub("", header).strip(", \t"):
        raise Malformed(f"{safe_url(answer.url)} sent a Link header that cannot be read")
    for address, params in _LINK.findall(header):
        relations = [
            value.strip("\"' \t").lower().split()
            for name, value in _LINK_PARAM.findall(params)
            if name.lower() == "rel"
        ]
        if relations and "next" in relations[0]:
            return str(address)
    return None
