"""`mbr explain` on generated worlds: every finding of every code is derived again from its records and
comes to what was published.

Belongs here: explanations of whole months, and what `mbr explain` answers when there is nothing to explain.
What a single code comes to, worked out by hand, is ``tests/explain``; whether the published figures are
right is ``test_worlds``.
"""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.exception_codes import codes_of
from mbr_pipeline.explain import explain_client, explain_exception
from mbr_pipeline.explain.derive import DERIVATIONS
from mbr_pipeline.explain.records import MONEY_COLUMNS
from mbr_pipeline.scaffold.world import make_world
from tests.e2e.command import mbr
from tests.support.small import PERIOD, changed
from tests.worlds.compare import Builder
from tests.worlds.drawn.chaos import PERIODS, Chaos
from tests.worlds.explaining.explained import Closed, Row, close, small_month
from tests.worlds.test_worlds import FINDINGS


@pytest.fixture(scope="module", params=FINDINGS)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, transformer: Builder
) -> tuple[int, Closed]:
    """A world of ``test_worlds``, where every exception code is injected into one of them, with its last
    month closed.
    """
    seed: int = request.param
    made = make_world(tmp_path_factory.mktemp(f"world-{seed}"), seed, 4, 2, FINDINGS[seed])
    return seed, close(made.directory, made.msp_ids[0], made.periods[-1], transformer)


def expect_derived(month: Closed, row: Row) -> None:
    explanation = explain_exception(month.workspace, row["exception_id"])
    about = f"{month.workspace.root.name} {row['exception_code']} {row['exception_id']}"
    assert explanation.derived.code == row["exception_code"], about
    assert explanation.derived.currency == row["currency"], about
    derived = {column: explanation.derived.impacts.get(column, Decimal(0)) for column in MONEY_COLUMNS}
    assert derived == {column: row[column] for column in MONEY_COLUMNS}, about
    assert explanation.problems == (), about
    assert (explanation.found.blocked_by is not None) is bool(month.reasons), about


def injected(seed: int) -> set[str]:
    return {injection.code for injection in FINDINGS[seed]} & set(DERIVATIONS)


def test_every_code_is_in_some_world() -> None:
    assert set().union(*map(injected, FINDINGS)) == set(DERIVATIONS)


def test_every_exception_of_a_world_is_derived_to_the_published_money(world: tuple[int, Closed]) -> None:
    seed, month = world
    rows = month.rows("fct_exceptions")
    for row in rows:
        expect_derived(month, row)
    assert injected(seed) <= {row["exception_code"] for row in rows}


def test_random_nonsense_is_derived_to_the_published_money_as_well(
    tmp_path: Path, transformer: Builder
) -> None:
    Chaos(tmp_path, 3).write()
    month = close(tmp_path, "msp", PERIODS[-1], transformer)
    seen: Counter[str] = Counter()
    for row in month.rows("fct_exceptions"):
        seen[row["exception_code"]] += 1
        if seen[row["exception_code"]] <= 2:
            expect_derived(month, row)
    assert len(seen) > 20


def test_every_clients_bridge_adds_up_finding_by_finding(world: tuple[int, Closed]) -> None:
    _, month = world
    clients = {row["client_id"] for row in month.rows("fct_client_gate")}
    assert len(clients) >= 4
    for client_id in clients:
        bridge = explain_client(month.workspace, client_id, month.period, None)
        assert bridge.problems == []
        published = {row["currency"]: row for row in month.rows("fct_variance_bridge", client_id=client_id)}
        exceptions = month.rows("fct_exceptions", client_id=client_id)
        for currency in bridge.bridges:
            row = published.pop(currency.currency)
            own = [
                e
                for e in exceptions
                if e["currency"] == currency.currency and e["exception_code"] in codes_of("client")
            ]
            signed = sum(e["client_recoverable"] - e["client_refund"] for e in own)
            assert currency.difference == row["expected_amount"] - row["invoiced_amount"] == signed
        assert published == {}
        assert sorted(f.exception_id for f in bridge.findings) == sorted(
            e["exception_id"] for e in exceptions
        )
        [verdict] = {row["verdict"] for row in month.rows("fct_client_gate", client_id=client_id)}
        is_held = bool(bridge.holders) or any(product.holds for product in bridge.not_compared)
        assert bridge.verdict == verdict and is_held is (verdict == "HOLD")


