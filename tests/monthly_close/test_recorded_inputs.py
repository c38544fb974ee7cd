"""The files that a closed month says it was computed from (contract §9, §13).

Belongs here: which files, and their hashes by an engine of their own. Does not: the pack that repeats them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.monthly_close.months import month_of
from tests.support.small import LANDED, RULES, write, write_msp


def test_every_file_that_counts_is_listed_with_its_hash_and_no_other(root: Path) -> None:
    write(root / "landing/acme/2026-09/vendor/vendor_charges.csv", LANDED["vendor/vendor_charges.csv"])
    write(
        root / "landing/acme/2026-09/psa/clients.csv", LANDED["psa/clients.csv"]
    )  # reaches into no other month
    write(root / "landing/acme/2026-11/vendor/vendor_charges.csv", LANDED["vendor/vendor_charges.csv"])
    write(root / "landing/acme/2026-10/vendor/notes.txt", "kept beside")
    write_msp(root, "birch")
    expected = sorted(
        [
            "mbr.yml",
            *(f"rules/acme/{name}" for name in RULES),
            *(f"landing/acme/2026-10/{name}" for name in LANDED),
            "landing/acme/2026-10/vendor/notes.txt",
            "landing/acme/2026-09/vendor/vendor_charges.csv",
        ]
    )
    found = month_of(root).recorded_inputs()
    assert [each["file"] for each in found] == expected
    for each in found:
        content = (root / each["file"]).read_bytes()
        assert (each["bytes"], each["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
