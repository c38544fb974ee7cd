"""What users read cites no rule page of ours: the Dagster UI, dbt's documentation, the report, the terminal.

Belongs here: words that must not be shown, looked for in the texts as they are shown. Does not: what those
texts say.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import dagster as dg

from mbr_pipeline.cli import commands
from mbr_pipeline.transform.compiled_project import dbt_project
from tests.defs.graph import demo_definitions
from tests.docs.pages import ROOT
from tests.support.demo import Demo

_OURS = re.compile(r"(?i:\bcontract'?s?\b)|\bARCHITECTURE\b|\bFORMATS\b")
_CITATION = re.compile(r"§\s?\d")
# words of vendors' headings and of an invented catalogue, where a contract is one with a client
_OF_THE_FIELD = (
    "mbr_pipeline/profiling/words/synonyms.py",
    "mbr_pipeline/profiling/words/concepts.py",
    "mbr_pipeline/profiling/columns/documents.py",
    "mbr_pipeline/profiling/doubts/counts.py",
    "mbr_pipeline/profiling/by_rows/days.py",
    "mbr_pipeline/profiling/by_rows/parties.py",
    "mbr_pipeline/profiling/which_rows/taken_back.py",
    "mbr_pipeline/scaffold/world/catalogue.py",
)


def _told(texts: Iterator[tuple[str, str | None]], *words: re.Pattern[str]) -> tuple[list[str], int]:
    """Which texts say one of the words, and how many texts there are."""
    shown = [(where, text) for where, text in texts if text]
    return [where for where, text in shown if any(word.search(text) for word in words)], len(shown)


def _dagster(definitions: dg.Definitions) -> Iterator[tuple[str, str | None]]:
    for assets in definitions.resolve_asset_graph().assets_defs:
        yield from ((spec.key.to_user_string(), spec.description) for spec in assets.specs)
        yield from (
            (f"check {check.key.to_user_string()}", check.description) for check in assets.check_specs
        )
    repository = definitions.get_repository_def()
    yield from ((f"job {job.name}", job.description) for job in repository.get_all_jobs())
    yield from ((f"schedule {one.name}", one.description) for one in repository.schedule_defs)
    yield from ((f"sensor {one.name}", one.description) for one in repository.sensor_defs)


def _dbt() -> Iterator[tuple[str, str | None]]:
    manifest = json.loads(dbt_project().manifest_path.read_text(encoding="utf-8"))
    for kind in ("nodes", "sources", "macros", "docs", "exposures", "metrics"):
        for name, node in manifest.get(kind, {}).items():
            if node.get("package_name") == "mbr":
                yield name, node.get("description")
                yield from (
                    (f"{name}.{column['name']}", column["description"])
                    for column in (node.get("columns") or {}).values()
                )


def _unit_tests() -> Iterator[tuple[str, str | None]]:
    manifest = json.loads(dbt_project().manifest_path.read_text(encoding="utf-8"))
    yield from ((name, test["description"]) for name, test in manifest["unit_tests"].items())


def _commands(command: click.Command, path: str = "mbr") -> Iterator[tuple[str, str | None]]:
    context = click.Context(command, info_name=path)
    yield path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below
            yield from _commands(below, f"{path} {name}")


def _templates() -> Iterator[tuple[str, str | None]]:
    found = (ROOT / "mbr_pipeline").rglob("templates/**/*")
    for file in sorted(path for path in found if path.is_file()):
        text = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        yield str(file.relative_to(ROOT)), text


def test_the_dagster_ui_cites_no_page_of_ours(tmp_path: Path) -> None:
    wrong, read = _told(_dagster(demo_definitions(tmp_path)), _OURS, _CITATION)
    assert wrong == []
    assert read > 100


def test_dbts_documentation_cites_no_page_of_ours() -> None:
    wrong, read = _told(_dbt(), _OURS, _CITATION)
    assert wrong == []
    assert read > 200


def test_dbts_unit_tests_say_their_section_and_no_page_of_ours() -> None:
    wrong, read = _told(_unit_tests(), _OURS)
    assert wrong == []
    assert read > 50


def test_the_help_of_every_command_cites_no_page_of_ours() -> None:
    wrong, read = _told(_commands(commands), _OURS, _CITATION)
    assert wrong == []
    assert read > 15


def test_the_templates_of_the_report_cite_no_page_of_ours() -> None:
    wrong, read = _told(_templates(), _OURS, _CITATION)
    assert wrong == []
    assert read > 2


def test_the_report_and_summary_of_a_month_cite_no_page_of_ours(closed_october: Demo) -> None:
    pages = (
        (str(file), file.read_text(encoding="utf-8"))
        for file in closed_october.folder.glob("reports/*/*/*.*")
    )
    wrong, read = _told(pages, _OURS, _CITATION)
    assert wrong == []
    assert read > 4
    assert not _OURS.search(closed_october.printed)


def _messages(file: Path) -> Iterator[tuple[str, str | None]]:
    """The texts in a module that are no docstring: whatever of it is shown is among them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield f"{file.relative_to(ROOT)}:{node.lineno}", node.value


def test_no_message_cites_a_page_of_ours() -> None:
    files = [
        file
        for package in ("connectors", "expectations", "mbr_pipeline")
        for file in (ROOT / package).rglob("*.py")
    ]
    texts = (text for file in files if not str(file).endswith(_OF_THE_FIELD) for text in _messages(file))
    wrong, read = _told(texts, _OURS, _CITATION)
    assert wrong == []
    assert read > 1000
