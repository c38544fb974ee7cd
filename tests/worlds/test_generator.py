"""The world generator against the contract, by arithmetic of its own: a clean world must tie out from the
files on disk.

Belongs here: proofs that generated worlds are clean, rich and deterministic, and that each injection breaks
what it says. Figures are worked out again from rows read back from disk; no formula of the generator is used
to check it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest

from mbr_pipeline.scaffold.world import (
    EXCEPTION_CODES,
    INJECTABLE,
    Answer,
    Injection,
    World,
    make_workspace,
    make_world,
)
from mbr_pipeline.scaffold.world.arithmetic import round_money, round_places
from mbr_pipeline.scaffold.world.model import SOURCES, Size
from tests.worlds.readback import PLACES, Books, half_up, landed, month, ordered, rules, typed, within

SIZES = get_args(Size)
CONTROLS = [code for code in INJECTABLE if code not in EXCEPTION_CODES]


@pytest.fixture(scope="module", params=[(1, 8), (4, 3), (6, 1)], ids=lambda p: f"seed {p[0]}, {p[1]} clients")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    seed, clients = request.param
    return make_world(tmp_path_factory.mktemp("clean"), seed, clients)


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


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


def assert_vendor_invoices_tie_out(world: World) -> int:
    ties = 0
    for period in world.periods:
        totals: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
        for row in landed(world, period, "vendor_charges"):
            if row["source"] != "huntress" and row["charge_category"] != "tax":
                totals[row["source"], row["invoice_id"], row["currency"]] += Fraction(row["amount"])
        invoices = landed(world, period, "vendor_invoices")
        assert {(r["source"], r["invoice_id"], r["currency"]) for r in invoices} == set(totals)
        for row in invoices:
            total = totals[row["source"], row["invoice_id"], row["currency"]]
            assert half_up(total, PLACES[row["currency"]]) == row["invoice_total"]
            ties += 1
    return ties


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
        rows = landed(world, period, "license_counts")
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
        rows = landed(world, period, "license_counts")
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


def _flat(landing: dict[Any, Any]) -> Counter[str]:
    return Counter(
        f"{place}{ordered(row)}"
        for place, data in landing.items()
        if place[2] != "vendor_invoices"
        for row in data.rows
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", EXCEPTION_CODES)
def test_an_injected_finding_only_adds_rows_and_states_its_answer(code: str, size: Size) -> None:
    clean, broken = make_workspace(5, 2, 2), make_workspace(5, 2, 2, [Injection(code, size)])
    assert _flat(clean.books[0].landing) < _flat(broken.books[0].landing)
    assert code in {answer.code for answer in broken.answers}
    for answer in broken.answers:
        assert (answer.impact is None) == (answer.impact_column is None) == (answer.currency is None)
        assert answer.impact is None or answer.impact > 0
        assert answer.period == broken.periods[-1]
    assert not broken.blocked


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> World:
    inject = [Injection(code, size) for code in EXCEPTION_CODES for size in SIZES]
    return make_world(tmp_path_factory.mktemp("damaged"), 11, 2, 3, inject)


def answers(world: World, *codes: str) -> list[Answer]:
    found = [answer for answer in world.answers if answer.code in codes]
    assert len(found) >= len(SIZES)
    return found


def test_vendor_invoices_still_tie_out_when_lines_are_injected(damaged: World) -> None:
    assert assert_vendor_invoices_tie_out(damaged) >= 8


def test_quantity_impacts_are_price_times_missing_unit_days(tmp_path: Path) -> None:
    codes = (
        "UNDERBILLED_QUANTITY",
        "OVERBILLED_QUANTITY",
        "BILLED_NOT_PROVIDED",
        "AGREEMENT_NOT_INVOICED",
        "AGREEMENT_ENDED",
        "MID_PERIOD_CHANGE_NOT_PRORATED",
    )
    made = make_world(tmp_path, 12, 2, 2, [Injection(code, size) for code in codes for size in SIZES])
    books, period = Books(made), made.periods[-1]
    days = (month(period)[1] - month(period)[0]).days
    vendor, invoiced = books.vendor_days(period), books.invoiced_days(period)
    agreed = landed(made, period, "agreements")
    assert Counter(answer.code for answer in made.answers) == dict.fromkeys(codes, len(SIZES))
    for answer in made.answers:
        key = (answer.client_id or "", answer.product_code or "")
        line = max(
            (a for a in agreed if (a["client_id"], a["product_code"]) == key),
            key=lambda a: a["effective_start"],
        )
        off = Fraction(vendor[key]) - Fraction(invoiced[key])
        exact = half_up(Fraction(line["unit_price"]) * off / days, PLACES[answer.currency or ""])
        assert answer.impact == abs(exact)
        assert answer.impact_column == ("client_recoverable" if off > 0 else "client_refund")


def test_line_impacts_are_the_price_in_force_against_the_amount(damaged: World) -> None:
    period = damaged.periods[-1]
    lines = {row["invoice_line_id"]: row for row in landed(damaged, period, "invoice_lines")}
    agreed = {
        row["product_code"]: row
        for row in landed(damaged, period, "agreements")
        if "-late" not in row["agreement_line_id"]
    }
    for answer in answers(damaged, "INVOICE_PRICE_MISMATCH", "INVOICE_AMOUNT_MISMATCH", "ROUNDING"):
        line = lines[answer.line_id or ""]
        price = agreed[line["product_code"]]["unit_price"]
        variance = half_up(Fraction(price * line["quantity"]), PLACES[line["currency"]]) - line["amount"]
        assert answer.impact == abs(variance)
        assert answer.impact_column == ("client_recoverable" if variance > 0 else "client_refund")
        assert (line["unit_price"] != price) == (answer.code == "INVOICE_PRICE_MISMATCH")


def test_vendor_line_impacts_follow_from_the_line_named(damaged: World) -> None:
    period = damaged.periods[-1]
    lines = {(r["source"], r["line_id"]): r for r in landed(damaged, period, "vendor_charges")}
    listed = {row["sku_id"]: row for row in rules(damaged, "cost_list")}
    for answer in answers(
        damaged, "DUPLICATE_VENDOR_CHARGE", "VENDOR_AMOUNT_MISMATCH", "VENDOR_PRICE_CHANGE"
    ):
        line = lines[answer.source or "", answer.line_id or ""]
        signed = {
            "DUPLICATE_VENDOR_CHARGE": line["amount"],
            "VENDOR_AMOUNT_MISMATCH": line["amount"] - line["quantity"] * line["unit_cost"],
            "VENDOR_PRICE_CHANGE": line["quantity"]
            * (line["unit_cost"] - Decimal(listed.get(line["sku_id"], {}).get("unit_cost", 0))),
        }[answer.code]
        assert answer.impact == abs(signed)
        assert answer.impact_column == ("vendor_claim" if signed > 0 else "vendor_liability")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return digest(make_world(tmp_path_factory.mktemp("healthy"), 9, 1, 1).directory)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", CONTROLS)
def test_an_injected_control_fault_changes_the_workspace_and_is_expected_to_block(
    code: str, size: Size, tmp_path: Path, healthy: dict[str, str]
) -> None:
    broken = make_world(tmp_path, 9, 1, 1, [Injection(code, size)])
    assert broken.blocked == {("northwind", broken.periods[-1]): {code}}
    assert digest(tmp_path) != healthy


def test_control_faults_are_the_ones_named(tmp_path: Path) -> None:
    def folder(code: str, size: Size) -> Path:
        made = make_world(tmp_path / code / size, 9, 1, 1, [Injection(code, size)])
        return made.directory / "landing" / "northwind" / made.periods[0]

    assert not list(folder("SOURCE_MISSING", "typical").glob("pax8/license_counts*"))
    (empty,) = folder("SOURCE_EMPTY", "gross").glob("connectwise/invoice_lines*")
    assert len(empty.read_text(encoding="utf-8-sig").splitlines()) == 1
    (drift,) = folder("SCHEMA_DRIFT", "typical").glob("pax8/vendor_invoices*")
    assert drift.read_text(encoding="utf-8-sig").splitlines()[0].split(",").count("invoice_total") == 2
    (renamed,) = folder("SCHEMA_DRIFT", "minor").glob("connectwise/clients*")
    assert set(renamed.read_text(encoding="utf-8-sig").splitlines()[0].split(",")) == {"client_id", "status"}


def test_faults_that_hide_findings_and_unknown_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="leave keys unreconciled"):
        make_workspace(1, 1, 1, [Injection("ROUNDING"), Injection("SOURCE_EMPTY")])
    with pytest.raises(ValueError, match="cannot inject"):
        make_workspace(1, 1, 1, [Injection("CONSERVATION_BROKEN")])
