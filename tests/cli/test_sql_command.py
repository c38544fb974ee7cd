"""`mbr sql`: what is refused before it is asked, and that JSON is JSON and loses no column.

Belongs here: ``mbr_pipeline.cli.sql`` on a publication with nothing in it. Does not: the publication itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.cli.sql import query_command
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.workspace.paths import WorkspacePaths


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspacePaths:
    paths = WorkspacePaths(tmp_path)
    paths.published.mkdir()
    refresh_catalogue(paths)
    return paths


@pytest.fixture
def as_json(workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Any]:
    """Asks for JSON and reads it as strictly as other programs do."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    def _as_json(text: str) -> Any:
        query_command(workspace, text, "json")
        return json.loads(capsys.readouterr().out, parse_constant=refuse)

    return _as_json


@pytest.mark.parametrize("text", ["", " ", ";", "-- only a comment\n"])
def test_no_query_is_an_error_that_says_what_to_write(text: str, workspace: WorkspacePaths) -> None:
    with pytest.raises(
        ConfigError, match='the query is empty: write one, such as "select \\* from fct_exceptions"'
    ):
        query_command(workspace, text, "table")


def test_numbers_that_json_does_not_know_are_text(as_json: Callable[[str], Any]) -> None:
    found = as_json(
        "select 'inf'::double a, '-inf'::float b, 'nan'::double c, 1.5::double d, ['nan'::double, 2] e, {'x':"
        " 'inf'::double} f, map {date '2026-10-01': 'inf'::double} g"
    )
    assert found == [
        {
            "a": "Infinity",
            "b": "-Infinity",
            "c": "NaN",
            "d": 1.5,
            "e": ["NaN", 2.0],
            "f": {"x": "Infinity"},
            "g": {"2026-10-01": "Infinity"},
        }
    ]


def test_columns_of_one_name_are_numbered_and_none_is_lost(as_json: Callable[[str], Any]) -> None:
    assert as_json("select 1 a, 2 a, 3 a_2, 4 b, 5 a") == [{"a": 1, "a_3": 2, "a_2": 3, "b": 4, "a_4": 5}]
    assert as_json("select 0.10::decimal(9,2) m, null n, date '2026-10-01' d") == [
        {"m": "0.10", "n": None, "d": "2026-10-01"}
    ]


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_a_number_has_no_exponent(
    output: str, workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    query = (
        "select 0::decimal(38, 12) a, -0.000000000012::decimal(38, 12) b, 0::decimal(28, 4) c,"
        " 2.5::decimal(9, 2) d"
    )
    query_command(workspace, query, output)
    printed = capsys.readouterr().out
    figures = (
        json.loads(printed)[0].values()
        if output == "json"
        else printed.splitlines()[1].replace(",", " ").split()
    )
    assert list(figures) == ["0", "-0.000000000012", "0.0000", "2.50"]


HOSTILE = "a\x1b[2J\x07\x9b\u202e\U000e0041\u200dé\u00a0\n\tz"


def test_json_escapes_what_a_terminal_obeys_and_loses_nothing(
    workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    query_command(workspace, f"select '{HOSTILE}' as x", "json")
    printed = capsys.readouterr().out
    assert json.loads(printed) == [{"x": HOSTILE}]
    assert "a\\u001b[2J\\u0007\\u009b\\u202e\\udb40\\udc41\u200dé\u00a0\\n\\tz" in printed


def test_csv_writes_out_what_a_terminal_obeys_also_in_headings(
    workspace: WorkspacePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    query_command(workspace, f"select '{HOSTILE}' as \"h\x1bh\", 1.50 as n, null as e", "csv")
    assert capsys.readouterr().out == (
        'h\\x1bh,n,e\n"a\\x1b[2J\\x07\\x9b\\x202e\\xe0041\u200dé\u00a0\n\tz",1.50,\n'
    )
