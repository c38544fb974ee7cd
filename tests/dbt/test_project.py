"""WorkspaceResource rules of the dbt project that dbt itself does not enforce.

Belongs here: what every model must have or must not contain, read from the files. What a model computes is
its unit tests'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mbr_pipeline.exception_codes import exception_codes

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
MARTS = [path for path in MODELS if "marts" in path.parts]
STAGING = [path for path in MODELS if "staging" in path.parts]
CALCULATING = [path for path in MODELS if "staging" not in path.parts]


@cache
def entries(kind: str) -> list[dict[str, Any]]:
    """All entries of one kind (``models``, ``seeds``, ``unit_tests``) in the YAML files beside the models
    and seeds.
    """
    files = [*sorted((PROJECT / "models").rglob("*.yml")), *sorted((PROJECT / "seeds").rglob("*.yml"))]
    return [
        entry
        for file in files
        for entry in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get(kind) or []
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


def described(kind: str) -> dict[str, dict[str, Any]]:
    """Models, seeds or source tables by schema and name, as their YAML describes them."""
    if kind == "sources":
        return {
            f"{source['schema']}.{table['name']}": table
            for source in entries("sources")
            for table in source["tables"]
        }
    if kind == "seeds":
        return {f"seeds.{entry['name']}": entry for entry in entries("seeds")}
    layer = {path.stem: path.relative_to(PROJECT / "models").parts[0] for path in MODELS}
    return {f"{layer[entry['name']]}.{entry['name']}": entry for entry in entries("models")}


@pytest.mark.parametrize("path", MODELS, ids=names(MODELS))
def test_every_model_says_what_a_row_of_it_is(path: Path) -> None:
    header = re.match(r"-- \S.{20,}", path.read_text(encoding="utf-8"))
    assert header, f"{path.name} has no header comment"
    assert path.stem in {entry["name"] for entry in entries("models")}, (
        f"{path.name} is not described in YAML"
    )


@pytest.mark.parametrize("kind", ["sources", "seeds", "models"])
def test_every_table_and_every_column_is_described_and_exists(
    kind: str, columns: Mapping[str, Sequence[str]]
) -> None:
    schemas = {"sources": {"raw"}, "seeds": {"seeds"}, "models": {"staging", "intermediate", "marts"}}[kind]
    built = {
        name: list(table)
        for name, table in columns.items()
        if name.split(".")[0] in schemas and name != "raw.rejects"
    }
    assert {
        name: [column["name"] for column in entry["columns"]] for name, entry in described(kind).items()
    } == built


@pytest.mark.parametrize("kind", ["sources", "seeds", "models"])
def test_a_description_is_plain_english_that_stands_alone(kind: str) -> None:
    for name, entry in described(kind).items():
        for about, text in [(name, entry.get("description"))] + [
            (f"{name}.{column['name']}", column.get("description")) for column in entry["columns"]
        ]:
            assert text and len(text.split()) > 1, f"{about} has no description"
            assert text.strip().endswith("."), f"{about}: {text}"
            assert not re.search(r"ontract|§|ARCHITECTURE|FORMATS|\bP\b|\bU_", text), f"{about}: {text}"


def test_models_of_findings_share_the_declared_columns() -> None:
    declared = re.findall(
        r"\w+",
        (PROJECT / "macros" / "findings.sql").read_text(encoding="utf-8").split("%}")[1].split("{%")[0],
    )
    assert "exception_code" in declared
    findings = [path.stem for path in MODELS if re.fullmatch(r"int_\w+_(findings|sentences)", path.stem)]
    assert len(findings) > 7
    for name in findings:
        entry = described("models")[f"intermediate.{name}"]
        assert [column["name"] for column in entry["columns"]][: len(declared)] == declared, name


def test_findings_are_assembled_by_name() -> None:
    for path in MODELS:
        if "finding_columns()" in path.read_text(encoding="utf-8"):
            assert not re.search(r"union all(?! by name)", code(path)), path.name


def test_volume_codes_are_tried_in_the_order_of_the_seed() -> None:
    text = (PROJECT / "models/intermediate/findings/int_volume_findings.sql").read_text(encoding="utf-8")
    tried = re.findall(r"(?:then|else) '([A-Z_]+)'", text)
    assert tried == [one.code for one in exception_codes().values() if one.is_volume_code]


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
def test_every_column_of_a_mart_has_an_exact_type(path: Path) -> None:
    for column in described("models")[f"marts.{path.stem}"]["columns"]:
        assert column.get("data_type"), f"{path.stem}.{column['name']} has no data_type"
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
