"""Microsoft Graph partner billing: the conformance suite, and that both interfaces tell the same bill."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.http.errors import FetchError
from connectors.sources.microsoft.graph_billing import GRAPH_BILLING
from connectors.sources.microsoft.partner_center import PARTNER_CENTER
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch, fetch_with, ordered
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.microsoft import GRAPH_SCOPE, PARTNER_SCOPE, FakePartnerCenter
from connectors.testing.vendors.microsoft_graph import SIGNATURE, FakeGraphBilling
from tests.connectors.sources.microsoft.books import BESIDE, BOOKS


class TestGraphBilling(SourceConformance):
    spec, vendor, books, hostile = GRAPH_BILLING, FakeGraphBilling, BOOKS, "vendor_charges"
    beside = BESIDE


def test_an_export_and_partner_center_give_the_same_lines_with_the_same_identifiers(tmp_path: Path) -> None:
    _, by_export = fetch(GRAPH_BILLING, FakeGraphBilling(BOOKS), "vendor_charges", tmp_path)
    _, by_lines = fetch(PARTNER_CENTER, FakePartnerCenter(BOOKS), "vendor_charges", tmp_path)
    assert ordered(by_export) == ordered(by_lines)


def test_each_interface_gets_the_token_of_its_own_scope_and_the_storage_none(tmp_path: Path) -> None:
    vendor = FakeGraphBilling(BOOKS)
    with serving(vendor) as server:
        vendor.address = server.url
        fetch_with(GRAPH_BILLING, vendor, vendor.settings(server.url), "vendor_charges", tmp_path)
        sent = {
            (
                "storage" if asked.path.startswith("/exports/") else asked.headers["host"].split(":")[0],
                vendor.tokens.purpose(asked)[1],
            )
            for asked in server.asked
            if not vendor.is_token_request(asked)
        }
    assert sent == {("localhost", PARTNER_SCOPE), ("127.0.0.1", GRAPH_SCOPE), ("storage", "")}


@pytest.mark.parametrize("status", [403, 404, 500])
def test_no_error_shows_the_signature_even_if_the_storage_repeats_it(status: int, tmp_path: Path) -> None:
    vendor = FakeGraphBilling(BOOKS)
    echo = f"{SIGNATURE} {'canary+signature/9c33='}".encode()

    def app(asked: Asked) -> Reply:
        return Reply(status, echo) if asked.path.startswith("/exports/") else vendor(asked)

    with pytest.raises(FetchError) as caught:
        fetch(GRAPH_BILLING, vendor, "vendor_charges", tmp_path, app)
    told = f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert "canary" not in told and str(status) in told
