"""The errors that QuickBooks Online sends, also with status 200: a ``Fault`` with its type and its errors.

What belongs here: which of our errors a ``Fault`` is. What does not: statuses that say so themselves
(``connectors.http.failures``). Source: Intuit, Review QuickBooks Online Accounting API error codes.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.http.errors import (
    CredentialsRefused,
    FetchError,
    PermissionMissing,
    RequestRefused,
    Unavailable,
)
from connectors.http.json_answers import Json, at

_BY_CODE: Mapping[str, type[FetchError]] = {
    "3001": Unavailable,  # throttled
    "3100": PermissionMissing,  # the app was not allowed to read this company
    "3200": CredentialsRefused,
}
_BY_TYPE: Mapping[str, type[FetchError]] = {
    "authenticationfault": CredentialsRefused,
    "authentication": CredentialsRefused,
    "authorizationfault": PermissionMissing,
    "systemfault": Unavailable,
    "service": Unavailable,
}


def refusal(body: Json) -> type[FetchError] | None:
    """Return which error an answer is, None if it is none. Intuit's gateway writes the names of fields with
    small letters, and codes with and without zeros before them.
    """
    fault = at(body, "Fault") or at(body, "fault")
    if not fault:
        return None
    errors = at(fault, "Error") or at(fault, "error")
    first = errors[0] if isinstance(errors, list) and errors else None
    code = str(at(first, "code") or "").lstrip("0")
    kind = str(at(fault, "type") or "").lower()
    return _BY_CODE.get(code) or _BY_TYPE.get(kind) or RequestRefused
