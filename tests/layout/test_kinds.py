"""Every test has one kind, so that `make check` and `make test` leave none out.

Belongs here: the rules of ``tests.support.kinds``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.support.kinds import KINDS, ORDER, STARTS_FIRST, is_left_out, kind_of, place

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("path", "fixtures", "names", "kind"),
    [
        ("tests/test_periods.py", (), (), "unit"),
        ("tests/test_periods.py", ("tmp_path", "transformer"), (), "e2e"),
        ("tests/publish/test_versions.py", ("tmp_path",), (), "integration"),
        ("tests/publish/test_column_types.py", ("closed_demo",), (), "e2e"),
        ("tests/e2e/test_small_month.py", ("transformer",), (), "smoke"),
        ("tests/e2e/test_kill.py", (), (), "e2e"),
        ("tests/worlds/test_campaign.py", ("transformer",), (), "worlds"),
        ("tests/packaging/test_wheel.py", (), (), "slow"),
        ("tests/serve/test_in_chromium.py", ("tmp_path",), ("opened", "pytest"), "e2e"),
    ],
)
def test_a_test_is_what_its_place_and_what_it_uses_say(
    path: str, fixtures: tuple[str, ...], names: tuple[str, ...], kind: str
) -> None:
    assert kind_of(path, fixtures, names) == kind


@pytest.mark.parametrize(
    ("path", "expression", "is_out"),
    [
        ("tests/worlds/test_campaign.py", "unit or smoke", True),
        ("tests/worlds/test_campaign.py", "worlds", False),
        ("tests/worlds/test_campaign.py", "not unit", False),
        ("tests/worlds/test_campaign.py", "", False),
        ("tests/publish/test_versions.py", "unit or smoke", True),
        # one of its tests may run dbt
        ("tests/publish/test_versions.py", "e2e", False),
        ("tests/test_periods.py", "e2e", False),
        ("tests/test_periods.py", "unit", False),
        ("tests/test_periods.py", "worlds", True),
    ],
)
def test_a_file_of_which_no_test_is_asked_for_is_not_read(path: str, expression: str, is_out: bool) -> None:
    assert is_left_out(path, expression) is is_out


def test_the_kinds_are_the_markers_and_every_path_is_there() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    markers = {marker.partition(":")[0] for marker in settings["tool"]["pytest"]["ini_options"]["markers"]}
    assert markers == set(ORDER) == {*KINDS.values(), "unit"}
    assert [path for path in (*KINDS, *STARTS_FIRST) if not (ROOT / path).exists()] == []


def test_the_test_at_hand_carries_its_kind(request: pytest.FixtureRequest) -> None:
    assert [marker.name for marker in request.node.iter_markers() if marker.name in ORDER] == ["unit"]


def test_long_files_come_first_and_quick_ones_last() -> None:
    paths = ["tests/test_periods.py", "tests/bench/test_bench.py", *STARTS_FIRST[::-1], "tests/worlds/a.py"]
    ordered = sorted(paths, key=lambda path: place(path, kind_of(path, ())))
    assert ordered == [
        *STARTS_FIRST,
        "tests/worlds/a.py",
        "tests/bench/test_bench.py",
        "tests/test_periods.py",
    ]
