"""mbr.yml: what is accepted, and that everything else is one line naming file, key and fix (contract §2).

Belongs here: ``mbr_pipeline.workspace.settings`` alone. Does not: how the command line prints the line.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import settings, write

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
        _load(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'mbr.yml'}: ")
    assert words in message
    assert "\n" not in message
    assert caught.value.exit_code == 2


def test_one_thing_wrong_is_told_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD + "policies: {materiality: '-1'}\n")
    assert (
        str(caught.value)
        == f"{tmp_path / 'mbr.yml'}: policies.materiality: '-1' is below zero: write 0 or more"
    )


RIGHT = [
    (
        "policies",
        {
            "materiality": ("999999999999999.9999", Decimal("999999999999999.9999")),
            "min_coverage_pct": ("100", Decimal(100)),
        },
    ),
    (
        "policies",
        {
            "materiality": ("0", Decimal(0)),
            "min_coverage_pct": ("0", Decimal(0)),
            "rounding_tolerance": ("0", 0),
        },
    ),
    ("policies", {"min_coverage_pct": ("99.9999", Decimal("99.9999")), "rounding_tolerance": ("1000", 1000)}),
    ("schedule", {"day": ("1", 1), "hour": ("0", 0)}),
    ("schedule", {"day": ("28", 28), "hour": ("23", 23)}),
]


@pytest.mark.parametrize(("section", "values"), RIGHT)
def test_values_up_to_their_limits_are_accepted(
    section: str, values: dict[str, tuple[str, object]], tmp_path: Path
) -> None:
    write(
        tmp_path / "mbr.yml",
        GOOD + f"{section}:\n" + "".join(f"  {key}: {text}\n" for key, (text, _) in values.items()),
    )
    loaded = getattr(load_settings(tmp_path), section)
    assert {key: getattr(loaded, key) for key in values} == {key: value for key, (_, value) in values.items()}


@pytest.mark.parametrize("leg", ["vendor_charges", "license_counts"])
def test_one_msp_with_one_vendor_leg_and_names_of_one_character_is_enough(leg: str, tmp_path: Path) -> None:
    source = f"{{datasets: [invoice_lines, {leg}]}}"
    write(
        tmp_path / "mbr.yml",
        f"msps: {{A: {{name: A, sources: {{b: {source}}}}}, {'c' * 63}: {{name: C, sources: {{d:"
        f" {source}}}}}}}\n",
    )
    loaded = load_settings(tmp_path)
    assert [(msp_id, msp.name, list(msp.sources)) for msp_id, msp in loaded.msps.items()] == [
        ("A", "A", ["b"]),
        ("c" * 63, "C", ["d"]),
    ]


def test_sources_of_one_dataset_are_declared_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(
        tmp_path / "mbr.yml",
        "msps: {a: {name: A, sources: {z: {datasets: [invoice_lines, vendor_charges]}, y: {datasets:"
        " [vendor_charges]}}}}\n",
    )
    assert load_settings(tmp_path).msps["a"].declared() == [
        ("y", "vendor_charges"),
        ("z", "vendor_charges"),
        ("z", "invoice_lines"),
    ]


def test_settings_that_were_read_stay_as_they_are(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD)
    with pytest.raises(ValidationError, match="frozen"):
        load_settings(tmp_path).policies.rounding_tolerance = 1000


def test_a_missing_file_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mbr init"):
        load_settings(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_file_that_is_not_utf_8_says_so(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "mbr.yml").write_bytes(GOOD.encode(encoding))
    with pytest.raises(ConfigError, match="save (it|the file) as UTF-8"):
        load_settings(tmp_path)


@pytest.mark.parametrize(("character", "code"), [("\0", "U+0000"), ("\x1b", "U+001B"), ("\ufffe", "U+FFFE")])
def test_a_character_that_yaml_forbids_is_named_with_its_line(
    character: str, code: str, tmp_path: Path
) -> None:
    (tmp_path / "mbr.yml").write_text("# one\n# é\nmsps: a" + character + "b\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    said = f"line 3: character {code} is not allowed in YAML: remove it, or save the file as UTF-8"
    assert str(caught.value) == f"{tmp_path / 'mbr.yml'}: {said}"


def test_nesting_beyond_reason_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"mbr\.yml: nested too deeply: write it like the example of `mbr init`$"
    ):
        _load(tmp_path, "[" * 20_000)


def test_a_workspace_that_is_a_file_is_told_as_such(tmp_path: Path) -> None:
    write(tmp_path / "file", "x")
    with pytest.raises(
        ConfigError, match="file: not a folder: name the folder that has mbr.yml with --workspace$"
    ):
        load_settings(tmp_path / "file")


def test_settings_that_are_a_folder_say_why_they_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "mbr.yml").mkdir()
    with pytest.raises(
        ConfigError, match=r"mbr\.yml: cannot be read \(Is a directory\): make it a file that you may read$"
    ):
        load_settings(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    (tmp_path / "mbr.yml").write_bytes(GOOD.encode("utf-8-sig"))
    assert list(load_settings(tmp_path).msps) == ["acme"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "{client_secret: hush}",
            "settings.client_secret is a secret: set it in the environment, never in mbr.yml",
        ),
        ("{colour: red}", "settings.colour is unknown: use any of audience, base_url"),
        (
            "{period_end: sometimes}",
            "settings.period_end is 'sometimes': use one of by_example, exclusive, inclusive",
        ),
        (
            '{base_url: "http://api.pax8.com/v1"}',
            "settings.base_url: http://api.pax8.com/v1 is not encrypted: use https",
        ),
        ('{base_url: "api.pax8.com"}', "settings.base_url: "),
        ("{audience: [one, two]}", "settings.audience is a list or a mapping: write one value"),
    ],
)
def test_a_wrong_setting_of_a_connector_is_named_and_a_secret_is_not_repeated(
    written: str, told: str, tmp_path: Path
) -> None:
    source = f"{{connector: pax8, datasets: [vendor_charges], settings: {written}}}"
    write(
        tmp_path / "mbr.yml",
        f"msps: {{a: {{name: A, sources: {{pax8: {source}, psa: {{datasets: [invoice_lines]}}}}}}}}\n",
    )
    with pytest.raises(ConfigError, match="msps.a.sources.pax8") as caught:
        load_settings(tmp_path)
    assert told in str(caught.value) and "hush" not in str(caught.value)


def test_settings_of_a_connector_are_completed_with_its_defaults(tmp_path: Path) -> None:
    source = "{connector: pax8, datasets: [vendor_charges], settings: {period_end: exclusive}}"
    write(
        tmp_path / "mbr.yml",
        f"msps: {{a: {{name: A, sources: {{pax8: {source}, psa: {{datasets: [invoice_lines]}}}}}}}}\n",
    )
    sources = load_settings(tmp_path).msps["a"].sources
    assert sources["pax8"].settings["period_end"] == "exclusive"
    assert sources["pax8"].settings["base_url"] == "https://api.pax8.com/v1"
    assert sources["psa"].settings == {}
