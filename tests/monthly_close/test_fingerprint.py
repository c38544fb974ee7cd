"""The fingerprint of a month's inputs.

Belongs here: what changes it. Does not: whom it opens the gate for (``test_audited``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.decide.months import Month
from tests.monthly_close.months import _more_charges, month_of
from tests.support.small import LANDED, settings, write, write_msp


def _earlier_charges(root: Path) -> None:
    write(root / "landing/acme/2026-09/vendor/vendor_charges.csv", LANDED["vendor/vendor_charges.csv"])


def _new_rule_file(root: Path) -> None:
    write(root / "rules/acme/metering.csv", "product_code,basis\nSEAT,entitled\n")


def _changed_rule(root: Path) -> None:
    write(root / "rules/acme/client_map.csv", "source,vendor_customer_id,client_id\nvendor,T-1,C-2\n")


def _policy(root: Path) -> None:
    write(root / "mbr.yml", settings(["acme", "birch"], 'policies: {materiality: "1"}\n'))


def _declaration(root: Path) -> None:
    write(root / "mbr.yml", settings(["acme", "birch"]).replace(", license_counts", "", 1))


@pytest.mark.parametrize(
    "change", [_more_charges, _earlier_charges, _new_rule_file, _changed_rule, _policy, _declaration]
)
def test_whatever_a_month_is_computed_from_changes_its_fingerprint(
    change: Callable[[Path], None], root: Path
) -> None:
    before = month_of(root).inputs_hash
    assert month_of(root).inputs_hash == before
    change(root)
    assert month_of(root).inputs_hash != before


def test_what_a_month_is_not_computed_from_leaves_its_fingerprint(root: Path) -> None:
    before = month_of(root).inputs_hash
    write(root / "mbr.yml", settings(["acme", "cedar"], "schedule: {day: 9}\n"))
    path = root / "mbr.yml"
    write(path, path.read_text().replace("  acme:\n", "  acme:\n    schedule: {day: 8}\n", 1))
    assert "schedule: {day: 8}" in path.read_text()
    write_msp(root, "cedar")
    write(root / "rules/acme/notes.csv", "a\n")
    write(root / "landing/acme/2026-11/psa/clients.csv", LANDED["psa/clients.csv"])
    assert month_of(root).inputs_hash == before


def test_every_decision_changes_it(tmp_path: Path) -> None:
    decided = Month(tmp_path)
    found = [month_of(tmp_path).inputs_hash]
    for arguments in (["approve", "111111"], ["defer", "222222", "--reason", "later"]):
        entry_id = decided.told(*arguments)["entries"][0]["entry_id"]
        found.append(month_of(tmp_path).inputs_hash)
    decided.told("withdraw", entry_id, "--reason", "no need")
    found.append(month_of(tmp_path).inputs_hash)
    assert len(set(found)) == 4


def test_the_fingerprint_is_of_the_files_as_they_are_now_and_the_loaded_one_as_they_were_found(
    root: Path,
) -> None:
    month = month_of(root)
    found = month.inputs_hash
    assert len(month.landing.current) == 7
    _more_charges(root)
    assert month.inputs_hash != found
    month.load()
    assert month.paths.loaded_inputs.read_text(encoding="utf-8") == found
