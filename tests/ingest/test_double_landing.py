"""Two files that say the same once more, and which do not (contract §5.5, DOUBLE_LANDING).

Belongs here: ``mbr_pipeline.ingest.double_landing`` on files as readers type them. Does not: what the control
makes of it (``test_load_controls``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mbr_pipeline.ingest.double_landing import double_landings, may_double
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile, parse
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.ingest.loading import Land, P

PROFILE: dict[str, Any] = {
    "vendor_charges": {
        "columns": {
            "line_id": {"made_of": "content"},
            "invoice_id": {"constant": "V-1"},
            "vendor_customer_id": "Customer",
            "sku_id": "Item",
            "charge_category": {"constant": "recurring"},
            "quantity": "Seats",
            "unit_cost": "Price",
            "amount": "Amount",
            "currency": {"constant": "USD"},
            "charge_period_start": "From",
            "charge_period_end": "To",
        }
    }
}
Mapped = Callable[..., ParsedFile]


@pytest.fixture
def mapped(tmp_path: Path) -> Mapped:
    """Lands rows (customer, item, seats, price, amount) of a source whose ids are made of content."""

    def _mapped(part: str, *rows: str, settings: dict[str, Any] = PROFILE) -> ParsedFile:
        path = tmp_path / P.text / "vendor" / f"vendor_charges.{part}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{row},2026-10-01,2026-11-01" for row in rows]
        path.write_text("\n".join(["Customer,Item,Seats,Price,Amount,From,To", *lines]) + "\n", "utf-8")
        words = json.dumps(settings, sort_keys=True)
        size = path.stat().st_size
        landed = LandedFile(path, P.text, "vendor", "vendor_charges", "mapped", sha256_of(path), size, words)
        found = parse(landed, tmp_path / "cache", tmp_path / "tmp")
        assert (found.rows, found.rejected) == (len(rows), 0)
        return found

    return _mapped


def _pairs(*files: ParsedFile) -> list[tuple[str, str, int]]:
    with duckdb.connect() as connection:
        found = double_landings(connection, files)
    return [(pair.first.split(".")[1], pair.second.split(".")[1], pair.repeated) for pair in found]


FOUR = ("T-1,A,23,5.00,115.00", "T-1,B,2,7.00,14.00", "T-2,A,4,5.00,20.00", "T-3,A,1,5.00,5.00")


def test_a_corrected_export_beside_the_old_one_repeats_it(mapped: Mapped) -> None:
    corrected = ("T-1,A,25,5.00,125.00", *FOUR[1:])
    assert _pairs(mapped("old", *FOUR), mapped("new", *corrected)) == [("new", "old", 4)]


def test_quantity_price_and_amount_may_all_differ(mapped: Mapped) -> None:
    assert _pairs(mapped("a", FOUR[0]), mapped("b", "T-1,A,1,1.50,1.50")) == [("a", "b", 1)]


@pytest.mark.parametrize("other", ["T-9,A,23,5.00,115.00", "T-1,Z,23,5.00,115.00"], ids=["customer", "item"])
def test_another_customer_or_sku_is_another_record(other: str, mapped: Mapped) -> None:
    assert _pairs(mapped("a", FOUR[0]), mapped("b", other)) == []


def test_half_of_the_smaller_file_is_enough_and_less_is_not(mapped: Mapped) -> None:
    small = mapped("small", FOUR[0], "T-7,A,1,5.00,5.00")
    large = mapped("large", "T-1,A,9,5.00,45.00", *FOUR[1:], "T-5,A,1,5.00,5.00")
    assert _pairs(small, large) == [("large", "small", 1)]
    third = mapped("third", FOUR[0], "T-7,A,1,5.00,5.00", "T-8,A,1,5.00,5.00")
    assert _pairs(third, large) == []


def test_partners_are_paired_one_to_one(mapped: Mapped) -> None:
    # three seats of one customer, a row each: one row of the other file is the partner of one alone
    users = mapped("users", *(f"T-1,A,{n},5.00,5.00" for n in (1, 2, 3)))
    other = mapped("other", "T-1,A,9,5.00,45.00", *(f"T-{n},A,1,5.00,5.00" for n in (4, 5, 6)))
    assert _pairs(users, other) == []


def test_the_same_records_in_another_order_are_one_file_in_two_forms(mapped: Mapped) -> None:
    assert _pairs(mapped("a", *FOUR), mapped("b", *reversed(FOUR))) == []


def test_a_later_export_with_more_lines_and_one_with_fewer_are_told(mapped: Mapped) -> None:
    assert _pairs(mapped("a", *FOUR[:3]), mapped("b", *FOUR)) == [("a", "b", 3)]


def test_every_pair_of_three_exports_is_told_and_other_files_are_not(mapped: Mapped) -> None:
    files = [mapped(part, f"T-1,A,{part},5.00,5.00") for part in ("1", "2", "3")]
    assert _pairs(*files, mapped("4", "T-2,A,1,5.00,5.00")) == [("1", "2", 1), ("1", "3", 1), ("2", "3", 1)]


def test_only_made_identifiers_can_hide_it(mapped: Mapped, land: Land) -> None:
    columns = PROFILE["vendor_charges"]["columns"] | {"line_id": "Item"}
    own_ids = mapped("a", FOUR[0], settings={"vendor_charges": {"columns": columns}})
    assert not may_double(own_ids.landed)
    assert may_double(mapped("b", FOUR[0]).landed)
    assert not may_double(land("vendor_charges").landed)
    assert may_double(land("license_counts").landed)


def _counts(land: Land, part: str, *rows: str) -> ParsedFile:
    return land("license_counts", *rows, part=part)


def test_counts_of_one_customer_sku_and_day_in_two_files_are_told(land: Land) -> None:
    first = _counts(
        land, "a", "T-1,SKU-1,2026-10-01,10,10", "T-1,SKU-1,2026-10-01,1,1", "T-2,SKU-1,2026-10-01,3,"
    )
    again = _counts(land, "b", "T-1,SKU-1,2026-10-01,12,10")
    assert _pairs(first, again) == [("a", "b", 1)]


def test_other_days_customers_and_skus_are_honest(land: Land) -> None:
    first = _counts(land, "a", "T-1,SKU-1,2026-10-01,10,10", "T-1,SKU-1,2026-10-01,10,10")
    other = _counts(
        land, "b", "T-1,SKU-1,2026-10-02,10,10", "T-2,SKU-1,2026-10-01,10,10", "T-1,SKU-2,2026-10-01,10,10"
    )
    assert _pairs(first, other) == []
    assert _pairs(first) == []
