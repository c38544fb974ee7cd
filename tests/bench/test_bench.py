"""Checks that the benchmark compares like with like.

Belongs here: the generated workspace passes the controls it promises to pass, and the hand-written script
agrees with an oracle in plain Python fractions, worked from contract §4 and §5 over the CSV files. How fast
anything is, is not tested.
"""

from __future__ import annotations

import csv
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from bench.baseline import run_baseline
from bench.compare import BASELINE_CODES, IMPACTS, differences
from bench.generate import generate
from bench.measure import measure

START, END, DAYS = date(2026, 6, 1), date(2026, 7, 1), 30
LINES = 200
SEEDS = (6, 7)  # between them they show every code
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


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two small workspaces with many exceptions, over which the hand-written script has run."""
    made = [
        generate(tmp_path_factory.mktemp("bench"), LINES, seed, exceptions_per_mille=150) for seed in SEEDS
    ]
    for one in made:
        run_baseline(one)
    return made


@pytest.fixture(params=range(2), ids=lambda index: f"seed {SEEDS[index]}")
def workspace(request: pytest.FixtureRequest, workspaces: list[Path]) -> Path:
    """Each of the workspaces in turn."""
    index: int = request.param
    return workspaces[index]


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


def published_findings(path: Path) -> list[Finding]:
    found = []
    with duckdb.connect() as connection:
        cursor = connection.execute("FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            (impact,) = [(name, row[name]) for name in IMPACTS if row[name] != 0] or [("none", Decimal(0))]
            seat = (row["source"], row["vendor_customer_id"], row["sku_id"])
            key = (row["client_id"], row["product_code"])
            about = (row["line_id"],) if row["line_id"] else seat if row["source"] else key
            found.append(Finding(row["exception_code"], about, *impact))
    return found


def test_every_leg_has_exactly_the_lines_asked_for(workspace: Path) -> None:
    for dataset in ("vendor_charges", "license_counts"):
        assert len(vendor_rows(workspace, dataset)) == LINES
    for dataset in ("agreements", "invoice_lines"):
        assert len(rows(workspace, "connectwise", dataset)) == LINES


def test_generated_vendor_invoices_tie_out_without_tax(workspace: Path) -> None:
    totals: dict[Key, Decimal] = defaultdict(Decimal)
    for row in vendor_rows(workspace, "vendor_charges"):
        totals[row["source"], row["invoice_id"]] += (
            Decimal(row["amount"]) if row["charge_category"] != "tax" else 0
        )
    stated = {
        (r["source"], r["invoice_id"]): Decimal(r["invoice_total"])
        for r in vendor_rows(workspace, "vendor_invoices")
    }
    assert stated == totals


def test_every_reference_is_landed_and_every_vendor_row_is_mapped(workspace: Path) -> None:
    oracle = Oracle(workspace)
    clients = {r["client_id"] for r in rows(workspace, "connectwise", "clients")}
    for dataset in ("agreements", "invoice_lines"):
        for row in rows(workspace, "connectwise", dataset):
            assert row["client_id"] in clients
            assert row["product_code"] in oracle.products
    for dataset in ("vendor_charges", "license_counts"):
        assert {oracle.key(row)[0] for row in vendor_rows(workspace, dataset)} <= clients


def test_identities_are_unique_so_that_no_row_is_rejected(workspace: Path) -> None:
    vendor = Counter(
        (r["source"], r["invoice_id"], r["line_id"]) for r in vendor_rows(workspace, "vendor_charges")
    )
    invoice = Counter(r["invoice_line_id"] for r in rows(workspace, "connectwise", "invoice_lines"))
    agreement = Counter(r["agreement_line_id"] for r in rows(workspace, "connectwise", "agreements"))
    assert {count for counter in (vendor, invoice, agreement) for count in counter.values()} == {1}


def test_one_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    made = [generate(tmp_path / name, 60, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    first, second, other = ([path.read_bytes() for path in sorted(one.rglob("*.csv"))] for one in made)
    assert first == second
    assert first != other


def test_the_hand_written_script_finds_what_plain_fractions_find(workspace: Path) -> None:
    found = Counter(published_findings(workspace / "baseline" / "exceptions.parquet"))
    assert found == Counter(Oracle(workspace).findings())


def test_the_small_worlds_show_every_code_the_script_computes(workspaces: list[Path]) -> None:
    shown = {finding.code for workspace in workspaces for finding in Oracle(workspace).findings()}
    assert shown == set(BASELINE_CODES)


def test_every_landed_line_gets_exactly_the_disposition_the_contract_orders_first(workspace: Path) -> None:
    with duckdb.connect() as connection:
        path = str(workspace / "baseline" / "dispositions.parquet")
        found = connection.execute("SELECT line_id, disposition FROM read_parquet(?)", [path]).fetchall()
    assert Counter(found) == Counter(Oracle(workspace).dispositions())


def test_expected_minus_invoiced_is_the_sum_of_the_client_side_findings(workspace: Path) -> None:
    with duckdb.connect() as connection:
        (expected,) = connection.execute(
            "SELECT sum(expected_amount) - sum(invoiced_amount) FROM read_parquet(?)",
            [str(workspace / "baseline" / "reconciliation.parquet")],
        ).fetchall()
    client_side = [
        f for f in Oracle(workspace).findings() if f.impact.startswith("client_") and f.code != "LATE_CHARGE"
    ]
    assert expected[0] == sum(
        f.amount if f.impact == "client_recoverable" else -f.amount for f in client_side
    )


def test_a_changed_cent_is_a_reported_difference(workspace: Path, tmp_path: Path) -> None:
    baseline = workspace / "baseline"
    names = {
        "exceptions": "fct_exceptions",
        "dispositions": "fct_line_dispositions",
        "reconciliation": "fct_reconciliation",
    }
    for theirs, ours in names.items():
        shutil.copy(baseline / f"{theirs}.parquet", tmp_path / f"{ours}.parquet")
    assert differences(tmp_path, baseline) == []
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT * REPLACE (
                          client_refund + CASE WHEN exception_code = 'ROUNDING' THEN 1 ELSE 0 END
                          AS client_refund)
                      FROM '{baseline}/exceptions.parquet') TO '{tmp_path}/fct_exceptions.parquet'"""
        )
    (said,) = differences(tmp_path, baseline)
    assert said.startswith("exceptions, ROUNDING: client_refund is ")


def test_the_memory_of_a_child_process_is_counted(tmp_path: Path) -> None:
    child = "import time; block = bytearray(80_000_000); time.sleep(0.3)"
    parent = (
        "import subprocess, sys; block = bytearray(80_000_000); subprocess.run([sys.executable, '-c',"
        f" {child!r}], check=True)"
    )
    taken = measure([sys.executable, "-c", parent], tmp_path)
    assert taken.returncode == 0
    assert 80_000_000 < taken.largest_rss_bytes < 160_000_000 < taken.tree_rss_bytes
