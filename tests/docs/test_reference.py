"""The reference pages say what the code says: datasets, settings, rules, codes, tables, commands,
gate.json.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from connectors.datasets import DATASETS, Column, Kind
from connectors.registry import CONNECTORS
from expectations.raw import CONTROLS
from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.audit.gate import SUITE_NAMES
from mbr_pipeline.cli import commands
from mbr_pipeline.exception_codes import codes_of, exception_codes
from mbr_pipeline.publish.restatement import MEANING, columns_of_nothing
from mbr_pipeline.workspace.alert_settings import Alerts, Channel
from mbr_pipeline.workspace.export_settings import ImportSettings
from mbr_pipeline.workspace.rules import RULE_FILES, WORD_FILES
from mbr_pipeline.workspace.settings import Policies, Schedule
from mbr_pipeline.workspace.storage_settings import Storage
from tests.docs.pages import ROOT, blocks, code, rows, section
from tests.support.demo import Demo

REFERENCE = ROOT / "docs" / "reference"
MARTS = ROOT / "dbt_project" / "models" / "marts"
_KINDS = {
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.CURRENCY: "currency",
    Kind.BOOLEAN: "true/false",
    Kind.QUANTITY: "quantity",
    Kind.UNIT_PRICE: "unit price",
    Kind.VENDOR_AMOUNT: "vendor amount",
    Kind.CLIENT_AMOUNT: "client amount",
}


def _described(column: Column) -> list[str]:
    kind = " ".join(f"`{choice}`" for choice in column.choices) or _KINDS[column.kind]
    return [
        f"`{column.name}`",
        kind,
        "yes" if column.required else "",
        f"`{column.default}`" if column.default else "",
    ]


@pytest.mark.parametrize("name", DATASETS)
def test_datasets_page_lists_exactly_the_canonical_columns(name: str) -> None:
    listed = [row[:4] for row in rows(section(REFERENCE / "datasets.md", f"## {name}"))]
    assert listed == [_described(column) for column in DATASETS[name].columns]


def test_datasets_page_says_what_identifies_a_record() -> None:
    identities = rows(section(REFERENCE / "datasets.md", "## Records and their identity"))
    listed = {code(row[0]): re.findall(r"`(\w+)`", row[1]) for row in identities}
    known = {
        name: [*(["source"] if d.identity and d.identity_per_source else []), *d.identity]
        for name, d in DATASETS.items()
    }
    assert listed == known


def test_settings_page_lists_every_policy_and_schedule_key_with_its_default() -> None:
    listed = {
        code(row[0]): code(row[1])
        for row in rows(section(REFERENCE / "workspace-and-settings.md", "## Policies and schedule"))
    }
    known = {
        f"policies.{name}": str(field.get_default(call_default_factory=True))
        for name, field in Policies.model_fields.items()
    }
    known |= {
        f"schedule.{name}": str(field.default).lower() if field.annotation is bool else str(field.default)
        for name, field in Schedule.model_fields.items()
    }
    assert listed == known


def test_settings_page_lists_every_key_of_alerts_and_of_its_channels() -> None:
    listed = rows(section(REFERENCE / "workspace-and-settings.md", "## Alerts"))
    defaults = {
        name: field.get_default(call_default_factory=True) for name, field in Alerts.model_fields.items()
    }
    known = [[f"`{name}`", f"`{default}`" if default else "none"] for name, default in defaults.items()]
    assert [row[:2] for row in listed[: len(known)]] == known
    kinds = {code(row[0]): set(re.findall(r"`(\w+)`", row[1])) for row in listed[len(known) :]}
    names = {field.alias or name for name, field in Channel.model_fields.items()} - {"kind"}
    assert names <= set().union(*kinds.values())
    assert set(kinds) == {"webhook", "smtp", "apprise"}


def test_settings_page_lists_every_key_of_exports_with_its_default() -> None:
    listed = rows(section(REFERENCE / "workspace-and-settings.md", "## Exports"))
    known = {name: str(field.default) for name, field in ImportSettings.model_fields.items()}
    assert {code(row[0]): code(row[1]) for row in listed} == known


def test_settings_page_lists_every_connector() -> None:
    assert {
        code(row[0]) for row in rows(section(REFERENCE / "workspace-and-settings.md", "## Connectors"))
    } == set(CONNECTORS)


@pytest.mark.parametrize("name", [*RULE_FILES, *WORD_FILES])
def test_settings_page_lists_exactly_the_columns_of_a_rule_file(name: str) -> None:
    listed = [
        (code(row[0]), row[1])
        for row in rows(section(REFERENCE / "workspace-and-settings.md", f"### {name}.csv"))
    ]
    known = [
        (c.name, "yes" if c.required else "" if c.default is None else f"`{c.default}`")
        for c in (RULE_FILES | WORD_FILES)[name].columns
    ]
    assert listed == known


_MONEY = {
    "client": {"recoverable", "refund", "by"},
    "vendor": {"claim", "liability"},
    "stranded": {"stranded"},
    "cost": {"none"},
}
"""How the contract's cell about the impact of a code begins, by where the code's money stands."""


@pytest.mark.parametrize(("heading", "kind"), [("## Client side", "client"), ("## Vendor side", "vendor")])
def test_exceptions_page_lists_the_codes_in_their_order_with_the_words_of_the_seed(
    heading: str, kind: str
) -> None:
    known = [exception_codes()[name] for name in codes_of(kind)]
    assert rows(section(REFERENCE / "exceptions.md", heading)) == [
        [f"`{one.code}`", one.severity, one.meaning, one.cleared_when or ""] for one in known
    ]


@pytest.mark.parametrize(
    ("heading", "kind"), [("### 5.2 Client side", "client"), ("### 5.3 Vendor side", "vendor")]
)
def test_the_contract_lists_the_codes_in_their_order_with_their_impact(heading: str, kind: str) -> None:
    listed = rows(section(REFERENCE / "contract.md", heading))
    known = [exception_codes()[name] for name in codes_of(kind)]
    assert [code(row[0]) for row in listed] == [one.code for one in known]
    for row, one in zip(listed, known, strict=True):
        assert re.split(r"\W+", row[2])[0] in _MONEY.get(one.impact, {"none"}), one.code
        assert ("priced_at_cost" in row[2]) == (one.impact == "cost"), one.code
        assert ("always blocking" in row[2]) <= (one.blocks == "always"), one.code


def test_the_contract_names_what_always_blocks_what_clears_itself_and_the_volume_codes() -> None:
    text = " ".join((REFERENCE / "contract.md").read_text(encoding="utf-8").split())
    exceptions = [exception_codes()[name] for name in codes_of("client", "vendor")]
    always = " ".join(one.code for one in exceptions if one.blocks == "always")
    said = re.search(r"always for ([A-Z_, ]+) and for a code valued at", text)
    assert said and " ".join(re.findall(r"[A-Z_]+", said[1])) == always
    cleared = [one.code for one in exceptions if one.first_status == "auto_cleared"]
    assert f"`auto_cleared` for {', '.join(cleared)}." in text
    volume = [one.code for one in exceptions if one.is_volume_code]
    assert f"Of the volume codes ({volume[0]} to {volume[-1]})" in text


def test_control_codes_are_listed_and_each_has_its_remedy() -> None:
    controls = [*CONTROLS, "CONSERVATION_BROKEN"]
    assert list(codes_of("control")) == controls
    known = [exception_codes()[name] for name in controls]
    assert rows(section(REFERENCE / "exceptions.md", "## Control codes")) == [
        [f"`{one.code}`", one.meaning, one.cleared_when or ""] for one in known
    ]
    remedies = (ROOT / "docs/how-to/fix-a-blocked-month.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^## ([A-Z_]+)$", remedies, re.MULTILINE)) == sorted(controls)


def _models() -> dict[str, list[tuple[str, str]]]:
    models: dict[str, list[tuple[str, str]]] = {}
    for file in MARTS.rglob("*__models.yml"):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            models[model["name"]] = [(column["name"], column["data_type"]) for column in model["columns"]]
    return models


@pytest.mark.parametrize("name", ROW_ORDER)
def test_published_tables_page_lists_exactly_the_columns_that_dbt_enforces(name: str) -> None:
    listed = [
        (code(row[0]), code(row[1])) for row in rows(section(REFERENCE / "published-tables.md", f"## {name}"))
    ]
    assert listed == _models()[name]


def test_published_tables_page_says_of_restatements_what_their_columns_say_of_themselves() -> None:
    listed = [
        (code(row[0]), code(row[1]), row[2])
        for row in rows(section(REFERENCE / "published-tables.md", "## fct_restatement"))
    ]
    types = {name: kind.replace(", ", ",") for name, kind in columns_of_nothing().items()}
    assert listed == [(name, types[name], meaning) for name, meaning in MEANING.columns.items()]


@pytest.mark.parametrize("name", commands.list_commands(click.Context(commands)))
def test_cli_page_runs_the_help_of_every_command_and_shows_every_option(name: str) -> None:
    page = REFERENCE / "cli.md"
    assert f"mbr {name} --help" in [block.text for block in blocks(page)]
    shown = section(page, f"## mbr {name}")
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("-")]
    assert [option for option in options if option not in shown] == []


def _keys(document: dict[str, Any]) -> set[str]:
    found = set()
    for name, value in document.items():
        found.add(name)
        items = (
            value
            if isinstance(value, list)
            else [value]
            if isinstance(value, dict) and name == "clients"
            else []
        )
        found |= {f"{name}.{key}" for item in items if isinstance(item, dict) for key in item}
    return found


def test_gate_json_page_lists_every_key_of_a_real_gate_json(closed_october: Demo) -> None:
    found: set[str] = set()
    for file in closed_october.folder.glob("reports/*/2026-10/gate.json"):
        found |= _keys(json.loads(file.read_text(encoding="utf-8")))
    # no row of the demo is rejected, and no file superseded
    found |= {f"superseded.{key}" for key in ("path", "sha256", "bytes", "by")}
    found |= {f"rejected_rows.{key}" for key in ("file", "line", "column", "value", "reason")}
    assert {code(row[0]) for row in rows((REFERENCE / "gate-json.md").read_text(encoding="utf-8"))} == found


def test_gate_json_page_names_every_suite() -> None:
    text = (REFERENCE / "gate-json.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in SUITE_NAMES)


def test_the_folders_of_the_project_are_those_the_readme_maps() -> None:
    mapped = {code(row[0]).rstrip("/") for row in rows(section(ROOT / "README.md", "## Where things are"))}
    assert all((ROOT / Path(folder)).is_dir() for folder in mapped)
    assert {"connectors", "mbr_pipeline", "dbt_project", "expectations", "docs"} <= mapped


def test_settings_page_lists_every_key_of_a_store_with_its_default() -> None:
    listed = {
        code(row[0]): row[1] for row in rows(section(REFERENCE / "workspace-and-settings.md", "## Storage"))
    }
    assert listed == dict.fromkeys(Storage.model_fields, "none")
