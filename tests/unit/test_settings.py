"""mbr.yml: what is accepted, and that everything else is one line naming file, key and fix (contract §2).

Belongs here: ``mbr_pipeline.settings`` alone. Does not: how the command line prints the line.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.settings import load_settings
from tests.small import settings, write

GOOD = settings(["acme"])


def _load(root: Path, text: str) -> object:
    write(root / "mbr.yml", text)
    return load_settings(root)


def test_the_defaults_are_the_contracts(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD)
    loaded = load_settings(tmp_path)
    assert (loaded.policies.materiality, loaded.policies.rounding_tolerance) == (Decimal("0.00"), 1)
    assert loaded.policies.min_coverage_pct == 0
    assert (loaded.schedule.day, loaded.schedule.hour) == (5, 6)
    assert loaded.msps["acme"].sources["vendor"].connector == "canonical"


def test_a_key_without_a_value_means_the_defaults(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD + "policies:\nschedule:\n")
    assert load_settings(tmp_path).policies.rounding_tolerance == 1


def test_money_is_read_exactly_quoted_or_not(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD + "policies: {materiality: 0.1, min_coverage_pct: '99.95'}\n")
    policies = load_settings(tmp_path).policies
    assert (policies.materiality, policies.min_coverage_pct) == (Decimal("0.1"), Decimal("99.95"))


def test_datasets_are_declared_in_the_contracts_order(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD)
    assert load_settings(tmp_path).msps["acme"].declared() == [
        ("psa", "clients"), ("psa", "products"), ("vendor", "vendor_invoices"), ("vendor", "vendor_charges"),
        ("vendor", "license_counts"), ("psa", "agreements"), ("psa", "invoice_lines"),
    ]  # fmt: skip


WRONG = {
    "unknown key": (GOOD + "polices: {}\n", "polices: unknown key"),
    "unknown key deep down": (GOOD + "policies: {materialty: '1'}\n", "policies.materialty: unknown key"),
    "unknown connector": (GOOD.replace("vendor: {", "vendor: {connector: carrier-pigeon, "), "carrier-pigeon"),
    "unknown dataset": (GOOD.replace("clients,", "customers,"), "'customers' is unknown"),
    "a dataset that the connector cannot deliver": (GOOD.replace("psa: {", "psa: {connector: focus, "), "unknown to connector focus"),
    "a dataset twice": (GOOD.replace("clients,", "clients, clients,"), "listed twice"),
    "no invoice lines": (GOOD.replace(", invoice_lines", ""), "no source declares invoice_lines"),
    "no vendor leg": (GOOD.replace("vendor_invoices, vendor_charges, license_counts", "vendor_invoices"), "declare at least one"),
    "a key twice": (GOOD + "policies: {}\npolicies: {}\n", "written twice"),
    "a period as text": (GOOD + "policies: {rounding_tolerance: one}\n", "policies.rounding_tolerance"),
    "an exponent": (GOOD + "policies: {materiality: 1e2}\n", "policies.materiality"),
    "a negative amount": (GOOD + "policies: {materiality: '-1'}\n", "below zero"),
    "more than all": (GOOD + "policies: {min_coverage_pct: '100.01'}\n", "between 0 and 100"),
    "the 29th": (GOOD + "schedule: {day: 29}\n", "schedule.day"),
    "a path for a name": (GOOD.replace("  acme:", "  ../acme:"), "must be letters"),
    "a path for a source": (GOOD.replace("vendor: {", "ven/dor: {"), "must be letters"),
    "a partition separator": (GOOD.replace("  acme:", "  a|b:"), "must be letters"),
    "no name": (GOOD.replace("    name: acme\n", ""), "msps.acme.name: missing"),
    "nothing": ("", "empty"),
    "a list": ("- msps\n", "not a mapping"),
    "no MSP": ("msps: {}\n", "msps"),
    "an object of Python": ("msps: !!python/object/apply:os.getcwd []\n", "mbr.yml"),
    "bad YAML": ("msps:\n  acme: [\n", "line"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_one_line_with_file_and_key(case: str, tmp_path: Path) -> None:
    text, words = WRONG[case]
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'mbr.yml'}: ")
    assert words in message
    assert "\n" not in message
    assert caught.value.exit_code == 2


def test_a_missing_file_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mbr init"):
        load_settings(tmp_path)


def test_a_file_that_is_not_utf_8_says_so(tmp_path: Path) -> None:
    (tmp_path / "mbr.yml").write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    (tmp_path / "mbr.yml").write_bytes(GOOD.encode("utf-8-sig"))
    assert list(load_settings(tmp_path).msps) == ["acme"]
