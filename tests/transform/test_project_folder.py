"""Where what dbt compiles goes: beside the project in a checkout, into the user's cache otherwise.

Belongs here: the choice of the folder. That an installed MBR writes nowhere else is ``tests/packaging``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.transform import compiled_project, project_folder

FINGERPRINT = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("MBR_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def test_a_checkout_keeps_what_is_compiled_in_the_projects_target() -> None:
    assert (project_folder.PROJECT / "dbt_project.yml").is_file()
    assert project_folder.compiled_folder(FINGERPRINT) == project_folder.PROJECT / "target" / "mbr"


def test_an_installed_project_is_compiled_into_the_users_cache_by_fingerprint(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_folder, "PROJECT", project_folder._INSTALLED)
    assert project_folder.compiled_folder(FINGERPRINT) == home / ".cache" / "mbr" / "dbt" / "0123456789abcdef"
    assert project_folder.compiled_folder("f" * 64).name == "f" * 16


def test_the_variable_names_another_cache_in_both_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_CACHE_DIR", str(tmp_path / "elsewhere"))
    expected = tmp_path / "elsewhere" / "dbt" / "0123456789abcdef"
    assert project_folder.compiled_folder(FINGERPRINT) == expected
    monkeypatch.setattr(project_folder, "PROJECT", project_folder._INSTALLED)
    assert project_folder.compiled_folder(FINGERPRINT) == expected


def test_a_cache_that_cannot_be_made_is_one_line_that_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MBR_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(MbrError, match=r"^cannot make \S+, where dbt compiles to: .+ Set MBR_CACHE_DIR to"):
        compiled_project.dbt_project()


def test_another_version_of_dbt_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiled_project._fingerprint()
    assert compiled_project._fingerprint() == before
    monkeypatch.setattr(compiled_project, "version", lambda package: "0.0")
    assert compiled_project._fingerprint() != before
