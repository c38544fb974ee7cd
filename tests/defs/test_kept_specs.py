"""The assets and checks kept as a file are those that dagster-dbt makes of the project.

Belongs here: ``mbr_pipeline.defs.transform.kept_specs``. Does not: what the graph should be (``graph.txt``).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import dagster as dg

from mbr_pipeline.defs.transform import kept_specs
from mbr_pipeline.defs.transform.translation import translated
from mbr_pipeline.transform.compiled_project import DbtProject, dbt_project


def _without_the_library(spec: dg.AssetSpec) -> dg.AssetSpec:
    own = {k: v for k, v in spec.metadata.items() if k not in kept_specs._OF_THE_LIBRARY}
    return spec.replace_attributes(metadata=own)


def test_what_is_read_is_what_dagster_dbt_makes_and_another_project_is_translated_anew(
    tmp_path: Path,
) -> None:
    real = dbt_project()
    made = translated(real.manifest_path)
    shutil.copy(real.manifest_path, tmp_path / "manifest.json")
    project = DbtProject(tmp_path, "of today")
    for _ in range(2):  # made, then read
        assets, checks = kept_specs.specs_of(project)
        assert assets == [_without_the_library(spec) for spec in made.specs]
        assert checks == list(made.check_specs)
    kept = json.loads((tmp_path / "specs.json").read_text(encoding="utf-8"))
    (tmp_path / "specs.json").write_text(json.dumps({**kept, "assets": kept["assets"][:1]}), encoding="utf-8")
    assert len(kept_specs.specs_of(project)[0]) == 1
    assert kept_specs.specs_of(DbtProject(tmp_path, "of tomorrow"))[0] == assets
