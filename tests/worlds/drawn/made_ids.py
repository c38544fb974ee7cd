"""Sources of random nonsense whose lines have no identifier of their own: a bill read by a profile with
`made_of: content`, and one in FOCUS.

Belongs here: adding the two to a workspace of ``chaos``, with files that tell things once more: in another
order, in another month, with ids in capitals, with other amounts. What an id is made of is the connectors'.
"""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

import yaml

from tests.recompute.handmade import Row, write_csv
from tests.worlds.drawn.chaos import CLIENTS, PERIODS, PRODUCTS, Chaos

PROFILE, FOCUS = "tel", "cloud"
_COLUMNS = (
    *("invoice_id", "vendor_customer_id", "sku_id", "charge_category", "term", "quantity", "unit_cost"),
    *("amount", "currency", "charge_period_start", "charge_period_end", "detail"),
)
_SETTINGS = {"columns": {"line_id": {"made_of": "content"}, **{name: name for name in _COLUMNS}}}
_CATEGORIES = {
    "recurring": ("Purchase", "Recurring"),
    "one_time": ("Purchase", "One-Time"),
    "usage": ("Usage", "Usage-Based"),
    "credit": ("Credit", ""),
    "tax": ("Tax", ""),
    "adjustment": ("Adjustment", ""),
}


class MadeIds:
    """Adds the two sources to the workspace of a seed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.rng = root, Random(f"made ids/{seed}")
        self.chaos = Chaos(root, seed)

    def write(self) -> Path:
        """Write the workspace and give its folder."""
        self.chaos.write()
        self._declare()
        for source in (PROFILE, FOCUS):
            self.chaos.source, self.chaos.charges[source] = source, []
            earlier: list[Row] = []
            for period in PERIODS:
                rows = [self._charge() for _ in range(40)]
                # what landed in an earlier month comes again, and equal rows of one file are several
                rows += self.rng.sample(earlier, min(3, len(earlier))) + self.rng.sample(rows, 3)
                earlier += rows
                self._land(source, period, rows)
        return self.root

    def _declare(self) -> None:
        path = self.root / "mbr.yml"
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings["msps"]["msp"]["sources"] |= {
            PROFILE: {
                "datasets": ["vendor_charges"],
                "connector": "mapped",
                "settings": {"vendor_charges": _SETTINGS},
            },
            FOCUS: {"datasets": ["vendor_charges"], "connector": "focus"},
        }
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        clients = [
            {"source": source, "vendor_customer_id": self.chaos._customer(number), "client_id": f"c{number}"}
            for source in (PROFILE, FOCUS)
            for number in range(CLIENTS)
            if self.rng.random() < 0.9
        ]
        skus = [
            {"source": source, "sku_id": f"s{number}", "product_code": f"p{number % PRODUCTS}"}
            for source in (PROFILE, FOCUS)
            for number in range(PRODUCTS + 2)
            if self.rng.random() < 0.9
        ]
        for name, rows in (("client_map", clients), ("sku_map", skus)):
            rules = self.root / "rules" / "msp" / f"{name}.csv"
            with rules.open(encoding="utf-8", newline="") as file:
                known = list(csv.DictReader(file))
            write_csv(rules, [*known, *rows])

    def _charge(self) -> Row:
        row = self.chaos._charge()
        return {name: row.get(name, "") for name in _COLUMNS}

    def _land(self, source: str, period: str, rows: list[Row]) -> None:
        """Land the rows, in every other month beside a file that tells of some of them once more."""
        folder = self.root / "landing" / "msp" / period / source
        self._write(folder / "vendor_charges.csv", rows)
        if self.rng.random() < 0.5:
            return
        again = [self._in_another_case(row) for row in self.rng.sample(rows, len(rows))]
        kind = self.rng.choice(("the same", "a part", "half of it corrected", "a few corrected"))
        if kind == "a part":
            again = again[: self.rng.randrange(1, len(rows))]
        elif kind != "the same":
            count = 20 if kind.startswith("half") else 5
            corrected = [row | {"amount": "7.77"} for row in again[:count]]
            again = corrected + [self._charge() for _ in range(20)]
        self._write(folder / "vendor_charges.again.csv", again)

    def _in_another_case(self, row: Row) -> Row:
        customer = row["vendor_customer_id"]
        is_named = customer.startswith("v")
        return row | {"vendor_customer_id": customer if is_named else customer.swapcase()}

    def _write(self, path: Path, rows: list[Row]) -> None:
        write_csv(path, rows if path.parent.name == PROFILE else [_in_focus(row) for row in rows])


def _in_focus(row: Row) -> Row:
    category, frequency = _CATEGORIES[row["charge_category"]]
    return {
        "BilledCost": row["amount"],
        "BillingAccountId": "payer",
        "BillingCurrency": row["currency"],
        "BillingPeriodStart": row["charge_period_start"],
        "ChargeCategory": category,
        "ChargeFrequency": frequency,
        "ChargeDescription": row["detail"],
        "ChargePeriodStart": row["charge_period_start"],
        "ChargePeriodEnd": row["charge_period_end"],
        "InvoiceId": row["invoice_id"],
        "PricingQuantity": row["quantity"],
        "SkuId": row["sku_id"],
        "SubAccountId": row["vendor_customer_id"],
    }
