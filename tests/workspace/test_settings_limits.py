"""mbr.yml: values up to their limits, files that cannot be read, and settings of connectors (contract §2).

Belongs here: ``mbr_pipeline.workspace.settings`` alone. Does not: defaults and single wrong keys
(``test_settings``).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import write
from tests.workspace.loading_settings import GOOD, load

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
        load(tmp_path, "[" * 20_000)


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
