"""An oracle in plain Python fractions, worked from contract §4 and §5 over the CSV files.

Belongs here: what the hand-written script must find. Does not: expectations.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import NamedTuple

START, END, DAYS = date(2026, 6, 1), date(2026, 7, 1), 30


VENDORS = ("pax8", "tdsynnex")


VENDOR, CLIENT = (
    ("vendor_claim", "vendor_liability"),
    ("client_recoverable", "client_refund"),
)  # impact above, below zero


Row = dict[str, str]


Key = tuple[str, str]


About = tuple[str, ...]


class Finding(NamedTuple):
    """One exception: its code, what it is about, and its only impact."""

    code: str
    about: About
    impact: str
    amount: Decimal


def rows(workspace: Path, source: str, dataset: str) -> list[Row]:
    folder = workspace / ("rules/bench" if source == "rules" else f"landing/bench/2026-06/{source}")
    with (folder / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
        return [row | {"source": row.get("source", source)} for row in csv.DictReader(file)]


def vendor_rows(workspace: Path, dataset: str) -> list[Row]:
    return [row for source in VENDORS for row in rows(workspace, source, dataset)]


def day(text: str) -> date:
    return date.fromisoformat(text) if text else date.max


def cents(value: Fraction) -> Decimal:
    whole = floor(abs(value) * 100 + Fraction(1, 2))
    return Decimal(whole if value > 0 else -whole).scaleb(-2)


def inside(start: str, end: str) -> int:
    return max(0, (min(day(end), END) - max(day(start), START)).days)


def on_last_day(start: str, end: str) -> bool:
    return day(start) < END <= day(end)


def signed(code: str, about: About, amount: Decimal, sides: Key) -> Finding:
    return Finding(code, about, sides[amount < 0], abs(amount))


class Oracle:
    """The findings of a generated workspace, from its CSV files and exact fractions."""

    def __init__(self, workspace: Path) -> None:
        self.clients = {
            (r["source"], r["vendor_customer_id"]): r["client_id"]
            for r in rows(workspace, "rules", "client_map")
        }
        self.skus = {
            (r["source"], r["sku_id"]): (r["product_code"], Fraction(r["units_per"]))
            for r in rows(workspace, "rules", "sku_map")
        }
        self.metering = {r["product_code"]: r for r in rows(workspace, "rules", "metering")}
        self.costs = {
            (r["source"], r["sku_id"], r["term"]): Fraction(r["unit_cost"])
            for r in rows(workspace, "rules", "cost_list")
            if not r["valid_to"]
        }
        self.products = {r["product_code"]: r for r in rows(workspace, "connectwise", "products")}
        self.counts = vendor_rows(workspace, "license_counts")
        self.agreements: dict[Key, list[Row]] = defaultdict(list)
        for row in rows(workspace, "connectwise", "agreements"):
            self.agreements[row["client_id"], row["product_code"]].append(row)
        self.invoices: dict[Key, list[Row]] = defaultdict(list)
        self.one_time: list[Row] = []
        for row in rows(workspace, "connectwise", "invoice_lines"):
            recurring = row["charge_category"] == "recurring"
            (self.invoices[row["client_id"], row["product_code"]] if recurring else self.one_time).append(row)
        self.duplicates: list[Row] = []
        self.lines: list[Row] = []
        self._split(vendor_rows(workspace, "vendor_charges"))
        self.vendor: dict[Key, list[Row]] = defaultdict(list)
        for row in self.lines:
            if row["charge_category"] == "recurring" and inside(
                row["charge_period_start"], row["charge_period_end"]
            ):
                self.vendor[self.key(row)].append(row)

    def _split(self, charges: list[Row]) -> None:
        seen = set()
        unlike = ("line_id", "invoice_id", "vendor_customer_name", "sku_name")
        for row in sorted(charges, key=lambda r: (r["invoice_id"], r["line_id"])):
            content = tuple(value for name, value in row.items() if name not in unlike)
            (self.duplicates if content in seen else self.lines).append(row)
            seen.add(content)

    def key(self, row: Row) -> Key:
        return (
            self.clients[row["source"], row["vendor_customer_id"]],
            self.skus[row["source"], row["sku_id"]][0],
        )

    def units(self, row: Row) -> Fraction:
        return Fraction(row["quantity"]) * self.skus[row["source"], row["sku_id"]][1]

    def price_on(self, key: Key, when: date) -> Fraction | None:
        active = [
            a for a in self.agreements[key] if day(a["effective_start"]) <= when < day(a["effective_end"])
        ]
        best = max(active, key=lambda a: (a["effective_start"], a["agreement_line_id"]), default=None)
        return Fraction(best["unit_price"]) if best else None

    def valued_at(self, key: Key) -> Fraction:
        last = date(2026, 6, 30)
        earlier = [day(a["effective_end"]) for a in self.agreements[key] if day(a["effective_end"]) <= last]
        days = [last, *(date.fromordinal(end.toordinal() - 1) for end in sorted(earlier, reverse=True))]
        prices = [price for price in (self.price_on(key, when) for when in days) if price is not None]
        return prices[0] if prices else Fraction(self.products[key[1]]["default_unit_price"])

    def findings(self) -> Iterator[Finding]:
        for key in self.agreements.keys() | self.invoices.keys() | self.vendor.keys():
            yield from self.volume(key)
            yield from self.margin(key)
            for line in self.invoices[key]:
                yield from self.price(key, line)
        for row in self.lines:
            yield from self.vendor_line(row)
        for row in self.duplicates:
            yield signed("DUPLICATE_VENDOR_CHARGE", (row["line_id"],), cents(Fraction(row["amount"])), VENDOR)
        yield from self.seats()

    def dispositions(self) -> Iterator[Key]:
        """Yield every landed line with its disposition; line ids are unique over both legs in this world."""
        codes: dict[About, set[str]] = defaultdict(set)
        for finding in self.findings():
            codes[finding.about].add(finding.code)
        for row in self.lines:
            key, own, late = self.key(row), codes[row["line_id"],], day(row["charge_period_end"]) <= START
            wrong = (
                {"VENDOR_AMOUNT_MISMATCH", "VENDOR_PRICE_CHANGE"} & own
                or codes[key]
                or self.line_codes(codes, key)
            )
            judged = "exception" if late or wrong else "matched"
            yield row["line_id"], judged if row["charge_category"] == "recurring" else "excluded"
        for row in self.duplicates:
            yield row["line_id"], "exception"
        for row in self.one_time:
            yield row["invoice_line_id"], "excluded"
        for key, lines in list(self.invoices.items()):
            volume = codes[key] - {"SOLD_BELOW_COST", "MARGIN_BELOW_FLOOR"}
            for row in lines:
                wrong = volume or codes[row["invoice_line_id"],] - {"ROUNDING"}
                yield row["invoice_line_id"], "exception" if wrong else "matched"

    def line_codes(self, codes: dict[About, set[str]], key: Key) -> set[str]:
        return {code for row in self.invoices[key] for code in codes[row["invoice_line_id"],]} - {"ROUNDING"}

    def volume(self, key: Key) -> Iterator[Finding]:
        agreed = [
            (Fraction(a["quantity"]), a["effective_start"], a["effective_end"]) for a in self.agreements[key]
        ]
        vendor = [(self.units(v), v["charge_period_start"], v["charge_period_end"]) for v in self.vendor[key]]
        billed = [
            (Fraction(i["quantity"]), i["service_period_start"], i["service_period_end"])
            for i in self.invoices[key]
        ]
        backed = self.products[key[1]]["vendor_backed"] == "true"
        leg = vendor if backed else agreed
        expected, invoiced = (sum(q * inside(s, e) for q, s, e in one) for one in (leg, billed))
        expected_last, invoiced_last = (
            sum(q for q, s, e in one if on_last_day(s, e)) for one in (leg, billed)
        )
        if expected > 0:
            minimum = Fraction(self.metering.get(key[1], {}).get("minimum_quantity", "0"))
            expected, expected_last = max(expected, minimum * DAYS), max(expected_last, minimum)
        if expected == invoiced:
            return
        if expected == 0 and backed:
            code = "BILLED_NOT_PROVIDED"
        elif not billed and any(inside(s, e) for _, s, e in agreed):
            code = "AGREEMENT_NOT_INVOICED"
        elif not billed:
            code = "AGREEMENT_ENDED" if any(day(e) <= START for _, _, e in agreed) else "UNBILLED_PRODUCT"
        elif expected_last == invoiced_last:
            code = "MID_PERIOD_CHANGE_NOT_PRORATED"
        else:
            code = "UNDERBILLED_QUANTITY" if expected > invoiced else "OVERBILLED_QUANTITY"
        value = cents(self.valued_at(key) * Fraction(expected - invoiced) / DAYS)
        yield signed(code, key, value, CLIENT)

    def margin(self, key: Key) -> Iterator[Finding]:
        invoiced = sum(Decimal(line["amount"]) for line in self.invoices[key])
        # every counted charge period of this world lies in the month
        cost = sum((Fraction(row["amount"]) for row in self.vendor[key]), Fraction(0))
        floor_pct = self.metering.get(key[1], {}).get("margin_floor_pct", "")
        if 0 < invoiced < cents(cost):
            yield Finding("SOLD_BELOW_COST", key, "none", Decimal(0))
        elif invoiced > 0 and floor_pct and (invoiced - cents(cost)) * 100 < Decimal(floor_pct) * invoiced:
            yield Finding("MARGIN_BELOW_FLOOR", key, "none", Decimal(0))

    def price(self, key: Key, line: Row) -> Iterator[Finding]:
        first = day(line["service_period_start"])
        named = [
            Fraction(a["unit_price"])
            for a in self.agreements[key]
            if a["agreement_line_id"] == line["agreement_line_id"]
            and day(a["effective_start"]) <= first < day(a["effective_end"])
        ]
        listed = Fraction(self.products[key[1]]["default_unit_price"])
        right = next(p for p in (*named, self.price_on(key, first), listed) if p is not None)
        days = inside(line["service_period_start"], line["service_period_end"])
        variance = cents(right * Fraction(line["quantity"]) * days / DAYS) - Decimal(line["amount"])
        if variance == 0:
            return
        if Fraction(line["unit_price"]) != right:
            code = "INVOICE_PRICE_MISMATCH"
        else:
            code = "ROUNDING" if abs(variance) <= Decimal("0.01") else "INVOICE_AMOUNT_MISMATCH"
        yield signed(code, (line["invoice_line_id"],), variance, CLIENT)

    def vendor_line(self, row: Row) -> Iterator[Finding]:
        about, amount, quantity, cost = (
            (row["line_id"],),
            *(Fraction(row[n]) for n in ("amount", "quantity", "unit_cost")),
        )
        if row["charge_category"] in ("recurring", "one_time") and abs(amount - quantity * cost) > Fraction(
            1, 100
        ):
            yield signed("VENDOR_AMOUNT_MISMATCH", about, cents(amount - quantity * cost), VENDOR)
        if row["charge_category"] != "recurring":
            return
        if (row["charge_period_start"], row["charge_period_end"]) == ("2026-06-01", "2026-07-01"):
            named = self.costs.get((row["source"], row["sku_id"], row["term"]))
            listed = named if named is not None else self.costs[row["source"], row["sku_id"], ""]
            if cost != listed:
                yield signed("VENDOR_PRICE_CHANGE", about, cents(quantity * (cost - listed)), VENDOR)
        if day(row["charge_period_start"]) < START:  # this world's late lines are exactly May
            value = cents((self.price_on(self.key(row), date(2026, 5, 31)) or 0) * self.units(row))
            yield signed("LATE_CHARGE", about, value, CLIENT)

    def seats(self) -> Iterator[Finding]:
        counted: dict[About, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
        for row in self.counts:
            seat = counted[row["source"], row["vendor_customer_id"], row["sku_id"]]
            seat[0] += Fraction(row["entitled_quantity"])
            seat[1] += Fraction(row["assigned_quantity"] or row["entitled_quantity"])
        billed: Counter[About] = Counter()
        for row in (row for lines in self.vendor.values() for row in lines):
            billed[row["source"], row["vendor_customer_id"], row["sku_id"]] += Fraction(row["quantity"])  # type: ignore[assignment]
        for about, (entitled, assigned) in counted.items():
            cost = self.costs[about[0], about[2], ""]
            over = billed[about] - entitled
            if about in billed and over != 0:
                code = "VENDOR_QUANTITY_OVER" if over > 0 else "VENDOR_QUANTITY_UNDER"
                yield signed(code, about, cents(over * cost), VENDOR)
            if entitled > assigned:
                yield Finding("UNUSED_LICENSES", about, "stranded", cents((entitled - assigned) * cost))
