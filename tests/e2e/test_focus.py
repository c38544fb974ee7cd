"""Five hundred real rows of a cloud bill, from the file the vendor exports to the client's amount (FOCUS 1.0,
contract §4, §5).

Belongs here: the FinOps Foundation's sample (CC-BY-4.0) through the whole pipeline, held against sums made
here from the CSV alone. Does not: how a FOCUS row is read (tests/connectors).
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.launching import rows
from tests.support.small import write

SAMPLE = Path(__file__).resolve().parents[3] / "shared/samples/focus/focus_1_0_sample.csv"
PERIOD = "2024-09"
SETTINGS = """\
msps:
  acme:
    name: Acme
    sources:
      cloud: {datasets: [vendor_charges], connector: focus}
      psa: {datasets: [clients, products, invoice_lines]}
"""
CENT = Decimal("0.01")

pytestmark = pytest.mark.skipif(
    not SAMPLE.exists(), reason=f"the FOCUS sample is not at {SAMPLE}: it is not part of the project"
)


@pytest.fixture(scope="module")
def bill() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def _client(sub_account: str) -> str:
    """Two sub-accounts in three share a client, so that amounts of several are summed before they are
    rounded.
    """
    return f"C-{sum(sub_account.encode()) % 9}"


def _workspace(root: Path, bill: list[dict[str, str]], is_mapped: bool) -> Path:
    write(root / "mbr.yml", SETTINGS)
    landing = root / "landing/acme" / PERIOD
    write(landing / "cloud/vendor_charges.csv", SAMPLE.read_text(encoding="utf-8"))
    clients = sorted({_client(row["SubAccountId"]) for row in bill})
    write(
        landing / "psa/clients.csv", "client_id,client_name\n" + "".join(f"{c},Client {c}\n" for c in clients)
    )
    write(landing / "psa/products.csv", "product_code,product_name,currency\nCLOUD,Cloud usage,USD\n")
    header = (
        "invoice_line_id,invoice_id,client_id,product_code,quantity,unit_price,amount,currency,"
        "service_period_start,service_period_end"
    )
    lines = "".join(f"L-{c},I-{c},{c},CLOUD,1,1.00,1.00,USD,2024-09-01,2024-10-01\n" for c in clients)
    write(landing / "psa/invoice_lines.csv", f"{header}\n{lines}")
    if is_mapped:
        accounts = sorted({row["SubAccountId"] for row in bill})
        skus = sorted({row["SkuId"] for row in bill})
        maps = "".join(f"cloud,{account},{_client(account)}\n" for account in accounts)
        write(root / "rules/acme/client_map.csv", f"source,vendor_customer_id,client_id\n{maps}")
        write(
            root / "rules/acme/sku_map.csv",
            "source,sku_id,product_code\n" + "".join(f"cloud,{s},CLOUD\n" for s in skus),
        )
        write(root / "rules/acme/metering.csv", "product_code,basis,markup_pct\nCLOUD,cost_plus,15\n")
    return root


def _closed(root: Path, transformer: Transformer) -> dict[str, list[Any]]:
    month = MonthlyClose.of(WorkspacePaths(root), "acme", PERIOD)
    month.load()
    assert all(node.succeeded for node in month.transform(transformer))
    document = month.audit()
    assert (document["gate"], document["residual"]) == ("passed", "0.00"), document["reasons"]
    month.publish()
    names = ("fct_line_dispositions", "fct_exceptions", "fct_reconciliation")
    return {name: rows(month.paths.published / f"{name}.parquet") for name in names}


@pytest.fixture(scope="module")
def unmapped(
    bill: list[dict[str, str]], transformer: Transformer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Any]]:
    return _closed(_workspace(tmp_path_factory.mktemp("unmapped"), bill, is_mapped=False), transformer)


@pytest.fixture(scope="module")
def mapped(
    bill: list[dict[str, str]], transformer: Transformer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Any]]:
    return _closed(_workspace(tmp_path_factory.mktemp("mapped"), bill, is_mapped=True), transformer)


def test_the_sample_is_the_one_these_tests_were_worked_out_on(bill: list[dict[str, str]]) -> None:
    assert len(bill) == 500
    assert Counter(row["ChargeCategory"] for row in bill) == {"Usage": 498, "Credit": 1, "Adjustment": 1}
    # all of it inside the period, so that the whole of every amount counts in it (contract §4)
    assert all(
        row["ChargePeriodStart"] >= "2024-09-01" and row["ChargePeriodEnd"] <= "2024-10-01" for row in bill
    )


@pytest.mark.parametrize("state", ["unmapped", "mapped"])
def test_every_row_has_exactly_one_disposition_and_every_fraction_of_a_cent_is_there(
    state: str, bill: list[dict[str, str]], request: pytest.FixtureRequest
) -> None:
    vendor = [
        row for row in request.getfixturevalue(state)["fct_line_dispositions"] if row["leg"] == "vendor"
    ]
    assert len(vendor) == len(bill)
    assert len({(row["invoice_id"], row["line_id"]) for row in vendor}) == len(bill)
    assert (
        sum(row["amount"] for row in vendor)
        == sum(Decimal(row["BilledCost"]) for row in bill)
        == Decimal("14.66598547521")
    )


def test_without_maps_every_sub_account_shows_what_it_costs(
    bill: list[dict[str, str]], unmapped: dict[str, list[Any]]
) -> None:
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for row in bill:
        if row["ChargeCategory"] == "Usage":
            cost[row["SubAccountId"]] += _effective(row)
    expected = {account: _cents(amount) for account, amount in cost.items()}
    found = [row for row in unmapped["fct_exceptions"] if row["exception_code"] == "UNMAPPED_CUSTOMER"]
    assert {row["vendor_customer_id"]: row["priced_at_cost"] for row in found} == expected
    assert len(found) == len(expected) > 50
    assert max(expected.values()) > 1


def test_with_maps_every_client_owes_the_cost_and_fifteen_percent(
    bill: list[dict[str, str]], mapped: dict[str, list[Any]]
) -> None:
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for row in bill:
        if row["ChargeCategory"] == "Usage":
            cost[_client(row["SubAccountId"])] += _effective(row)
    expected = {client: _cents(amount * Decimal("1.15")) for client, amount in cost.items()}
    found = {row["client_id"]: row for row in mapped["fct_reconciliation"]}
    assert {client: row["expected_amount"] for client, row in found.items() if client in expected} == expected
    assert {row["basis"] for row in found.values()} == {"cost_plus"}
    dispositions = Counter(
        row["disposition"] for row in mapped["fct_line_dispositions"] if row["leg"] == "vendor"
    )
    assert dispositions["excluded"] == 2  # the credit and the adjustment


def _effective(row: dict[str, str]) -> Decimal:
    """Contract §4: exactly the amount where the whole charge period counts in the period."""
    return Decimal(row["BilledCost"])


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
