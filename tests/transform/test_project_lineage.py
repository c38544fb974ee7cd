"""Column lineage of the real project: every model, and spot checks read off the models.

Belongs here: what must hold of the project. Does not: how lineage is found (``test_column_lineage``).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from mbr_pipeline.ingest.raw_tables import raw_columns
from mbr_pipeline.transform.column_lineage import Lineage, column_lineage
from mbr_pipeline.transform.compiled_project import dbt_project


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """Return the real project's manifest, as it is compiled for months."""
    manifest: dict[str, Any] = json.loads(dbt_project().manifest_path.read_text(encoding="utf-8"))
    return manifest


@pytest.fixture(scope="module")
def real(project: dict[str, Any]) -> Lineage:
    return column_lineage(project, raw_columns())


CONSTANT = {
    "fct_line_dispositions.leg",  # 'vendor' or 'invoice'
}
"""Mart columns that are computed from no column."""


def test_every_model_of_the_project_resolves_and_every_source_is_known(
    project: dict[str, Any], real: Lineage
) -> None:
    assert real.unresolved == []
    assert sorted(source["name"] for source in project["sources"].values()) == sorted(raw_columns())


def test_every_declared_mart_column_has_a_lineage_unless_it_is_constant(
    project: dict[str, Any], real: Lineage
) -> None:
    models = {uid: node for uid, node in project["nodes"].items() if node["resource_type"] == "model"}
    marts = {uid: node for uid, node in models.items() if node["schema"] == "marts"}
    assert len(marts) == 15  # contract §6.5
    for unique_id, node in marts.items():
        assert list(real.columns[unique_id]) == list(node["columns"])
    empty = {
        f"{marts[uid]['name']}.{name}"
        for uid in marts
        for name, parents in real.columns[uid].items()
        if not parents
    }
    assert empty == CONSTANT


def test_every_pair_names_a_direct_parent_and_a_column_it_has(project: dict[str, Any], real: Lineage) -> None:
    known = {uid: set(columns) for uid, columns in real.columns.items()}
    known.update({uid: set(raw_columns()[source["name"]]) for uid, source in project["sources"].items()})
    known.update(
        {
            uid: set(node["columns"])
            for uid, node in project["nodes"].items()
            if node["resource_type"] == "seed"
        }
    )
    for unique_id, columns in real.columns.items():
        pairs = {pair for parents in columns.values() for pair in parents}
        assert {parent for parent, _ in pairs} <= set(project["nodes"][unique_id]["depends_on"]["nodes"])
        assert {(parent, column) for parent, column in pairs if column not in known[parent]} == set()


@pytest.mark.parametrize(
    ("column", "parents"),
    [
        # union of the two legs, each with its own amount
        ("fct_line_dispositions.amount", ["int_invoice_lines.amount", "int_vendor_lines.amount"]),
        # sums of one CTE each, joined to the clients by left joins that are no part of the value
        ("fct_variance_bridge.invoiced_amount", ["int_invoice_lines.invoiced_amount"]),
        (
            "fct_variance_bridge.classified_variance",
            ["fct_exceptions.client_recoverable", "fct_exceptions.client_refund"],
        ),
        ("dim_product.mapping_state", ["int_product_rules.is_landed", "stg_sku_map.product_code"]),
        ("fct_margin.source", ["int_key_variances.first_source", "int_key_variances.last_source"]),
        ("dim_product.vendor_backed", ["int_product_rules.is_vendor_backed"]),
    ],
)
def test_spot_checks_read_off_the_models(real: Lineage, column: str, parents: list[str]) -> None:
    name, _, column_name = column.partition(".")
    expected = [tuple(f"model.mbr.{parent}".rsplit(".", 1)) for parent in parents]
    assert real.columns[f"model.mbr.{name}"][column_name] == expected
