"""QuickBooks Online: Faults, whatever status they come with.

Belongs here: which error a Fault is, and what people read of it. Does not: misbehaviour that hits every
source (``test_quickbooks``).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.http.errors import (
    CredentialsRefused,
    FetchError,
    PermissionMissing,
    RequestRefused,
    Unavailable,
)
from connectors.sources.quickbooks.online import QUICKBOOKS
from connectors.testing.fetching import fetch
from connectors.testing.server import Asked, Reply
from connectors.testing.vendors.quickbooks import FakeQuickBooks, fault, gateway_fault
from tests.connectors.sources.quickbooks.books import BOOKS


def failed(folder: Path, reply: Reply) -> tuple[FetchError, int]:
    """What becomes of a fetch whose every answer with data is this one, and how many were asked for."""
    vendor, asked_for = FakeQuickBooks(BOOKS), 0

    def app(asked: Asked) -> Reply:
        nonlocal asked_for
        if vendor.is_token_request(asked):
            return vendor(asked)
        asked_for += 1
        return reply

    with pytest.raises(FetchError) as caught:
        fetch(QUICKBOOKS, vendor, "clients", folder, app)
    return caught.value, asked_for


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (fault(200, "4000", "ValidationFault", "Error parsing query", "QueryParserError"), RequestRefused),
        (fault(200, "", "AFaultOfTomorrow", "Error parsing query", ""), RequestRefused),
    ],
)
def test_a_statement_that_is_refused_is_not_sent_again(
    reply: Reply, error: type[FetchError], status: int, tmp_path: Path
) -> None:
    reply.status = status
    found, asked_for = failed(tmp_path, reply)
    assert (type(found), asked_for) == (error, 1)
    assert "Error parsing query" in str(found)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (fault(200, "100", "AuthenticationFault", "General Authentication Error", ""), CredentialsRefused),
        (gateway_fault(200, "3200", "AUTHENTICATION", "message=AuthenticationFailed"), CredentialsRefused),
        (gateway_fault(401, "3200", "AUTHENTICATION", "message=AuthenticationFailed"), CredentialsRefused),
        (gateway_fault(200, "003200", "SERVICE", "message=AuthenticationFailed"), CredentialsRefused),
        (gateway_fault(200, "3100", "SERVICE", "message=AuthorizationFailed"), PermissionMissing),
        (gateway_fault(403, "3100", "SERVICE", "message=AuthorizationFailed"), PermissionMissing),
        (fault(200, "120", "AuthorizationFault", "Authorization Failure", ""), PermissionMissing),
        (fault(200, "10000", "SystemFault", "An application error has occurred", ""), Unavailable),
        (gateway_fault(200, "003001", "SERVICE", "message=ThrottleExceeded"), Unavailable),
        (fault(200, "3001", "ValidationFault", "message=ThrottleExceeded", ""), Unavailable),
        (gateway_fault(200, "", "AUTHENTICATION", "message=AuthenticationFailed"), CredentialsRefused),
        (gateway_fault(200, "9999", "SERVICE", "message=ServiceFailed"), Unavailable),
        (gateway_fault(429, "3001", "SERVICE", "message=ThrottleExceeded"), Unavailable),
    ],
)
def test_a_fault_is_what_its_code_or_its_type_says(
    reply: Reply, error: type[FetchError], tmp_path: Path
) -> None:
    found, asked_for = failed(tmp_path, reply)
    assert type(found) is error
    # a token that is refused is renewed once; what may pass is asked for again, four times in all
    assert asked_for == {CredentialsRefused: 2, PermissionMissing: 1, Unavailable: 4}[error]
    assert re.search(rb'"[Mm]essage": "([^"]+)"', reply.body)[1].decode() in str(found)  # type: ignore[index]


def test_a_fault_in_passing_costs_a_repetition_and_no_record(tmp_path: Path) -> None:
    vendor, struck = FakeQuickBooks(BOOKS), []

    def app(asked: Asked) -> Reply:
        reply = vendor(asked)
        if vendor.is_token_request(asked) or len(struck) > 2:
            return reply
        struck.append(asked)
        return fault(200, "3001", "SystemFault", "ThrottleExceeded", "wait")

    _, rows = fetch(QUICKBOOKS, vendor, "clients", tmp_path, app)
    assert (len(rows), len(struck)) == (4, 3)
