"""Huntress: counts of organizations.

Belongs here: which figure counts for which product. Does not: money (``test_invoices``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from connectors.sources.huntress import HUNTRESS, HUNTRESS_RESELLER
from connectors.testing.fetching import fetch, fetch_with, ordered
from connectors.testing.server import serving
from connectors.testing.vendors.huntress import FakeHuntress, FakeHuntressReseller
from tests.connectors.sources.huntress.books import BOOKS, RESELLER_BOOKS, counts


def test_one_organization_gives_a_count_for_each_product_it_states_and_none_for_the_others(
    tmp_path: Path,
) -> None:
    fetched, rows = fetch(HUNTRESS, FakeHuntress(BOOKS), "license_counts", tmp_path)
    assert fetched.rows == 5
    assert ordered(row for row in rows if row["vendor_customer_id"] == "13") == ordered(
        counts("13", edr="0", itdr="0")
    )


class Using(FakeHuntress):
    """Organizations that all use the same."""

    used: Any = {}

    def usages(self, number: int) -> dict[str, Any]:
        return self.used  # type: ignore[no-any-return]


def counted(folder: Path, used: Any) -> set[tuple[str, str]]:
    """Return what is counted of an organization that uses this."""
    vendor = Using({"license_counts": counts("11", edr="1")})
    vendor.used = used
    return {
        (row["sku_id"], row["entitled_quantity"])
        for row in fetch(HUNTRESS, vendor, "license_counts", folder)[1]
    }


def test_what_counts_is_billable_and_not_all_there_is(tmp_path: Path) -> None:
    # the vendor's own example: 100 of 150 identities with Microsoft and 50 of 75 with Google are billable
    used = {
        "siem": {"billable_log_sources_count": 5, "retention": "90/7"},
        "edr": {
            "billable_agents_count": 42,
            "unresponsive_agents_count": 2,
            "outdated_agents_count": 1,
            "isolated_agents_count": 0,
        },
        "sat": {"learners_count": 25},
        "ispm": [{"type": "microsoft", "billable_identities_count": 100, "total_identities_count": 150}],
        "itdr": [
            {"type": "microsoft", "billable_identities_count": 100, "total_identities_count": 150},
            {"type": "google", "billable_identities_count": 50, "total_identities_count": 75},
        ],
    }
    assert counted(tmp_path, used) == {
        ("edr", "42"),
        ("siem", "5"),
        ("sat", "25"),
        ("ispm", "100"),
        ("itdr", "150"),
    }


@pytest.mark.parametrize(
    ("used", "expected"),
    [({}, {("edr", "0")}), ({"itdr": []}, {("itdr", "0")}), ({"sat": {"learners_count": 3}}, {("sat", "3")})],
)
def test_an_organization_without_any_product_is_counted_as_having_none(
    used: Any, expected: set[tuple[str, str]], tmp_path: Path
) -> None:
    assert counted(tmp_path, used) == expected


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (
            '{"edr": {"billable_agents_count": 42}, "sat": {"learners_count": 25}}',
            {("edr", "42"), ("sat", "25")},
        ),
        (
            '{"itdr": [{"billable_identities_count": 100}, {"billable_identities_count": 50}]}',
            {("itdr", "150")},
        ),
        ("{}", {("edr", "0")}),
    ],
)
def test_usages_that_come_as_the_text_that_the_document_calls_them_are_read(
    used: str, expected: set[tuple[str, str]], tmp_path: Path
) -> None:
    assert counted(tmp_path, used) == expected


def test_a_product_in_capitals_is_the_same_product(tmp_path: Path) -> None:
    assert counted(tmp_path, {"EDR": {"billable_agents_count": 42}}) == {("edr", "42")}


def test_a_product_that_the_document_does_not_know_is_told_and_never_counted_as_nothing(
    tmp_path: Path,
) -> None:
    vendor = Using({"license_counts": counts("11", edr="1")})
    vendor.used = {"edr": {"billable_agents_count": 42}, "xdr": {"billable_things_count": 3}, "asm": []}
    fetch(HUNTRESS, vendor, "license_counts", tmp_path)
    records = CONNECTORS["huntress"].open(
        tmp_path / "license_counts.jsonl.gz", DATASETS["license_counts"], {}
    )
    [row] = [row for batch in records.batches() for row in batch.to_pylist()]
    assert (row["sku_id"], row["entitled_quantity"]) == ("edr", "42")
    assert sorted(records.warnings) == [
        "1 records use a product that is not counted, for no document says what of it is billed: asm",
        "1 records use a product that is not counted, for no document says what of it is billed: xdr",
    ]


@pytest.mark.parametrize(
    ("used", "column"),
    [
        (None, "actual_usages"),
        ("none", "actual_usages"),
        ("[]", "actual_usages"),
        ("7", "actual_usages"),
        ("{}, {}", "actual_usages"),
        ('{"edr": {"agents": 3}}', "actual_usages.edr.billable_agents_count"),
        ({"EDR": {"billable_agents_count": 1}, "edr": {"billable_agents_count": 2}}, "actual_usages"),
        ({"edr": {"agents": 3}}, "actual_usages.edr.billable_agents_count"),
        ({"edr": {}}, "actual_usages.edr"),
        ({"itdr": [{"total_identities_count": 4}]}, "billable_identities_count"),
        ({"itdr": [7]}, "actual_usages.itdr"),
        ({"sat": "twenty-five"}, "actual_usages.sat"),
    ],
)
def test_a_count_that_cannot_be_read_is_rejected_and_no_count_of_nothing(
    used: Any, column: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError):
        counted(tmp_path, used)
    records = CONNECTORS["huntress"].open(
        tmp_path / "license_counts.jsonl.gz", DATASETS["license_counts"], {}
    )
    assert sum(batch.num_rows for batch in records.batches()) == 0
    assert [fault.column for fault in records.faults] == [column]


def test_a_reseller_sees_the_organizations_of_all_its_accounts(tmp_path: Path) -> None:
    vendor = FakeHuntressReseller(RESELLER_BOOKS)
    with serving(vendor) as server:
        _, rows = fetch_with(
            HUNTRESS_RESELLER, vendor, vendor.settings(server.url), "license_counts", tmp_path
        )
        asked = [one.path for one in server.asked]
    assert {row["vendor_customer_id"] for row in rows} == {"11", "12", "13", "14", "15"}
    lists = ["/v1/accounts/5/organizations", *["/v1/accounts/6/organizations"] * 2]
    details = [
        "/v1/accounts/5/organizations/11",
        *(f"/v1/accounts/6/organizations/{number}" for number in (12, 13, 14, 15)),
    ]
    assert asked == ["/v1/accounts", *lists, *details]
