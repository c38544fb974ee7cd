"""`mbr explain` on generated worlds: every finding of every code is derived again from its records and comes
to what was published.

Belongs here: explanations of whole months, and what `mbr explain` answers when there is nothing to explain.
What a single code comes to, worked out by hand, is ``tests/explain``; whether the published figures are
right is ``test_worlds``.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.cli.explain import explain_command
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.exception_codes import codes_of
from mbr_pipeline.explain import explain_client, explain_exception
from mbr_pipeline.explain.derive import DERIVATIONS
from mbr_pipeline.explain.records import MONEY_COLUMNS
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.scaffold.world import make_world
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.command import mbr
from tests.support.small import PERIOD, RULES, changed, settings, write, write_msp
from tests.worlds.chaos import PERIODS, Chaos
from tests.worlds.compare import run_month
from tests.worlds.test_worlds import FINDINGS

Row = dict[str, Any]


@dataclass(frozen=True)
class Closed:
    """A month that ran: published if its gate passed, else kept for inspection."""

    workspace: WorkspacePaths
    msp_id: str
    period: str
    folder: Path
    reasons: list[str]

    def rows(self, table: str, **where: Any) -> list[Row]:
        rows: list[Row] = pq.read_table(self.folder / f"{table}.parquet").to_pylist()
        return [row for row in rows if all(row[name] == value for name, value in where.items())]


def close(root: Path, msp_id: str, period: str, transformer: Transformer) -> Closed:
    folder, document = run_month(root, msp_id, period, transformer)
    month = MonthlyClose.of(WorkspacePaths(root), msp_id, period)
    if document["gate"] == "passed":
        month.publish()
    return Closed(month.paths.workspace, msp_id, period, folder, document["reasons"])


@pytest.fixture(scope="module", params=FINDINGS)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, transformer: Transformer
) -> tuple[int, Closed]:
    """A world of ``test_worlds``, where every exception code is injected into one of them, with its last
    month closed.
    """
    seed: int = request.param
    made = make_world(tmp_path_factory.mktemp(f"world-{seed}"), seed, 4, 2, FINDINGS[seed])
    return seed, close(made.directory, made.msp_ids[0], made.periods[-1], transformer)


@pytest.fixture(scope="module")
def closed_small(tmp_path_factory: pytest.TempPathFactory, transformer: Transformer) -> Closed:
    """Eleven seats supplied, ten invoiced: one finding of 8.00 USD. Never changed: tests copy it."""
    return small_month(tmp_path_factory.mktemp("closed") / "small", transformer)


@pytest.fixture
def small(closed_small: Closed, tmp_path: Path) -> Closed:
    """A copy of the small month, for one test."""
    root = Path(shutil.copytree(closed_small.workspace.root, tmp_path / "small"))
    folder = root / closed_small.folder.relative_to(closed_small.workspace.root)
    return replace(closed_small, workspace=WorkspacePaths(root), folder=folder)


def small_month(root: Path, transformer: Transformer, **landed: str | None) -> Closed:
    write(root / "mbr.yml", settings(["acme"]))
    eleven = changed("vendor/vendor_charges.csv", "recurring,10,5.00,50.00", "recurring,11,5.00,55.00")
    eleven |= changed("vendor/vendor_invoices.csv", "50.00", "55.00") | changed(
        "vendor/license_counts.csv", "10,10", "11,11"
    )
    write_msp(root, "acme", {**eleven, **landed})
    return close(root, "acme", PERIOD, transformer)


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
    tmp_path: Path, transformer: Transformer
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
    tmp_path: Path, transformer: Transformer
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


def refusal(
    workspace: WorkspacePaths,
    exception_id: str | None = None,
    client: str | None = None,
    period: str | None = None,
    msp: str | None = None,
) -> str:
    """What a refused command says; exit code 2."""
    with pytest.raises(ConfigError) as caught:
        explain_command(workspace, exception_id, client, period, msp, everything=False, as_json=False)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_what_is_not_there_is_refused_with_what_is(small: Closed) -> None:
    workspace = small.workspace
    assert refusal(workspace, "0123456789").startswith("no exception 0123456789 is published")
    assert refusal(workspace, "01234").startswith(
        "exception id '01234' is too short: give at least 6 characters"
    )
    assert (
        refusal(workspace) == "nothing to explain: give an exception id, or --client ID with --period YYYY-MM"
    )
    assert refusal(workspace, client="C-1").startswith("nothing to explain")
    assert refusal(workspace, "0123456", period=PERIOD).startswith("an exception id says all by itself")
    assert (
        refusal(workspace, client="C-7", period=PERIOD)
        == f"no client C-7 in acme {PERIOD}: did you mean C-1?"
    )
    month = refusal(workspace, client="C-1", period="2026-09")
    assert month == f"2026-09 has no tables: there are {PERIOD}; `mbr run --period 2026-09` makes them"
    assert refusal(workspace, client="C-1", period=PERIOD, msp="other").startswith(
        "MSP 'other' is not in mbr.yml"
    )
    assert refusal(workspace, client="C-1", period="October").startswith("period 'October' is not a month")
    assert refusal(WorkspacePaths(workspace.root / "landing"), "0123456789").endswith(
        "or name one with --workspace"
    )


def test_a_refusal_is_one_line_and_exit_code_2(small: Closed) -> None:
    done = mbr("explain", "0123456789", "--workspace", small.workspace.root)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("mbr: no exception 0123456789 is published")


def test_a_client_id_of_two_msps_needs_one_named(tmp_path: Path, transformer: Transformer) -> None:
    write(tmp_path / "mbr.yml", settings(["acme", "zenith"]))
    for msp_id in ("acme", "zenith"):
        write_msp(tmp_path, msp_id)
        close(tmp_path, msp_id, PERIOD, transformer)
    workspace = WorkspacePaths(tmp_path)
    with pytest.raises(
        ConfigError, match=rf"client C-1 is one of acme, zenith in {PERIOD}: name one with --msp"
    ):
        explain_client(workspace, "C-1", PERIOD, None)
    bridge = explain_client(workspace, "C-1", PERIOD, "zenith")
    assert (bridge.month.msp_id, bridge.verdict, bridge.findings) == ("zenith", "PASS", ())


def test_a_prefix_of_several_exceptions_lists_them(small: Closed) -> None:
    # ids are fingerprints: two that begin alike have to be written
    path = small.workspace.published / "acme" / PERIOD / "fct_exceptions.parquet"
    table = pq.read_table(path)
    first, second = "abcdef" + "0" * 18, "abcdef" + "1" * 18
    twice = pa.concat_tables([table.slice(0, 1), table.slice(0, 1)])
    pq.write_table(twice.set_column(0, twice.schema.field(0), pa.array([second, first])), path)
    refresh_catalogue(small.workspace)
    code = table.column("exception_code")[0].as_py()
    line = refusal(small.workspace, "abcdef")
    assert line == f"exception id abcdef fits 2: {first} ({code}), {second} ({code}): give more characters"


def only_exception(month: Closed) -> str:
    [row] = month.rows("fct_exceptions", exception_code="UNDERBILLED_QUANTITY")
    return str(row["exception_id"])


def failure(workspace: WorkspacePaths, exception_id: str) -> str:
    """What an explanation that cannot be given now says; exit code 1."""
    with pytest.raises(MbrError) as caught:
        explain_exception(workspace, exception_id)
    assert caught.value.exit_code == 1
    return str(caught.value)


def test_without_the_months_records_the_run_that_makes_them_is_named(small: Closed) -> None:
    exception_id = only_exception(small)
    shutil.rmtree(small.workspace.warehouse)
    told = failure(small.workspace, exception_id)
    assert told.endswith(
        f"run `mbr run --workspace {small.workspace.root} --period {PERIOD} --msp acme` first"
    )


def test_while_a_run_holds_the_month_nothing_is_read_and_nobody_waits(small: Closed) -> None:
    exception_id = only_exception(small)
    with (small.workspace.warehouse / "acme" / PERIOD / "month.lock").open("r+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert (
            failure(small.workspace, exception_id)
            == f"acme {PERIOD}: a run is working on it: try again when it has ended"
        )
    assert explain_exception(small.workspace, exception_id).problems == ()


def test_a_month_that_was_run_again_since_says_that_it_no_longer_has_the_exception(
    small: Closed, transformer: Transformer
) -> None:
    exception_id = only_exception(small)
    write_msp(small.workspace.root, "acme")  # ten seats supplied, ten invoiced
    month = MonthlyClose.of(small.workspace, "acme", PERIOD)
    month.load()
    assert failure(small.workspace, exception_id).startswith(f"acme {PERIOD}: the last run did not finish")
    month.transform(transformer)
    assert failure(small.workspace, exception_id).startswith(
        f"{exception_id}: acme {PERIOD} was run again since, and no longer finds it"
    )


def test_an_exception_that_is_found_again_with_other_money_is_not_explained_as_the_published_one(
    small: Closed, transformer: Transformer
) -> None:
    exception_id = only_exception(small)
    dearer = changed("psa/agreements.csv", "SEAT,10,8.00", "SEAT,10,9.00")
    twelve = {**RULES, "metering.csv": "product_code,basis,minimum_quantity\nSEAT,vendor_billed,12\n"}
    write_msp(small.workspace.root, "acme", dearer, twelve)
    month = MonthlyClose.of(small.workspace, "acme", PERIOD)
    month.load()
    month.transform(transformer)
    told = failure(small.workspace, exception_id)
    assert told.startswith(
        f"{exception_id}: acme {PERIOD} was run again since, and finds it with other records or money"
    )


def test_a_blocked_run_is_explained_before_the_publication_that_still_stands(
    small: Closed, transformer: Transformer
) -> None:
    exception_id = only_exception(small)
    wrong = changed("vendor/vendor_invoices.csv", "50.00", "60.00")
    wrong |= changed("vendor/vendor_charges.csv", "recurring,10,5.00,50.00", "recurring,13,5.00,65.00")
    basis = {**RULES, "metering.csv": "product_code,basis\nSEAT,entitled\n"}
    write_msp(
        small.workspace.root, "acme", wrong | changed("vendor/license_counts.csv", "10,10", "13,13"), basis
    )
    blocked = close(small.workspace.root, "acme", PERIOD, transformer)
    assert blocked.reasons == ["CONTROL_TOTAL_MISMATCH"]
    explanation = explain_exception(small.workspace, exception_id)
    assert explanation.found.blocked_by == ("CONTROL_TOTAL_MISMATCH",)
    assert explanation.derived.impacts == {"client_recoverable": Decimal("24.00")}
    done = mbr("explain", exception_id, "--workspace", small.workspace.root)
    assert "BLOCKED by CONTROL_TOTAL_MISMATCH: the earlier publication stands" in done.stdout


def test_names_from_landed_files_cannot_drive_the_terminal(tmp_path: Path, transformer: Transformer) -> None:
    hostile = "Alder\x1b]0;owned\x07 \u202egnp.exe"
    month = small_month(
        tmp_path,
        transformer,
        **changed("psa/clients.csv", "Alder & Sons", hostile),
        **changed("psa/products.csv", "A seat", f"A {hostile}"),
    )
    for arguments in ((only_exception(month),), ("--client", "C-1", "--period", PERIOD)):
        done = mbr("explain", *arguments, "--workspace", tmp_path)
        assert done.returncode == 0 and "owned" in done.stdout
        assert done.stdout.replace("\n", "").isprintable()


@pytest.fixture
def read_only(small: Closed) -> Iterator[Closed]:
    """A closed month whose file must not change."""
    path = small.workspace.root / f"warehouse/acme/{PERIOD}/month.duckdb"
    before = path.read_bytes()
    yield small
    assert path.read_bytes() == before


def test_explaining_changes_nothing_in_the_months_file(read_only: Closed) -> None:
    assert explain_exception(read_only.workspace, only_exception(read_only)).problems == ()
