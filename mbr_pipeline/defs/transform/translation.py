"""dbt's manifest as assets and checks, by dagster-dbt.

What belongs here: what dagster-dbt makes of the project, and our names for it. What does not: keeping it, so
that dagster-dbt, which imports dbt, is needed only when the project changes (``kept_specs``).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from mbr_pipeline.defs.metadata import OWNERS


class Translator(DagsterDbtTranslator):
    """Names assets by layer and model (docs/development/naming.md)."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return ``<layer>/<model>`` for models and ``seeds/<name>``; sources carry their key
        in their own file.
        """
        if dbt_resource_props["resource_type"] in ("model", "seed"):
            return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Group models by step, so that the graph reads from left to right: the three legs are one step."""
        layer, subjects = _layer(dbt_resource_props), dbt_resource_props["fqn"][2:-1]
        if layer != "intermediate":
            return layer
        return (
            "legs" if subjects[0] in ("mapping", "charges", "entitlements", "invoices") else str(subjects[0])
        )

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Return the owning team."""
        return OWNERS

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the description in the YAML beside the model, without the SQL that dagster-dbt would add."""
        return str(dbt_resource_props["description"])


def _layer(dbt_resource_props: Mapping[str, Any]) -> str:
    return "seeds" if dbt_resource_props["resource_type"] == "seed" else str(dbt_resource_props["fqn"][1])


def translated(manifest: Path) -> dg.AssetsDefinition:
    """Return the models of a manifest as assets and their tests as checks, but for those of the gate."""

    @dbt_assets(
        manifest=manifest,
        exclude="tag:gated",
        name="translated",
        dagster_dbt_translator=Translator(DagsterDbtTranslatorSettings(enable_asset_checks=True)),
    )
    def never_run() -> Iterator[Any]:
        yield from ()  # what runs is mbr_pipeline.defs.transform

    return never_run
