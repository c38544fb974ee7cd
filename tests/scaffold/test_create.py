"""What ``mbr init`` does: a new folder gets its files, anything else is refused, and the empty workspace
explains itself.

Belongs here: promises about new folders and the empty workspace. Does not: what is in the demo
(``test_demo``, ``test_demo_answers``).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from connectors.datasets import DATASETS
from mbr_pipeline.scaffold.create import WorkspaceError, create_workspace
from mbr_pipeline.workspace.rules import load_rules
from mbr_pipeline.workspace.settings import Policies, Schedule, load_settings


@pytest.mark.parametrize("with_demo", [False, True])
def test_a_new_folder_gets_exactly_the_files_reported_in_path_order(tmp_path: Path, with_demo: bool) -> None:
    directory = tmp_path / "not" / "there" / "yet"

    written = create_workspace(directory, demo=with_demo)

    on_disk = [path for path in directory.rglob("*") if path.is_file()]
    assert sorted(written) == sorted(on_disk)
    assert [path.relative_to(directory).as_posix() for path in written] == sorted(
        path.relative_to(directory).as_posix() for path in on_disk
    )


@pytest.mark.parametrize("with_demo", [False, True])
def test_a_folder_that_holds_anything_even_hidden_is_refused_and_left_alone(
    tmp_path: Path, with_demo: bool
) -> None:
    (tmp_path / ".keep").write_text("mine")

    with pytest.raises(WorkspaceError, match="not empty") as refusal:
        create_workspace(tmp_path, demo=with_demo)

    assert "\n" not in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == [".keep"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(WorkspaceError, match="is a file"):
        create_workspace(tmp_path / "file", demo=False)


def test_a_folder_that_cannot_be_made_is_a_one_line_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(WorkspaceError, match="choose another folder") as refusal:
        create_workspace(tmp_path / "file" / "below", demo=False)

    assert "\n" not in str(refusal.value)


def test_the_empty_workspace_holds_headers_and_guides_but_no_data(tmp_path: Path) -> None:
    create_workspace(tmp_path, demo=False)

    files = {
        path.relative_to(tmp_path).as_posix(): path.read_text()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert set(files) == {
        "mbr.yml",
        "landing/README.md",
        "rules/README.md",
        "rules/my_msp/client_map.csv",
        "rules/my_msp/sku_map.csv",
        "rules/my_msp/metering.csv",
        "rules/my_msp/cost_list.csv",
        "rules/my_msp/accounting.csv",
        "rules/my_msp/contacts.csv",
    }
    assert files["rules/my_msp/client_map.csv"] == (
        "source,vendor_customer_id,client_id,valid_from,valid_to,note\n"
    )
    assert (
        files["rules/my_msp/sku_map.csv"]
        == "source,sku_id,term,product_code,units_per,valid_from,valid_to,note\n"
    )
    assert files["rules/my_msp/metering.csv"] == (
        "product_code,basis,minimum_quantity,markup_pct,margin_floor_pct,count_source\n"
    )
    assert (
        files["rules/my_msp/cost_list.csv"] == "source,sku_id,term,unit_cost,currency,valid_from,valid_to\n"
    )


def test_the_empty_settings_are_valid_declare_every_dataset_and_spell_out_the_defaults(
    tmp_path: Path,
) -> None:
    create_workspace(tmp_path, demo=False)

    settings = load_settings(tmp_path)
    written = yaml.safe_load((tmp_path / "mbr.yml").read_text())
    assert {dataset for _, dataset in settings.msps["my_msp"].declared()} == set(DATASETS)
    assert written["policies"] == {
        "materiality": "0.00",
        "rounding_tolerance": 1,
        "min_coverage_pct": "0",
        "four_eyes_above": {},
        "auto_approve": [],
    }
    assert set(written["policies"]) == set(Policies.model_fields)
    assert (settings.policies, settings.schedule) == (Policies(), Schedule())
    assert set(written["schedule"]) == set(Schedule.model_fields)
    assert {name: table.num_rows for name, table in load_rules(tmp_path, "my_msp").items()} == {
        "client_map": 0,
        "sku_map": 0,
        "metering": 0,
        "cost_list": 0,
    }


def test_every_setting_and_dataset_is_explained_in_a_comment(tmp_path: Path) -> None:
    create_workspace(tmp_path, demo=False)

    comments = re.findall(r"#.*", (tmp_path / "mbr.yml").read_text())
    text = "\n".join(comments)
    assert all(name in text for name in (*DATASETS, "msp_id", "datasets", "connector"))
    for setting in ("name", "materiality", "rounding_tolerance", "min_coverage_pct", "day", "hour"):
        assert re.search(rf"^ +{setting}: .*#", (tmp_path / "mbr.yml").read_text(), re.M), setting


def test_the_landing_guide_lists_every_canonical_column_and_marks_the_required_ones(tmp_path: Path) -> None:
    create_workspace(tmp_path, demo=False)

    chapters = dict(
        re.findall(r"^## (\w+)\n((?:- .*\n)+)", (tmp_path / "landing/README.md").read_text(), re.M)
    )
    listed = {name: re.findall(r"^- (\w+\*?)", body, re.M) for name, body in chapters.items()}
    assert listed["license_counts"] == [
        "vendor_customer_id*",
        "vendor_customer_name",
        "sku_id*",
        "sku_name",
        "as_of_date*",
        "entitled_quantity*",
        "assigned_quantity",
    ]
    assert {name: len(columns) for name, columns in listed.items()} == {
        "clients": 3,
        "products": 5,
        "vendor_invoices": 4,
        "vendor_charges": 17,
        "license_counts": 7,
        "agreements": 9,
        "invoice_lines": 15,
    }
