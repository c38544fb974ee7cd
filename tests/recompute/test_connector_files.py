"""The second engine reads files that are not canonical: rows and faults as the connector hands them on.

Belongs here: what the engine makes of a connector's records. What a format means is the connectors' tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.recompute.month import recompute_month
from tests.recompute.handmade import Handmade, P, codes, invoiced, key

_PROFILE = """\
msps:
  msp:
    name: An MSP
    sources:
      psa: {datasets: [invoice_lines]}
      dist:
        datasets: [vendor_charges]
        connector: mapped
        settings:
          vendor_charges:
            decimals: ","
            dates: DD.MM.YYYY
            columns:
              line_id: Position
              invoice_id: Beleg
              vendor_customer_id: Kunde
              sku_id: Artikel
              charge_category: {constant: recurring}
              quantity: Menge
              unit_cost: Preis
              amount: Summe
              currency: {constant: USD}
              charge_period_start: Von
              charge_period_end: {heading: Bis, take: day_after}
"""


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    made = Handmade(tmp_path)
    made.land("invoice_lines", invoiced("a", "5", "10", "50"))
    made.finish()
    return made


def bill(root: Path, *rows: str) -> None:
    header = "Position,Beleg,Kunde,Artikel,Menge,Preis,Summe,Von,Bis"
    path = root / "landing" / "msp" / P / "dist" / "vendor_charges.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def test_a_profile_is_read_and_its_faults_are_rejected_rows(world: Handmade) -> None:
    (world.root / "mbr.yml").write_text(_PROFILE, encoding="utf-8")
    bill(world.root, '1,V-1,vc1,S1,"5,5",2,11,01.04.2025,30.04.2025')
    result = recompute_month(world.root, "msp", P)
    assert result.reasons == []
    assert (key(result)["vendor_unit_days"], codes(result)) == (165, ["UNDERBILLED_QUANTITY"])
    bill(world.root, "1,V-1,vc1,S1,5,2,10,01.04.2025,30.04.2025", "2,V-1,vc1,S1,much,2,10,31.02.2025,")
    result = recompute_month(world.root, "msp", P)
    assert result.reasons == ["ROW_REJECTED"]
    assert {row["line"] for row in result.rejects} == {3}
    [rejected] = [
        row for row in result.control_totals if row["control"] == "ROW_REJECTED" and not row["passed"]
    ]
    assert (rejected["source"], rejected["actual"]) == ("dist", 1)


def test_a_file_that_its_connector_cannot_read_is_drift(world: Handmade) -> None:
    (world.root / "mbr.yml").write_text(_PROFILE, encoding="utf-8")
    path = world.root / "landing" / "msp" / P / "dist" / "vendor_charges.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert recompute_month(world.root, "msp", P).reasons == ["SCHEMA_DRIFT"]
