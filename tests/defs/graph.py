"""The asset graph of the demo workspace as text, kept under review in ``graph.txt`` beside this file.

Belongs here: rendering the specs. After a wanted change, from the project's root: ``python -m
tests.defs.graph``, then read the difference like any other.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import dagster as dg

from mbr_pipeline.definitions import WorkspaceResource, build_definitions
from mbr_pipeline.scaffold.contents import demo_workspace
from mbr_pipeline.workspace.paths import WorkspacePaths

SNAPSHOT = Path(__file__).with_name("graph.txt")


def demo_definitions(root: Path) -> dg.Definitions:
    """Return the definitions of a workspace that has the demo's settings and nothing landed: the graph
    depends on no more.
    """
    (root / "mbr.yml").write_bytes(demo_workspace()["mbr.yml"])
    return build_definitions(WorkspaceResource(WorkspacePaths(root)))


def render(definitions: dg.Definitions) -> str:
    """Return one block per asset, sorted: key, group, kinds, what it depends on, its checks."""
    checks: dict[dg.AssetKey, list[str]] = {}
    for definition in definitions.resolve_asset_graph().assets_defs:
        for check in definition.check_specs:
            blocking = " (blocking)" if check.blocking else ""
            checks.setdefault(check.asset_key, []).append(f"{check.name}{blocking}")
    return "".join(
        f"{spec.key.to_user_string()}\n  group: {spec.group_name}\n  kinds: {', '.join(sorted(spec.kinds))}\n"
        + "".join(f"  dep: {name}\n" for name in sorted(dep.asset_key.to_user_string() for dep in spec.deps))
        + "".join(f"  check: {name}\n" for name in sorted(checks.get(spec.key, [])))
        for spec in sorted(definitions.resolve_all_asset_specs(), key=lambda spec: spec.key.to_user_string())
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        SNAPSHOT.write_text(render(demo_definitions(Path(folder))), encoding="utf-8")
    print(f"{SNAPSHOT} written: review the difference")
