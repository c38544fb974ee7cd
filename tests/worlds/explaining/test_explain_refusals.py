"""`mbr explain` when there is nothing to explain, or not any more.

Belongs here: refusals, and months that changed since. Does not: derivations (``test_explain``).
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.cli.explain import explain_command
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.explain import explain_client, explain_exception
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.command import mbr
from tests.support.small import PERIOD, RULES, changed, settings, write, write_msp
from tests.worlds.compare import Builder
from tests.worlds.explaining.explained import Closed, close, small_month


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


def test_a_client_id_of_two_msps_needs_one_named(tmp_path: Path, transformer: Builder) -> None:
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
    small: Closed, transformer: Builder
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
    small: Closed, transformer: Builder
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
    small: Closed, transformer: Builder
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


def test_names_from_landed_files_cannot_drive_the_terminal(tmp_path: Path, transformer: Builder) -> None:
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
