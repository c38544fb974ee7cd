"""Which error a request ended with: no answer at all, or a status that is none of success.

What belongs here: from the library's errors and from statuses to ours. What does not: what our errors are
(``errors``), and answers that are wrong inside (``json_answers``, ``paging``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import requests

from connectors.http.connection.route import Route, reason_of
from connectors.http.errors import (
    CredentialsRefused,
    FetchError,
    Malformed,
    OutOfBounds,
    PermissionMissing,
    RequestRefused,
    Unavailable,
)
from connectors.http.redaction import safe_url
from connectors.http.retries import retry_after

LOWEST_ERROR = 400
_TRY_LATER = {408, 425, 429}


def not_answered(error: Exception, where: str, route: Route) -> FetchError:
    """Return what became of a request that the library gave up. Its own text may hold the address with its
    query, and is not shown.
    """
    is_at_proxy = isinstance(error, requests.exceptions.ProxyError)
    reason = reason_of(error)
    if reason or isinstance(error, requests.exceptions.SSLError):
        who = "the proxy on the way has" if is_at_proxy and not reason else "has"
        told = f" ({reason})" if reason else ""
        return OutOfBounds(
            f"{where} {who} no certificate that can be trusted{told}; where a company signs in the vendor's"
            " place, settings.ca_file names its certificates"
        )
    if is_at_proxy:
        return Unavailable(f"{where} failed at the proxy {safe_url(route.proxy)}")
    if isinstance(error, requests.exceptions.Timeout):
        return Unavailable(f"{where} did not answer in time")
    is_unreached = isinstance(error, requests.exceptions.ConnectionError) and not route.proxy
    way = "; if your network prescribes a proxy, name it in settings.proxy" if is_unreached else ""
    return Unavailable(f"{where} failed ({type(error).__name__}){way}")


def has_failed(status: int) -> bool:
    """Whether a status is none of success; a part (206) is no success, for the whole is always asked for."""
    is_success = requests.codes.ok <= status < requests.codes.multiple_choices
    return not is_success or status == requests.codes.partial


def failure(status: int, headers: Mapping[str, str], where: str, said: str, now: datetime) -> FetchError:
    """Return the error of a status that has failed; ``said`` is what the answer says of it."""
    problem = f"{where} answered {status}"
    if status == requests.codes.partial:
        return Malformed(f"{problem}, which is a part, and the whole was asked for")
    if status < LOWEST_ERROR:
        return OutOfBounds(f"{problem}, a redirect to {safe_url(headers.get('Location', '')) or 'nowhere'}")
    problem += said
    if status == requests.codes.unauthorized:
        return CredentialsRefused(problem)
    if status == requests.codes.forbidden:
        return PermissionMissing(problem)
    if status in _TRY_LATER or status >= requests.codes.internal_server_error:
        return Unavailable(problem, retry_after=retry_after(headers.get("Retry-After"), now))
    return RequestRefused(problem)
