"""Huntress: the conformance suite for an account and for a reseller, and how it is asked.

Belongs here: requests and pages. Does not: invoices (``test_invoices``) and counts (``test_counts``).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.http.errors import FetchError
from connectors.sources.huntress import HUNTRESS, HUNTRESS_RESELLER
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch, fetch_with, ordered, read
from connectors.testing.hostile import Behaviour, Hostile
from connectors.testing.server import Reply, serving
from connectors.testing.vendor import FakeVendor, basic_header
from connectors.testing.vendors.huntress import FakeHuntress, FakeHuntressReseller
from tests.connectors.sources.huntress.books import BESIDE, BOOKS, RESELLER_BOOKS
from tests.connectors.sources.referee import complaints_about, judged, specification


class TestHuntress(SourceConformance):
    spec, vendor, books, hostile = HUNTRESS, FakeHuntress, BOOKS, "vendor_invoices"
    beside = BESIDE


class TestHuntressReseller(SourceConformance):
    spec, vendor, books, hostile = HUNTRESS_RESELLER, FakeHuntressReseller, RESELLER_BOOKS, "license_counts"
    beside = BESIDE


def corrected(document: Path, folder: Path) -> Path:
    """Return a copy without three slips of the document: the type "Object", required fields of organizations
    that they have nowhere, and actual_usages, which is called a text and shown as an object."""
    content = json.loads(re.sub(r'"type": ?"Object"', '"type": "object"', document.read_text()))
    for name in ("Organization", "OrganizationWithActualProductUsages"):
        organization = content["definitions"][name]
        assert not set(organization.pop("required")) & set(organization["properties"])
    usages = organization["properties"]["actual_usages"]
    assert (usages["type"], type(usages["example"])) == ("string", dict)
    usages["type"] = "object"
    copy = folder / "huntress.json"
    copy.write_text(json.dumps(content))
    return copy


@pytest.mark.parametrize(
    ("spec", "vendor", "path"),
    [
        (HUNTRESS, FakeHuntress(BOOKS), "organizations"),
        (HUNTRESS_RESELLER, FakeHuntressReseller(RESELLER_BOOKS), "reseller/invoices"),
    ],
    ids=["account", "reseller"],
)
def test_the_document_finds_no_fault_with_either_side(
    spec: Any, vendor: FakeVendor, path: str, tmp_path: Path
) -> None:
    document = corrected(specification("huntress/huntress-rest-openapi.json"), tmp_path)
    with judged(document, vendor) as judge:
        for dataset in spec.datasets:
            _, rows = fetch_with(spec, vendor, vendor.settings(judge.url), dataset, tmp_path)
            assert ordered(rows) == ordered(vendor.books[dataset])
        assert judge.violations == []
        # the judge is awake: a page size over the documented maximum is a violation of the request
        known = basic_header(":".join(vendor.credentials.values()))
        assert "422" in complaints_about(judge, f"/v1/{path}?limit=501", Authorization=known)[0]


def test_a_page_without_pagination_is_an_error_and_not_the_last_page(tmp_path: Path) -> None:
    def without(reply: Reply) -> Reply:
        body: Any = reply.content
        return Reply.json({"invoices": body["invoices"]})

    vendor = FakeHuntress(BOOKS)
    hostile = Hostile(vendor, Behaviour("no pagination", "fails", without, lasts=1_000_000), 0)
    with pytest.raises(
        FetchError, match="answered without pagination, so that nobody knows whether more follows"
    ):
        fetch(HUNTRESS, vendor, "vendor_invoices", tmp_path, hostile)


def test_a_token_that_is_null_ends_the_walk_like_none_at_all(tmp_path: Path) -> None:
    class Nulls(FakeHuntress):
        def _listed(self, *asked: Any) -> Reply:
            body: Any = super()._listed(*asked).content
            return Reply.json(
                {**body, "pagination": {"next_page_token": None, "next_page_url": None, **body["pagination"]}}
            )

    _, rows = fetch(HUNTRESS, Nulls(BOOKS), "vendor_invoices", tmp_path)
    assert ordered(rows) == ordered(BOOKS["vendor_invoices"])


def test_requests_ask_for_the_largest_page_in_the_order_of_ids(tmp_path: Path) -> None:
    vendor = FakeHuntress(BOOKS)
    with serving(vendor) as server:
        fetch_with(HUNTRESS, vendor, vendor.settings(server.url), "vendor_invoices", tmp_path)
        first, second = (dict(one.query) for one in server.asked)
    assert first == {"limit": "500", "sort_field": "id", "sort_direction": "asc"}
    assert second.pop("page_token")
    assert second == first


def test_what_was_landed_is_read_again_without_the_vendor(tmp_path: Path) -> None:
    fetch(HUNTRESS, FakeHuntress(BOOKS), "vendor_charges", tmp_path)
    assert ordered(read(HUNTRESS, "vendor_charges", tmp_path / "vendor_charges.jsonl.gz", {})) == ordered(
        BOOKS["vendor_charges"]
    )
