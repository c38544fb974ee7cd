"""The world generator against the contract, by arithmetic of its own: a clean world must tie out from the
files on disk.

Belongs here: proofs that generated worlds are clean, rich and deterministic. Figures are worked out again
from rows read back from disk; no formula of the generator is used to check it. Does not: injections
(``test_injections``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from mbr_pipeline.scaffold.world import (
    Injection,
    World,
    make_world,
)
from mbr_pipeline.scaffold.world.arithmetic import round_money, round_places
from mbr_pipeline.scaffold.world.model import SOURCES
from tests.worlds.generator.clean import assert_vendor_invoices_tie_out, digest
from tests.worlds.readback import PLACES, Books, half_up, landed, month, ordered, typed, within


def test_one_seed_always_writes_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    inject = [Injection("LATE_CHARGE"), Injection("ROUNDING", "gross")]
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        make_world(tmp_path / name, seed, 4, 2, inject)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


def test_rounding_goes_away_from_zero_at_a_half_and_keeps_the_currency_s_places() -> None:
    assert str(round_money(Fraction(1005, 1000), "USD")) == "1.01"
    assert str(round_money(Fraction(-1005, 1000), "USD")) == "-1.01"
    assert str(round_money(Decimal("2.4999"), "JPY")) == "2"
    assert str(round_money(Decimal("1.0005"), "KWD")) == "1.001"
    assert str(round_places(Fraction(2, 3), 10)) == "0.6666666667"


def test_every_declared_dataset_is_on_disk_exactly_as_meant(world: World) -> None:
    (book,) = world.workspace.books
    for (period, source, dataset), meant in book.landing.items():
        wanted = [typed({**row, "source": source}) for row in meant.rows]
        read = landed(world, period, dataset, source)
        assert Counter(map(repr, map(ordered, read))) == Counter(map(repr, map(ordered, wanted)))
    declared = {
        (p, source, d) for p in world.periods for source, datasets in SOURCES.items() for d in datasets
    }
    assert set(book.landing) == declared


def test_clean_vendor_invoices_tie_out_to_the_minor_unit(world: World) -> None:
    assert assert_vendor_invoices_tie_out(world) >= 6


def test_clean_vendor_lines_multiply_out_are_never_doubled_and_never_late(world: World) -> None:
    seen: set[str] = set()
    for period, row in Books(world).lines:
        if row["charge_category"] in ("recurring", "one_time"):
            off = abs(row["amount"] - row["quantity"] * row["unit_cost"])
            assert off <= Decimal(1).scaleb(-PLACES[row["currency"]])
        if row["charge_category"] == "recurring":
            assert row["charge_period_start"] >= month(period)[0]
        content = repr(
            ordered({k: v for k, v in row.items() if k not in ("line_id", "invoice_id", "sku_name")})
        )
        assert content not in seen
        seen.add(content)


def test_clean_unit_days_of_vendor_bill_and_client_invoice_agree_for_every_key(world: World) -> None:
    books, compared = Books(world), 0
    for period in world.periods:
        days = (month(period)[1] - month(period)[0]).days
        vendor, invoiced = books.vendor_days(period), books.invoiced_days(period)
        for key in vendor.keys() | {key for key in invoiced if key[1] not in ("HELPDESK", "NOC")}:
            rule = books.metering.get(key[1], {"basis": "vendor_billed"})
            if rule["basis"] == "vendor_billed":
                assert max(vendor[key], rule.get("minimum_quantity", 0) * days) == invoiced[key] > 0, (
                    period,
                    key,
                )
                compared += 1
    assert compared >= 3 * 10


def test_clean_counts_held_from_date_to_date_equal_the_invoiced_unit_days(world: World) -> None:
    books, checked = Books(world), set()
    for period in world.periods:
        first, stop = month(period)
        held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        rows = books.counts[period]
        dates: dict[tuple[str, str], set[date]] = defaultdict(set)
        for row in rows:
            dates[row["source"], row["vendor_customer_id"]].add(row["as_of_date"])
        for row in rows:
            key, units = books.key(row, row["as_of_date"])
            basis = books.metering.get(key[1], {}).get("basis")
            if basis not in ("entitled", "assigned") or (basis == "assigned" and row["source"] != "huntress"):
                continue
            days = sorted(dates[row["source"], row["vendor_customer_id"]])
            start = first if row["as_of_date"] == days[0] else row["as_of_date"]
            until = min([day for day in days if day > row["as_of_date"]], default=stop)
            held[key] += row[f"{basis}_quantity"] * units * (until - start).days
            checked.add(basis)
        invoiced = books.invoiced_days(period)
        assert {key: invoiced[key] for key in held} == held
    assert checked == {"entitled", "assigned"}


def test_clean_last_counts_equal_what_was_billed_and_leave_no_seat_idle(world: World) -> None:
    books = Books(world)
    for period in world.periods:
        rows = books.counts[period]
        last: dict[tuple[str, str], date] = {}
        counted: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for row in rows:
            owner = row["source"], row["vendor_customer_id"]
            last[owner] = max(last.get(owner, date.min), row["as_of_date"])
        for row in rows:
            if row["as_of_date"] == last[row["source"], row["vendor_customer_id"]]:
                sums = counted[row["source"], row["vendor_customer_id"], row["sku_id"]]
                sums[0] += row["entitled_quantity"]
                sums[1] += (
                    row["assigned_quantity"] if "assigned_quantity" in row else row["entitled_quantity"]
                )
        billed: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        final = month(period)[1] - timedelta(days=1)
        for here, row in books.lines:
            covers = row["charge_period_start"] <= final < row["charge_period_end"]
            if here <= period and row["charge_category"] == "recurring" and covers:
                billed[row["source"], row["vendor_customer_id"], row["sku_id"]] += row["quantity"]
        for owner3, (entitled, assigned) in counted.items():
            assert entitled == assigned
            assert owner3 not in billed or billed[owner3] == entitled, (period, owner3)


def test_clean_client_lines_are_price_in_force_times_quantity_by_days_rounded_half_up(world: World) -> None:
    checked = 0
    agreements = {period: landed(world, period, "agreements") for period in world.periods}
    for period, row in Books(world).invoiced:
        start, end = row["service_period_start"], row["service_period_end"]
        first, stop = month(period)
        inside = first <= start and end <= stop
        if row.get("charge_category") == "one_time" or row["product_code"] == "CLOUD" or not inside:
            continue
        agreed = [
            line
            for line in agreements[period]
            if (line["client_id"], line["product_code"]) == (row["client_id"], row["product_code"])
            and line["effective_start"] <= start < line.get("effective_end", date.max)
        ]
        named = [line for line in agreed if line["agreement_line_id"] == row.get("agreement_line_id")]
        line = (
            named[0] if named else max(agreed, key=lambda a: (a["effective_start"], a["agreement_line_id"]))
        )
        exact = (
            Fraction(line["unit_price"])
            * Fraction(row["quantity"])
            * (end - start).days
            / (stop - first).days
        )
        assert row["unit_price"] == line["unit_price"]
        assert row["amount"] == half_up(exact, PLACES[row["currency"]])
        checked += 1
    assert checked >= 30


def test_clean_keys_all_earn_a_margin_where_bill_and_invoice_share_a_currency(world: World) -> None:
    books, compared = Books(world), 0
    for period in world.periods:
        margin: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        currencies: dict[tuple[str, str], set[str]] = defaultdict(set)
        for here, row in books.lines:
            start, end = row["charge_period_start"], row["charge_period_end"]
            if row["charge_category"] == "recurring" and here <= period and within(start, end, period):
                key, _ = books.key(row, max(start, month(period)[0]))
                margin[key] -= Fraction(row["amount"]) * within(start, end, period) / (end - start).days
                currencies[key].add(row["currency"])
        for here, row in books.invoiced:
            start, end = row["service_period_start"], row["service_period_end"]
            if row.get("charge_category") != "one_time" and here <= period and within(start, end, period):
                key = row["client_id"], row["product_code"]
                margin[key] += Fraction(row["amount"]) * within(start, end, period) / (end - start).days
                currencies[key].add(row["currency"])
        for key, seen in currencies.items():
            assert len(seen) == 2 or margin[key] > 0, (period, key)
            compared += len(seen) == 1
    assert compared >= 3 * 8


def test_clean_consumption_is_invoiced_at_cost_plus_markup(world: World) -> None:
    books, checked = Books(world), 0
    markup = Fraction(books.metering["CLOUD"]["markup_pct"])
    for period in world.periods:
        first, stop = month(period)
        cost: dict[str, Fraction] = defaultdict(Fraction)
        for here, row in books.lines:
            if not row["sku_id"].startswith("AZURE") or here > period:
                continue
            start, end = row["charge_period_start"], row["charge_period_end"]
            o, days = within(start, end, period), (end - start).days
            if row["charge_category"] == "usage" and here == period:
                o = (min(end, stop) - start).days
            whole = o == days if days else first <= start < stop
            share = (
                row["amount"]
                if whole
                else half_up(Fraction(row["amount"]) * o / days, 10)
                if days
                else Decimal(0)
            )
            (client, _), _ = books.key(row, max(start, first))
            cost[client] += Fraction(share)
        for client, total in cost.items():
            mine = [
                r
                for h, r in books.invoiced
                if h == period and (r["client_id"], r["product_code"]) == (client, "CLOUD")
            ]
            assert sum(r["amount"] for r in mine) == half_up(
                total * (100 + markup) / 100, PLACES[mine[0]["currency"]]
            )
            checked += 1
    assert checked >= 3


def test_worlds_are_rich(tmp_path: Path) -> None:
    made = make_world(tmp_path, 1)
    books, endings = Books(made), Counter(".".join(p.name.split(".")[-2:]) for p in tmp_path.rglob("*.*"))
    lines = [row for _, row in books.lines]
    assert made.periods == ["2024-02", "2024-03", "2024-04"]
    assert {row["currency"] for _, row in books.invoiced} == set(PLACES) - {"CHF"}
    assert {row["charge_category"] for row in lines} == {
        "recurring",
        "usage",
        "one_time",
        "tax",
        "credit",
        "adjustment",
    }
    assert {row["client_id"] for _, row in books.invoiced} >= {
        "1E5",
        "007",
        "7",
        "Ünïcode-1",
        "00012",
        "NULL",
    }
    assert any(-row["amount"].as_tuple().exponent == 11 for row in lines)
    assert any(
        row["quantity"] < 0 and row["charge_type"] in ("addQuantity", "removeQuantity") for row in lines
    )
    assert any(row["charge_period_end"] > date(2025, 1, 1) for row in lines)
    assert any(row["service_period_end"] > date(2025, 1, 1) for _, row in books.invoiced)
    assert (
        sum(
            "valid_to" in row or "valid_from" in row
            for row in books.clients
            if "moved" in row["vendor_customer_id"]
        )
        == 2
    )
    repeated = landed(made, "2024-03", "invoice_lines")
    assert {r["invoice_line_id"] for r in repeated} & {
        r["invoice_line_id"] for r in landed(made, "2024-02", "invoice_lines")
    }
    assert {name.rpartition(".")[2] for name in endings} == {"csv", "gz", "jsonl", "xlsx", "parquet", "yml"}
    assert any(
        a.read_bytes() == b.read_bytes()
        for a in tmp_path.rglob("*.copy-of.*")
        for b in a.parent.iterdir()
        if a != b
    )
    assert not made.answers
    assert not made.blocked


def test_a_second_msp_has_books_of_its_own_and_injections_leave_it_alone(tmp_path: Path) -> None:
    made = make_world(tmp_path, 2, 2, 1, [Injection("ROUNDING")], msps=2)
    alone = make_world(tmp_path / "clean", 2, 2, 1, msps=2)
    assert made.msp_ids == ["northwind", "suedwind"]
    assert made.workspace.books[1].landing == alone.workspace.books[1].landing
    assert {answer.msp_id for answer in made.answers} == {"northwind"}
