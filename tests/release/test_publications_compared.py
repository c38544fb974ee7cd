"""What differs between two publications of a month, and which can be compared; by `mbr diff`.

Belongs here: publications made by hand, compared. Does not: how one comes into force (tests/publish), and
`mbr restatement` (test_closing).
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from expectations.boundary import SuiteResult
from mbr_pipeline.audit.candidate_tables import ROW_ORDER, write_candidate
from mbr_pipeline.audit.certificate import write_certificate
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict
from mbr_pipeline.cli.diff import command
from mbr_pipeline.errors import ConfigError, GateClosed, MbrError
from mbr_pipeline.publish.differences import ALL
from mbr_pipeline.publish.publication import publish
from mbr_pipeline.storage.warehouse import connected
from tests.release.standing import Standing
from tests.support.handmade_marts import Rows, ready_line, write_marts
from tests.support.small import PERIOD

# of 80.00 USD and 700 JPY: a line less, one at another amount, a new one; the exception is decided
BEFORE: dict[str, Rows] = {
    "fct_invoice_lines_ready": [
        ready_line("L-1", "C-1", "80.00", "USD"),
        ready_line("L-2", "C-1", "700", "JPY"),
        ready_line("L-3", "C-1", "5.00", "USD"),
    ],
    "fct_exceptions": [
        {"exception_id": "e-1", "currency": "USD", "client_recoverable": "8.00", "status": "open"},
        {"exception_id": "e-2", "currency": "USD", "vendor_claim": "2.50", "status": "open"},
    ],
    "fct_line_dispositions": [
        {"leg": "vendor", "line_id": "1", "amount": "0.123456789012", "currency": "USD"},
        {"leg": "vendor", "line_id": "1", "amount": "1", "currency": "USD"},
    ],
    "dim_client": [{"client_id": "C-1", "client_name": "=Alder"}],
}
AFTER = BEFORE | {
    "fct_invoice_lines_ready": [
        ready_line("L-1", "C-1", "88.00", "USD"),
        ready_line("L-2", "C-1", "700", "JPY"),
        ready_line("L-4", "C-1", "300", "JPY"),
    ],
    "fct_exceptions": [
        {"exception_id": "e-1", "currency": "USD", "client_recoverable": "8.00", "status": "decided"},
        {"exception_id": "e-3", "currency": "USD", "client_recoverable": "1.00", "status": "open"},
    ],
    "fct_line_dispositions": [
        {"leg": "vendor", "line_id": "1", "amount": "0.123456789012", "currency": "USD"},
        {"leg": "vendor", "line_id": "1", "amount": "1.000000000001", "currency": "USD"},
    ],
    "dim_client": [{"client_id": "C-1", "client_name": "Alder"}],
}


@pytest.fixture
def standing(tmp_path: Path) -> Standing:
    return Standing(tmp_path)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Standing, str, str]:
    """A month that was published, closed and published anew, and the names of both: only read."""
    standing = Standing(tmp_path_factory.mktemp("two"))
    before = _publish(standing, BEFORE)
    standing.close()
    return standing, before, _publish(standing, AFTER, "beef")


def _publish(standing: Standing, tables: dict[str, Rows], inputs: str = "f00d") -> str:
    """Publish a month of these tables; returns its name."""
    month = standing.month
    with connected(None, standing.root / "tmp") as connection:
        write_marts(connection, {f"marts.{name}": rows for name, rows in tables.items()}, ("marts",))
        written = write_candidate(connection, month.candidate)
    suites = tuple(SuiteResult(name, 1, 1, ()) for name in SUITE_NAMES)
    write_certificate(month, Verdict(suites, ()), written, inputs, "0" * 64)
    publish(month, inputs)
    facts = {name: {"rows": t.rows, "sha256": t.sha256} for name, t in written.items()}
    standing.certificate = {"inputs_hash": inputs, "tables": facts}
    return month.published.resolve().name[1:]


def _diff(standing: Standing, *options: str) -> Result:
    month = ("--msp", "acme", "--period", PERIOD, "--workspace", str(standing.root))
    return CliRunner().invoke(command, [*month, *options])


def _problem(done: Result, kind: type[MbrError]) -> str:
    assert type(done.exception) is kind, done.output
    return str(done.exception)


def test_rows_and_money_of_every_table_are_told(two: tuple[Standing, str, str]) -> None:
    standing, before, after = two
    first, *rest = _diff(standing, "--from", before).output.splitlines()
    assert first.startswith(f"acme {PERIOD}: {before} of 20") and first.endswith(" UTC (in force)")
    assert f" -> {after} of 20" in first
    assert [line.split() for line in rest] == [
        ["table", "added", "removed", "changed"],
        ["fct_exceptions", "1", "1", "1"],
        ["client_recoverable:", "+1.00", "USD"],
        ["vendor_claim:", "-2.50", "USD"],
        ["fct_invoice_lines_ready", "1", "1", "1"],
        ["amount:", "+300", "JPY"],
        ["amount:", "+3.00", "USD"],  # 8.00 more on L-1, and L-3 of 5.00 gone
        ["fct_line_dispositions", "0", "0", "1"],  # two rows under one key: neither is lost
        ["amount:", "+0.000000000001", "USD"],
        ["dim_client", "0", "0", "1"],
    ]


def test_every_changed_value_is_in_json_and_csv(two: tuple[Standing, str, str]) -> None:
    standing, before, after = two
    data = json.loads(_diff(standing, "--from", before, "--json").output)
    assert (data["msp_id"], data["period"]) == ("acme", PERIOD)
    assert (data["from"]["name"], data["from"]["inputs_hash"], data["from"]["is_in_force"]) == (
        before,
        "f00d",
        False,
    )
    assert (data["to"]["name"], data["to"]["inputs_hash"], data["to"]["is_in_force"]) == (after, "beef", True)
    [ready] = [each for each in data["tables"] if each["table_name"] == "fct_invoice_lines_ready"]
    assert ready == {
        "table_name": "fct_invoice_lines_ready",
        "added": 1,
        "removed": 1,
        "changed": 1,
        "money": {"JPY": {"amount": "300"}, "USD": {"amount": "3.00"}},
    }
    assert len(data["tables"]) == len(ROW_ORDER)
    change = {
        "table_name": "fct_invoice_lines_ready",
        "row_key": '["C-1", "psa", "I-1", "L-1"]',
        "change": "changed",
        "client_id": "C-1",
        "currency": "USD",
        "column_name": "amount",
        "old_value": "80.0000",
        "new_value": "88.0000",
        "amount_change": "8.0000",
    }
    assert change in data["changes"]
    rows = list(csv.DictReader(_diff(standing, "--csv").output.splitlines()))
    assert len(rows) == len(data["changes"])
    assert change in rows
    # nothing from outside becomes a formula
    [renamed] = [row for row in rows if row["column_name"] == "client_name"]
    assert (renamed["old_value"], renamed["new_value"], renamed["amount_change"]) == ("'=Alder", "Alder", "")


def test_publications_and_closed_versions_are_named(two: tuple[Standing, str, str]) -> None:
    standing, before, after = two

    def compared(*options: str) -> tuple[str, str]:
        done = _diff(standing, *options, "--json")
        assert done.exception is None, done.exception
        data: dict[str, Any] = json.loads(done.output)
        return data["from"]["name"], data["to"]["name"]

    assert compared() == compared("--from", "1", "--to", after) == ("1", after)
    assert compared("--from", before[:4], "--to", after[:4]) == (before, after)
    assert compared("--from", after, "--to", before) == (after, before)
    done = _diff(standing, "--from", before, "--to", "1")
    assert done.output.splitlines()[1:] == ["nothing differs"]
    said = _problem(_diff(standing, "--from", "2"), ConfigError)
    assert said.startswith(f"'2' is no publication that is kept of acme {PERIOD}: there are {before} of 20")
    assert "version 1 of 20" in said
    assert "choose one" in _problem(_diff(standing, "--csv", "--json"), ConfigError)


def test_where_nothing_can_be_compared_one_line_says_so(standing: Standing) -> None:
    said = _problem(_diff(standing), ConfigError)
    run = f"mbr run --period {PERIOD} --msp acme"
    assert said == f"acme {PERIOD} was never published: there is nothing to compare: `{run}`"
    only = _publish(standing, BEFORE)
    standing.close()  # equal tables are nothing to compare with
    said = _problem(_diff(standing), ConfigError)
    assert said.startswith(f"nothing with other tables is kept of acme {PERIOD} from before {only} of 20")


def test_damaged_tables_are_refused(standing: Standing) -> None:
    before = _publish(standing, BEFORE)
    after = _publish(standing, AFTER)
    assert json.loads(_diff(standing, "--json").output)["from"]["name"] == before
    table = standing.month.published.resolve().with_name(f".{before}") / "dim_client.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:-1])
    assert "damaged: compare with another" in _problem(_diff(standing), GateClosed)
    table.write_bytes(whole)
    table = standing.month.published / "dim_client.parquet"
    table.write_bytes(table.read_bytes()[:-1])
    run = f"mbr run --period {PERIOD} --msp acme"
    assert f".{after} are damaged: run `{run}`" in _problem(_diff(standing), GateClosed)


def test_every_published_table_is_compared() -> None:
    assert set(ALL) == set(ROW_ORDER)
