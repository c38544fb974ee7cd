"""What libraries log of requests, without the queries: a query may hold a signature.

Belongs here: the filter. Our own texts have no queries in the first place (``redaction``).
"""

from __future__ import annotations

import logging
import re

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
