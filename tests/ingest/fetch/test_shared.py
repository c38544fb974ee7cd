"""Fetching in a workspace with a store: what one machine fetched the other has, and fetches no more.

Belongs here: two machines and one vendor. Does not: landed files in general (tests/mirror).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.fetching import fetch as fetching
from tests.connectors.sources.pax8.books import BOOKS
from tests.ingest.fetch.shop import Shop, landed_files, states
from tests.support.launching import bytes_below
from tests.support.small import write

FETCHED = ["vendor_invoices", "vendor_charges"]


@pytest.fixture
def two(shop: Shop, tmp_path: Path) -> tuple[Shop, Shop]:
    """The shop, and a second machine of its workspace."""
    text = (shop.root / "mbr.yml").read_text() + f"storage: file://{tmp_path}/store\n"
    for root in (shop.root, tmp_path / "second"):
        write(root / "mbr.yml", text)
        (tmp_path / "shared ledger").mkdir(exist_ok=True)
        (root / "ledger").symlink_to(tmp_path / "shared ledger")
    return shop, Shop(tmp_path / "second", shop.vendor, shop.server)


def test_what_one_machine_fetched_the_other_has_and_asks_for_no_more(two: tuple[Shop, Shop]) -> None:
    a, b = two
    a.fetch()
    asked = len(a.server.asked)
    assert {name: states(b.fetch())[name] for name in FETCHED} == dict.fromkeys(FETCHED, "kept")
    assert len(a.server.asked) == asked
    assert bytes_below(b.folder) == bytes_below(a.folder)


def test_a_newer_fetch_of_one_machine_replaces_the_file_on_the_other_and_keeps_the_older(
    two: tuple[Shop, Shop],
) -> None:
    a, b = two
    a.fetch()
    older = (a.folder / "vendor_charges.fetched.jsonl.gz").read_bytes()
    a.vendor.books = {**BOOKS, "vendor_charges": BOOKS["vendor_charges"][:-1]}
    assert states(b.fetch(again=True))["vendor_charges"] == "landed"
    assert states(a.fetch())["vendor_charges"] == "kept"
    assert bytes_below(a.folder) == bytes_below(b.folder)
    assert older in bytes_below(a.folder / ".fetch/replaced").values()
    assert landed_files(a) == landed_files(b)


def test_a_fetch_that_was_killed_before_the_store_had_it_is_entered_by_the_next(
    two: tuple[Shop, Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = two
    with monkeypatch.context() as patch, pytest.raises(MbrError, match="killed here"):

        def killed(*_: object) -> None:
            raise MbrError("killed here")

        patch.setattr(fetching, "enter_all", killed)
        a.fetch()
    assert landed_files(a) != []
    assert set(states(a.fetch()).values()) <= {"kept", "landed", "impossible"}
    b.fetch()
    assert bytes_below(b.folder) == bytes_below(a.folder)
