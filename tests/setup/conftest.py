"""The workspace that tests of another month begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setup.books import AGREEMENTS, CLIENTS, INVOICES, PORTAL, setup, write


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A workspace with October: canonical files of a PSA, a vendor's bill by a profile."""
    october = tmp_path / "exports"
    write(october, psa_clients=CLIENTS, psa_agreements=AGREEMENTS, psa_invoices=INVOICES, pax8_bill=PORTAL)
    done = setup(october, tmp_path / "books")
    assert done.exit_code == 0, done.exception
    assert "charge_category" in (tmp_path / "books/mbr.yml").read_text()
    return tmp_path / "books"
