"""Field cases about maps, with the right answers of whoever sent them: ids in two cases, own licences.

Belongs here: workspaces of ``cases`` as they came, through the pipeline. Does not: the rules themselves in
made-up months (``tests/worlds/corner_months``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.worlds.compare import run_month
from tests.worlds.corners import Outcome

CASES = Path(__file__).with_name("cases")
Close = Callable[[str], Outcome]


@pytest.fixture
def close(tmp_path: Path, transformer: Transformer) -> Close:
    """Copies a case and closes its October; a case may be changed in ``tmp_path`` and closed again."""

    def closed(case: str) -> Outcome:
        if not (tmp_path / "mbr.yml").exists():
            shutil.copytree(CASES / case, tmp_path, dirs_exist_ok=True)
        return Outcome(*run_month(tmp_path, "acme", "2026-10", transformer))

    return closed


def test_a_customer_in_capitals_is_the_one_of_the_bill(close: Close) -> None:
    result = close("09-guid-capitals")
    assert (result.document["gate"], result.codes()) == ("passed", [])
    key = result.key("M365BP")
    assert (key["client_id"], key["verdict"], key["expected_quantity"]) == ("C1", "matched", 5)


def test_own_licences_are_nobodys_refund_and_their_cost_is_shown(close: Close, tmp_path: Path) -> None:
    result = close("25-own-licences")
    assert result.codes() == ["UNMAPPED_CUSTOMER"]
    assert result.found("UNMAPPED_CUSTOMER")["priced_at_cost"] == 75
    with (tmp_path / "rules/acme/client_map.csv").open("a", encoding="utf-8") as rules:
        rules.write("v,OWN,!internal,,\n")
    result = close("25-own-licences")
    assert (result.document["gate"], result.codes()) == ("passed", [])
    assert result.key("BP")["verdict"] == "matched"
    assert [result.reason(line) for line in "123"] == [("matched", None), *[("excluded", "internal")] * 2]
    [shown] = result.rows("fct_control_totals", control="excluded")
    assert (shown["source"], shown["scope"], shown["actual"]) == ("v", "internal USD", Decimal(75))
    assert shown["message"] == (
        "2 vendor lines of own seats (!internal), 75.00 USD in the month: billed to nobody"
    )


def test_own_services_are_compared_with_nothing_before_they_are_mapped(close: Close, tmp_path: Path) -> None:
    """Twenty-five clients are sold the MSP's own service desk at 1,180.00: no refund of 29,500.00."""
    shutil.copytree(CASES / "25-own-licences", tmp_path, dirs_exist_ok=True)
    landed = tmp_path / "landing/acme/2026-10/psa"
    clients = [f"D{n}" for n in range(25)]
    with (landed / "clients.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{client},Client {client}\n" for client in clients)
    with (landed / "products.csv").open("a", encoding="utf-8") as file:
        file.write("DESK,Service desk,true,1180.00,USD\n")
    with (landed / "invoice_lines.csv").open("a", encoding="utf-8") as file:
        line = "D-{0},J-{0},{0},DESK,1,1180.00,1180.00,USD,2026-10-01,2026-11-01,,recurring\n"
        file.writelines(line.format(client) for client in clients)
    result = close("25-own-licences")
    assert result.codes() == ["UNMAPPED_CUSTOMER", "UNMAPPED_PRODUCT"]
    keys = result.rows("fct_reconciliation", product_code="DESK")
    assert [(row["verdict"], row["volume_variance"]) for row in keys] == [("unreconciled", 0)] * 25
    assert "Is it a vendor's?" in result.found("UNMAPPED_PRODUCT", product_code="DESK")["explanation"]
    # the answer: our own
    products = landed / "products.csv"
    products.write_text(products.read_text().replace("DESK,Service desk,true", "DESK,Service desk,false"))
    with (landed / "agreements.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"S-{c},S,{c},DESK,1,1180.00,USD,2026-01-01,\n" for c in clients)
    result = close("25-own-licences")
    assert {row["verdict"] for row in result.rows("fct_reconciliation", product_code="DESK")} == {"matched"}