def test_an_exception_is_found_by_its_first_characters_and_printed_to_the_cent(small: Closed) -> None:
    [row] = small.rows("fct_exceptions", exception_code="UNDERBILLED_QUANTITY")
    done = mbr("explain", row["exception_id"][:6].upper(), "--workspace", small.workspace.root)
    assert (done.returncode, done.stderr) == (0, "")
    printed = done.stdout.splitlines()
    assert printed[-1] == "= 8.00 USD, equal to the published impact (client_recoverable)"
    assert any(line.split()[:1] == ["2026-10/vendor/vendor_charges.csv:2"] for line in printed)
    data = json.loads(
        mbr("explain", row["exception_id"], "--json", "--workspace", small.workspace.root).stdout
    )
    assert data["agrees"] is True and data["derived"]["money"] == {"client_recoverable": "8.00"}


def test_a_client_is_told_why_it_owes_more_and_how_to_dig(small: Closed) -> None:
    [row] = small.rows("fct_exceptions", exception_code="UNDERBILLED_QUANTITY")
    done = mbr("explain", "--client", "C-1", "--period", PERIOD, "--workspace", small.workspace.root)
    assert done.returncode == 0
    told = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert told[0] == f"Alder & Sons (C-1), acme {PERIOD}: HOLD"
    at = told.index("USD: 8.00 more is expected than invoiced")
    assert told[at + 2 : at + 6] == [
        "invoiced 80.00",
        f"UNDERBILLED_QUANTITY A seat (SEAT) +8.00 holds the client {row['exception_id']}",
        "= expected 88.00",
        "88.00 − 80.00 = 8.00; 1 finding: 8.00; classified variance 8.00, residual 0.00",
    ]
    assert told[-1].endswith(f"explain ID --workspace {small.workspace.root}")
    data = json.loads(
        mbr(
            "explain", "--client", "C-1", "--period", PERIOD, "--json", "--workspace", small.workspace.root
        ).stdout
    )
    assert (data["verdict"], data["held_by"], data["bridges"][0]["difference"]) == (
        "HOLD",
        [row["exception_id"]],
        "8.00",
    )


def test_a_derivation_that_comes_to_something_else_is_an_error(small: Closed) -> None:
    [row] = small.rows("fct_exceptions", exception_code="UNDERBILLED_QUANTITY")
    with duckdb.connect(str(small.workspace.root / f"warehouse/acme/{PERIOD}/month.duckdb")) as connection:
        connection.execute(
            "create table raw.dearer as select * replace (9::decimal(25, 10) as unit_price) from"
            " raw.agreements"
        )
        connection.execute("drop view raw.agreements; alter table raw.dearer rename to agreements")
    done = mbr("explain", row["exception_id"], "--workspace", small.workspace.root)
    assert done.returncode == 1
    assert (
        done.stdout.splitlines()[-1] == "≠ client_recoverable is 9.00 by this derivation, published is 8.00"
    )
    [line] = done.stderr.splitlines()
    assert line.startswith(f"mbr: {row['exception_id']}: the derivation is not what was published: ")


def test_a_blocked_month_is_explained_from_its_kept_tables_and_said_to_be_blocked(
    tmp_path: Path, transformer: Builder
) -> None:
    # the bill's total is wrong, so what the vendor bills is not compared; the unused licence is found all the
    # same
    month = small_month(
        tmp_path,
        transformer,
        **changed("vendor/vendor_invoices.csv", "50.00", "60.00"),
        **changed("vendor/license_counts.csv", "10,10", "11,10"),
    )
    [row] = month.rows("fct_exceptions")
    assert (row["exception_code"], month.reasons) == ("UNUSED_LICENSES", ["CONTROL_TOTAL_MISMATCH"])
    told = (
        "BLOCKED by CONTROL_TOTAL_MISMATCH: nothing is published; what follows is what the blocked run found"
    )
    done = mbr("explain", row["exception_id"], "--workspace", tmp_path)
    assert done.returncode == 0 and told in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1] == "= 5.00 USD, equal to the published impact (stranded)"
    done = mbr("explain", "--client", "C-1", "--period", PERIOD, "--workspace", tmp_path)
    assert done.returncode == 0 and told in done.stdout.splitlines()
    assert (
        "USD: what is expected is invoiced, but 1 product could not be compared" in done.stdout.splitlines()
    )
    assert (
        "  held by A seat (SEAT): unreconciled, so its invoice says nothing either way"
        in done.stdout.splitlines()
    )
