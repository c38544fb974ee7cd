"""The test that published tables agree, tested: on tables that do agree, and on each reference broken by
itself.

Belongs here: ``tests/singular/assert_published_tables_agree.sql``, rendered by Jinja and run on tiny tables.
``assert_no_line_is_lost`` is a plain look at ``int_audit_facts``, which has unit tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import jinja2
import pytest

TABLES = """
create table exception_codes (exception_code text, kind text, impact text);
insert into exception_codes values ('UNDER', 'client', 'client'), ('LATE', 'vendor', 'client'),
    ('CLAIM', 'vendor', 'vendor'), ('UNUSED', 'vendor', 'stranded'), ('UNMAPPED', 'vendor', 'cost'),
    ('TOTAL', 'control', 'none');
create table fct_exceptions (
    exception_id text, exception_code text, severity text, status text, client_id text, product_code text,
    currency text,
    client_recoverable int, client_refund int, vendor_claim int, vendor_liability int, stranded int,
    priced_at_cost int
);
insert into fct_exceptions values
    ('1', 'UNDER', 'error', 'open', 'A', 'P', 'USD', 5, 0, 0, 0, 0, 0),
    ('2', 'LATE', 'warning', 'open', 'B', 'Q', 'USD', 0, 5, 0, 0, 0, 0),
    ('3', 'CLAIM', 'warning', 'decided', 'A', 'P', null, 0, 0, 5, 0, 0, 0),
    ('4', 'UNUSED', 'info', 'open', 'A', 'P', 'USD', 0, 0, 0, 0, 5, 0),
    ('5', 'UNMAPPED', 'warning', 'auto_cleared', null, null, 'USD', 0, 0, 0, 0, 0, -5);
create table fct_reconciliation as
    select * from (values ('A', 'P', 'USD', 9, 4), ('B', 'P', 'USD', 3, null))
        as t (client_id, product_code, currency, invoiced_amount, margin_amount);
create table fct_margin as
    select * from (values ('A', 'P', 'USD', 9, 4, 0), ('B', 'P', 'USD', 0, 0, 3))
        as t (client_id, product_code, currency, billed_amount, margin_amount, unmatched_billed);
create table fct_close_metrics as
    select * from (values ('USD', 4, 3, 0, 1), (null, 1, 0, 1, 0))
        as t (currency, exceptions_found, exceptions_open, exceptions_decided, exceptions_auto_cleared);
create table fct_client_gate as
    select * from (values ('A', 'USD', 'PASS'), ('A', null, 'PASS'), ('B', 'USD', 'HOLD'))
        as t (client_id, currency, verdict);
create table fct_line_dispositions as
    select * from (values
        ('vendor', '1', 'exception', 'CLAIM'), ('invoice', '1', 'exception', 'unreconciled'),
        ('vendor', '2', 'excluded', 'tax'), ('vendor', '3', 'matched', null))
        as t (leg, line_id, disposition, reason);
create table fct_variance_bridge as
    select * from (values ('A', 'USD', 5), ('C', 'USD', 0)) as t (client_id, currency, classified_variance);
create table fct_invoice_lines_ready as
    select * from (values ('1', 'A', 'USD'))
        as t (invoice_line_id, client_id, currency);
create table fct_psa_changes as
    select * from (values ('A', 'P')) as t (client_id, product_code);
"""
NO_CODE = "an exception has a code that is none"
NO_WORD = "an exception has a severity or a status that is none"
NO_MONEY = "an exception has money where its code has none"


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(TABLES)
        yield connection


def broken(connection: duckdb.DuckDBPyConnection, project: Path) -> list[tuple[str, str]]:
    text = (project / "tests" / "singular" / "assert_published_tables_agree.sql").read_text(encoding="utf-8")
    query = jinja2.Template(text, undefined=jinja2.StrictUndefined).render(
        ref=lambda name: name, config=lambda **_: ""
    )
    return sorted(connection.execute(query).fetchall())


def test_tables_that_agree_pass(tables: duckdb.DuckDBPyConnection, project: Path) -> None:
    assert broken(tables, project) == []


@pytest.mark.parametrize(
    ("change", "rule", "found"),
    [
        ("fct_exceptions set exception_code = 'NEW' where exception_id = '4'", NO_CODE, "4"),
        ("fct_exceptions set exception_code = 'TOTAL' where exception_id = '5'", NO_CODE, "5"),
        ("fct_exceptions set severity = 'bad' where exception_id = '1'", NO_WORD, "1"),
        ("fct_exceptions set status = 'new' where exception_id = '1'", NO_WORD, "1"),
        ("fct_exceptions set vendor_claim = 1 where exception_id = '1'", NO_MONEY, "1"),
        ("fct_exceptions set client_refund = 1 where exception_id = '3'", NO_MONEY, "3"),
        ("fct_exceptions set stranded = 1 where exception_id = '2'", NO_MONEY, "2"),
        ("fct_exceptions set priced_at_cost = 1 where exception_id = '4'", NO_MONEY, "4"),
        (
            "fct_exceptions set product_code = 'R' where exception_id = '1'",
            "a client-side exception is of no reconciled client and product", "1",
        ),
        (
            "fct_exceptions set currency = 'XTS' where exception_id = '2'",
            "an exception is of a client that the gate does not know", "2",
        ),
        (
            "fct_line_dispositions set reason = 'LOST' where reason = 'CLAIM'",
            "a line is disposed of under a code that no exception has", "vendor 1",
        ),
        (
            "fct_variance_bridge set classified_variance = 1 where client_id = 'C'",
            "a client with a classified variance is not in the gate", "C",
        ),
        (
            "fct_invoice_lines_ready set client_id = 'B'",
            "a line may go out although the gate does not let its client pass", "1",
        ),
        (
            "fct_psa_changes set product_code = 'Q'",
            "a quantity is to be changed that was not reconciled",
            "A Q",
        ),
        (
            "fct_margin set unmatched_billed = 2 where client_id = 'B'",
            "what is billed is not what was reconciled", "B P",
        ),
        (
            "fct_margin set margin_amount = 5 where client_id = 'A'",
            "a margin is another than the reconciled one", "A P",
        ),
        (
            "fct_close_metrics set exceptions_found = 5 where currency is null",
            "findings are counted that are none, or not counted", "no currency",
        ),
        (
            "fct_close_metrics set exceptions_open = 2 where currency = 'USD'",
            "findings are counted that are none, or not counted", "USD",
        ),
    ],
)  # fmt: skip
def test_every_reference_that_breaks_is_told(
    change: str, rule: str, found: str, tables: duckdb.DuckDBPyConnection, project: Path
) -> None:
    tables.execute(f"update {change}")
    assert (rule, found) in broken(tables, project)
