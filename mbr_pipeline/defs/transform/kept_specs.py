"""The specifications of dbt's assets and checks, kept as a file beside the prepared project.

What belongs here: writing them when there are none of this project and these versions, and reading them. What
does not: making them (``translation``). Importing dagster-dbt, and dbt with it, takes two seconds of every
process that wants the graph.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg

from mbr_pipeline.storage.atomic_files import write_json
from mbr_pipeline.transform.compiled_project import DbtProject

_OF_THE_LIBRARY = ("dagster_dbt/manifest", "dagster_dbt/dagster_dbt_translator")
"""What dagster-dbt hands to itself: the manifest again with every asset."""


def specs_of(project: DbtProject) -> tuple[list[dg.AssetSpec], list[dg.AssetCheckSpec]]:
    """Return the assets and checks of the prepared project, made anew if they are of another project, or of
    other versions.
    """
    path, made_of = project.folder / "specs.json", _made_of(project)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if kept.get("made_of") != made_of:
        from mbr_pipeline.defs.transform.translation import translated  # noqa: PLC0415 - imports dbt

        made = translated(project.manifest_path)
        kept = {
            "made_of": made_of,
            "assets": [_written(spec) for spec in made.specs],
            "checks": [_written_check(spec) for spec in made.check_specs],
        }
        write_json(path, kept)
    return [_read(each) for each in kept["assets"]], [_read_check(each) for each in kept["checks"]]


def _made_of(project: DbtProject) -> list[str]:
    code = (Path(__file__).with_name(name).read_bytes() for name in ("translation.py", "kept_specs.py"))
    return [
        project.fingerprint,
        *(sha256(text).hexdigest() for text in code),
        *(version(name) for name in ("dagster", "dagster-dbt")),
    ]


def _written(spec: dg.AssetSpec) -> dict[str, Any]:
    return {
        "key": spec.key.path,
        "deps": [_written_dep(dep) for dep in spec.deps],
        "description": spec.description,
        "metadata": _written_metadata(spec.metadata),
        "group_name": spec.group_name,
        "skippable": spec.skippable,
        "code_version": spec.code_version,
        "owners": list(spec.owners),
        "tags": dict(spec.tags),
    }


def _read(kept: Mapping[str, Any]) -> dg.AssetSpec:
    own = {"key": dg.AssetKey(kept["key"]), "deps": _deps(kept["deps"]), "metadata": _metadata(kept)}
    return dg.AssetSpec(**{**kept, **own})


def _written_check(spec: dg.AssetCheckSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "asset": spec.asset_key.path,
        "description": spec.description,
        "additional_deps": [_written_dep(dep) for dep in spec.additional_deps],
        "blocking": spec.blocking,
        "metadata": _written_metadata(spec.metadata or {}),
    }


def _read_check(kept: Mapping[str, Any]) -> dg.AssetCheckSpec:
    own = {
        "asset": dg.AssetKey(kept["asset"]),
        "additional_deps": _deps(kept["additional_deps"]),
        "metadata": _metadata(kept),
    }
    return dg.AssetCheckSpec(**{**kept, **own})


def _written_dep(dep: dg.AssetDep) -> dict[str, Any]:
    return {"asset": dep.asset_key.path, "metadata": _written_metadata(dep.metadata or {})}


def _deps(kept: Iterable[Mapping[str, Any]]) -> list[dg.AssetDep]:
    return [dg.AssetDep(dg.AssetKey(dep["asset"]), metadata=_metadata(dep)) for dep in kept]


def _written_metadata(metadata: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: dg.serialize_value(value) for name, value in metadata.items() if name not in _OF_THE_LIBRARY
    }


def _metadata(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dg.deserialize_value(value) for name, value in kept["metadata"].items()}
