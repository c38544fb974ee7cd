"""WorkspaceResource rules of the dbt project that dbt itself does not enforce.

Belongs here: what every model must have or must not contain, read from the files. What a model computes is
its unit tests'.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
MARTS = [path for path in MODELS if "marts" in path.parts]
STAGING = [path for path in MODELS if "staging" in path.parts]
CALCULATING = [path for path in MODELS if "staging" not in path.parts]


@cache
def entries(kind: str) -> list[dict[str, Any]]:
    """All entries of one kind (``models``, ``unit_tests``) in the YAML files beside the models."""
    files = sorted((PROJECT / "models").rglob("*.yml"))
    return [
        entry
        for file in files
        for entry in (yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) or {}).get(kind) or []
    ]


def code(path: Path) -> str:
    """The SQL of a model in lower case, without comments and quoted texts: only what is executed."""
    text = path.read_text(encoding="utf-8")
    for noise in (r"\{#.*?#\}", r"--[^\n]*", r"'(?:[^']|'')*'"):
        text = re.sub(noise, " ", text, flags=re.DOTALL)
    return text.lower()


def names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


def test_the_project_has_models_in_every_layer() -> None:
    assert len(STAGING) >= 10
    assert len(MARTS) >= 10
    assert len(CALCULATING) > len(MARTS)


@pytest.mark.parametrize("path", MODELS, ids=names(MODELS))
def test_every_model_says_what_a_row_of_it_is(path: Path) -> None:
    described = {entry["name"] for entry in entries("models") if str(entry.get("description", "")).strip()}
    header = re.match(r"-- \S.{20,}", path.read_text(encoding="utf-8"))
    assert header or path.stem in described, f"{path.name} has neither a header comment nor a description"


def test_marts_have_an_enforced_contract() -> None:
    config = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert config["models"]["mbr"]["marts"]["+contract"] == {"enforced": True}
    for path in MARTS:
        assert "contract" not in code(path), f"{path.name} overrides the contract of its layer"
    for entry in entries("models"):
        assert "contract" not in entry.get("config", {}), (
            f"{entry['name']} overrides the contract of its layer"
        )


@pytest.mark.parametrize("path", MARTS, ids=names(MARTS))
def test_every_column_of_a_mart_has_a_type_and_a_meaning(path: Path) -> None:
    described = {entry["name"]: entry for entry in entries("models")}
    assert path.stem in described
    columns = described[path.stem]["columns"]
    assert columns
    for column in columns:
        assert column.get("data_type"), f"{path.stem}.{column['name']} has no data_type"
        assert str(column.get("description", "")).strip(), f"{path.stem}.{column['name']} has no description"
        assert not re.search(r"float|double|real", column["data_type"]), (
            f"{path.stem}.{column['name']} is floating point"
        )


@pytest.mark.parametrize("path", MODELS, ids=names(MODELS))
def test_no_model_touches_floating_point(path: Path) -> None:
    found = re.search(r"\b(?:float[48]?|double|real)\b|\bavg\s*\(|\bmean\s*\(|\bstddev\w*\s*\(", code(path))
    assert not found, f"{path.name}: {found and found.group()} is floating point"


@pytest.mark.parametrize("path", MODELS, ids=names(MODELS))
def test_no_model_divides_or_rounds_outside_the_exact_macros(path: Path) -> None:
    # DuckDB divides DECIMALs in floating point and round() is not half-up on all types; // on integers is
    # exact
    found = re.search(r"(?<!/)/(?!/)|\bround\s*\(|\bfdiv\s*\(|\bdivide\s*\(", code(path))
    assert not found, f"{path.name}: {found and found.group()} is not exact, use macros/exact.sql"


@pytest.mark.parametrize("path", STAGING, ids=names(STAGING))
def test_staging_only_renames_and_casts(path: Path) -> None:
    found = re.search(
        r"\bjoin\b|\bgroup\s+by\b|\bdistinct\b|\bunion\b|\bover\s*\(|\b(?:sum|min|max|count|any_value|list)\s*\(",
        code(path),
    )
    assert not found, f"{path.name}: {found and found.group()} belongs in an intermediate model"
    assert "{{ source(" in path.read_text(encoding="utf-8")
    assert "ref(" not in code(path)


@pytest.mark.parametrize("path", CALCULATING, ids=names(CALCULATING))
def test_every_calculating_model_has_a_unit_test(path: Path) -> None:
    assert path.stem in {entry["model"] for entry in entries("unit_tests")}


def test_every_unit_test_says_where_its_values_come_from() -> None:
    for entry in entries("unit_tests"):
        assert re.search(r"§\d", entry.get("description", "")), (
            f"{entry['name']} names no section of the contract"
        )
