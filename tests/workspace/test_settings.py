"""mbr.yml: what is accepted, and that everything else is one line naming file, key and fix (contract §2).

Belongs here: ``mbr_pipeline.workspace.settings`` alone. Does not: how the command line prints the line.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import write
from tests.workspace.loading_settings import GOOD, load


def test_the_defaults_are_the_contracts(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD)
    loaded = load_settings(tmp_path)
    assert (loaded.policies.materiality, loaded.policies.rounding_tolerance) == (Decimal("0.00"), 1)
    assert loaded.policies.min_coverage_pct == 0
    assert (loaded.schedule.day, loaded.schedule.hour) == (5, 6)
    assert loaded.msps["acme"].sources["vendor"].connector == "canonical"


def test_a_file_that_says_the_same_is_worked_out_once_and_one_that_was_changed_anew(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD)
    first = load_settings(tmp_path)
    write(tmp_path / "mbr.yml", GOOD)
    assert load_settings(tmp_path) is first
    write(tmp_path / "mbr.yml", GOOD + "policies: {rounding_tolerance: 3}\n")
    assert load_settings(tmp_path).policies.rounding_tolerance == 3


def test_a_key_without_a_value_means_the_defaults(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD + "policies:\nschedule:\n")
    assert load_settings(tmp_path).policies.rounding_tolerance == 1


def test_a_source_whose_files_are_left_empty_is_as_one_that_does_not_name_them(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD)
    plain = load_settings(tmp_path)
    write(tmp_path / "mbr.yml", GOOD.replace("vendor: {datasets", "vendor: {files: , datasets", 1))
    assert load_settings(tmp_path).msps == plain.msps


@pytest.mark.parametrize("word", ["null", "Null", "NULL", "~"])
def test_what_yaml_calls_nothing_means_the_defaults_too(word: str, tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD + f"policies: {word}\nschedule: {word}\n")
    assert load_settings(tmp_path).policies.rounding_tolerance == 1


def test_money_is_read_exactly_quoted_or_not(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD + "policies: {materiality: 0.1, min_coverage_pct: '99.95'}\n")
    policies = load_settings(tmp_path).policies
    assert (policies.materiality, policies.min_coverage_pct) == (Decimal("0.1"), Decimal("99.95"))


def test_datasets_are_declared_in_the_contracts_order(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD)
    assert load_settings(tmp_path).msps["acme"].declared() == [
        ("psa", "clients"),
        ("psa", "products"),
        ("vendor", "vendor_invoices"),
        ("vendor", "vendor_charges"),
        ("vendor", "license_counts"),
        ("psa", "agreements"),
        ("psa", "invoice_lines"),
    ]


WRONG = {
    "unknown key": (GOOD + "polices: {}\n", "polices: unknown key"),
    "unknown key deep down": (GOOD + "policies: {materialty: '1'}\n", "policies.materialty: unknown key"),
    "unknown connector": (
        GOOD.replace("vendor: {", "vendor: {connector: carrier-pigeon, "),
        "carrier-pigeon",
    ),
    "unknown dataset": (GOOD.replace("clients,", "customers,"), "'customers' is unknown"),
    "a dataset that the connector cannot deliver": (
        GOOD.replace("psa: {", "psa: {connector: focus, "),
        "unknown to connector focus",
    ),
    "an unknown way of counting files": (
        GOOD.replace("psa: {", "psa: {files: newest, "),
        "psa.files: 'newest' is unknown: write `replace`, or leave it out: then all files count",
    ),
    "a dataset twice": (GOOD.replace("clients,", "clients, clients,"), "listed twice"),
    "no invoice lines": (GOOD.replace(", invoice_lines", ""), "no source declares invoice_lines"),
    "no vendor leg": (
        GOOD.replace("vendor_invoices, vendor_charges, license_counts", "vendor_invoices"),
        "declare at least one",
    ),
    "a key twice": (GOOD + "policies: {}\npolicies: {}\n", "written twice"),
    "a number as text": (
        GOOD + "policies: {rounding_tolerance: one}\n",
        "policies.rounding_tolerance: 'one' is not a whole number: write digits only, such as 5",
    ),
    "a number with a gap": (
        GOOD + "policies: {rounding_tolerance: 1_0}\n",
        "policies.rounding_tolerance: '1_0' is not a whole number",
    ),
    "a number with a point": (GOOD + "schedule: {hour: 5.0}\n", "schedule.hour: '5.0' is not a whole number"),
    "a number of Arabic digits": (GOOD + "schedule: {hour: ٥}\n", "schedule.hour: '٥' is not a whole number"),
    "a number beyond all counting": (
        GOOD + f"schedule: {{hour: {'9' * 5000}}}\n",
        "… is not a whole number: write digits only",
    ),
    "a number that is a list": (
        GOOD + "schedule: {hour: [5]}\n",
        "schedule.hour: a list is not a whole number",
    ),
    "policies that are text": (
        GOOD + "policies: strict\n",
        "policies: 'strict' is not a mapping: write `key: value` lines below it",
    ),
    "policies that are a list": (
        GOOD + "policies: [1]\n",
        "policies: a list is not a mapping: write `key: value` lines below it",
    ),
    "a source that is a list": (
        GOOD.replace("{datasets: [clients,", "[clients,").replace("invoice_lines]}", "invoice_lines]"),
        "msps.acme.sources.psa: a list is not a mapping: write `key: value` lines below it",
    ),
    "sources without any": (
        "msps: {acme: {name: A, sources: }}\n",
        "msps.acme.sources: is empty: write `key: value` lines below it",
    ),
    "MSPs that are text": (
        "msps: acme\n",
        "msps: 'acme' is not a mapping: write `key: value` lines below it",
    ),
    "datasets that are text": (
        GOOD.replace("[clients, products, agreements, invoice_lines]", "clients"),
        "msps.acme.sources.psa.datasets: 'clients' is not a list: write it like [one, two]",
    ),
    "a name that is a list": (
        GOOD.replace("name: acme", "name: [acme]"),
        "msps.acme.name: a list is not text: write one value",
    ),
    "a dataset that is a mapping": (
        GOOD.replace("[clients,", "[{clients: 1},"),
        "msps.acme.sources.psa.datasets.0: a mapping is not text: write one value",
    ),
    "a setting of a connector that has none": (
        GOOD.replace("psa: {", "psa: {settings: {api_key: x}, "),
        (
            "msps.acme.sources.psa.settings: settings.api_key is unknown: this connector has no settings,"
            " remove it"
        ),
    ),
    "an exponent": (GOOD + "policies: {materiality: 1e2}\n", "policies.materiality"),
    "a negative amount": (GOOD + "policies: {materiality: '-1'}\n", "below zero"),
    "more than all": (GOOD + "policies: {min_coverage_pct: '100.01'}\n", "between 0 and 100"),
    "an unknown time zone": (
        GOOD + "schedule: {time_zone: Vienna}\n",
        "schedule.time_zone: 'Vienna' is no time zone: write a name such as UTC or Europe/Vienna",
    ),
    "the 29th": (GOOD + "schedule: {day: 29}\n", "schedule.day: 29 is too much: write 28 or less"),
    "a path for a name": (GOOD.replace("  acme:", "  ../acme:"), "must be letters"),
    "a path for a source": (GOOD.replace("vendor: {", "ven/dor: {"), "must be letters"),
    "a partition separator": (GOOD.replace("  acme:", "  a|b:"), "must be letters"),
    "no name": (GOOD.replace("    name: acme\n", ""), "msps.acme.name: missing"),
    "nothing": ("", "empty"),
    "a list": ("- msps\n", "not a mapping"),
    "no MSP": ("msps: {}\n", "msps: is empty: write at least one entry"),
    "an object of Python": ("msps: !!python/object/apply:os.getcwd []\n", "mbr.yml"),
    "bad YAML": ("msps:\n  acme: [\n", "line 3: "),
    "bad YAML in its first line": ("]\n", "line 1: "),
    "a key that is a list": (
        GOOD + "? [a, b]\n: c\n",
        f"line {GOOD.count(chr(10)) + 1}: a key must be plain text",
    ),
    "a repeated key deep down": (
        GOOD + "policies:\n  materiality: 1\n  materiality: 2\n",
        "key 'materiality' is written twice",
    ),
    "sixteen digits of money": (
        GOOD + "policies: {materiality: 1000000000000000}\n",
        "at most 15 digits and 4 decimal places",
    ),
    "five places of money": (
        GOOD + "policies: {materiality: 0.00001}\n",
        "at most 15 digits and 4 decimal places",
    ),
    "the smallest negative amount": (GOOD + "policies: {materiality: -0.0001}\n", "below zero"),
    "a little more than all": (GOOD + "policies: {min_coverage_pct: 100.0001}\n", "between 0 and 100"),
    "a little less than nothing": (GOOD + "policies: {min_coverage_pct: -0.0001}\n", "between 0 and 100"),
    "four digits of a percentage": (
        GOOD + "policies: {min_coverage_pct: 1000}\n",
        "at most 3 digits and 4 decimal places",
    ),
    "five places of a percentage": (
        GOOD + "policies: {min_coverage_pct: 1.00001}\n",
        "at most 3 digits and 4 decimal places",
    ),
    "a negative tolerance": (
        GOOD + "policies: {rounding_tolerance: -1}\n",
        "policies.rounding_tolerance: -1 is too little: write 0 or more",
    ),
    "a tolerance beyond a thousand": (
        GOOD + "policies: {rounding_tolerance: 1001}\n",
        "policies.rounding_tolerance",
    ),
    "day nought": (GOOD + "schedule: {day: 0}\n", "schedule.day"),
    "a negative hour": (GOOD + "schedule: {hour: -1}\n", "schedule.hour"),
    "the 24th hour": (GOOD + "schedule: {hour: 24}\n", "schedule.hour"),
    "an empty name": (GOOD.replace("name: acme", 'name: ""'), "msps.acme.name: is empty: fill it in"),
    "no source": (
        "msps: {acme: {name: Acme, sources: {}}}\n",
        "msps.acme.sources: is empty: write at least one entry",
    ),
    "no dataset": (
        GOOD.replace("[vendor_invoices, vendor_charges, license_counts]", "[]"),
        "msps.acme.sources.vendor.datasets: is empty: write at least one entry",
    ),
    "a name of 64 characters": (GOOD.replace("  acme:", f"  {'a' * 64}:"), "must be letters"),
    "a source that begins with a dash": (GOOD.replace("vendor: {", "-vendor: {"), "must be letters"),
    "two things wrong": (
        GOOD + "polices: {}\nschedule: {day: 0}\n",
        "schedule.day: 0 is too little: write 1 or more (1 more)",
    ),
    "three things wrong": ("msps: {acme: {}}\npolices: {}\n", "msps.acme.name: missing: add it (2 more)"),
    "unknown first of two": ("a: 1\nb: 2\n", "msps: missing: add it (2 more)"),
    "two unknown": (GOOD + "a: 1\nb: 2\n", "a: unknown key: remove it or correct its spelling (1 more)"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_one_line_with_file_and_key(case: str, tmp_path: Path) -> None:
    text, words = WRONG[case]
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'mbr.yml'}: ")
    assert words in message
    assert "\n" not in message
    assert caught.value.exit_code == 2


def test_one_thing_wrong_is_told_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD + "policies: {materiality: '-1'}\n")
    assert (
        str(caught.value)
        == f"{tmp_path / 'mbr.yml'}: policies.materiality: '-1' is below zero: write 0 or more"
    )
