"""That what is published names the entries of policies from the first run on (contract §6.4, §8.3).

Belongs here: the step between a passed gate and the swap: killed, overtaken, repeated. Does not: what
policies decide (``test_policies``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.boundary import FailedExpectation, Suite, SuiteResult
from mbr_pipeline import monthly_close
from mbr_pipeline.audit.candidate_tables import create_views
from mbr_pipeline.cli.close import command as close
from mbr_pipeline.cli.reopen import command as reopen
from mbr_pipeline.decide import policies
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.report.close_pack import close_pack
from mbr_pipeline.storage.warehouse import connected
from tests.decide.policed import Small, compiled
from tests.support.small import PERIOD
from tests.worlds import plain_suites
from tests.worlds.compiled import CompiledTransformer

__all__ = ["compiled"]


@pytest.fixture
def small(tmp_path: Path, compiled: CompiledTransformer) -> Small:
    return Small(tmp_path, compiled)


def _of_lines(small: Small) -> dict[str, list[str]]:
    return {row["client_id"]: row["decision_ids"] for row in small.rows("fct_invoice_lines_ready")}


def test_the_next_run_publishes_the_same_bytes(small: Small) -> None:
    small.of_two_clients()
    small.run()
    first = small.published()
    entries = {entry.body["client_id"]: entry.entry_id for entry in small.entries()}
    assert _of_lines(small) == {"C-1": [entries["C-1"]], "C-2": [entries["C-2"]]}
    assert [row["decision_id"] for row in small.rows("fct_decisions")] == sorted(entries.values())
    assert small.is_verified()
    small.run()
    assert small.published() == first
    assert len(small.entries()) == 2


def test_beside_what_a_person_approved_on_the_same_line(small: Small) -> None:
    # a seat is missing, 8.00, and each of nine costs 1.00 too little, 9.00, which no policy names
    small.invoiced("9,7.00,63.00")
    small.audited()
    price = next(e for e in small.exceptions() if e["exception_code"] == "INVOICE_PRICE_MISMATCH")
    small.decide("approve", price["exception_id"])
    small.run()
    ids = sorted(entry.entry_id for entry in small.entries())
    assert [entry.actor for entry in small.entries()] == ["clerk1", "policy"]
    assert _of_lines(small) == {"C-1": ids}
    first = small.published()
    small.run()
    assert small.published() == first


def _no_counts_of_the_month(small: Small) -> None:
    """Block the gate by a control that no expected quantity depends on."""
    counts = small.root / "landing/acme" / PERIOD / "vendor/license_counts.csv"
    counts.write_text(counts.read_text(encoding="utf-8").replace("2026-10-", "2026-09-"), encoding="utf-8")


def test_what_is_blocked_is_entered_nowhere_and_has_no_id(small: Small) -> None:
    _no_counts_of_the_month(small)
    small.audited()
    with pytest.raises(GateClosed, match="SOURCE_STALE"):
        small.publish()
    [row] = pq.read_table(small.month.paths.report / "blocked" / "fct_decisions.parquet").to_pylist()
    assert (row["decision_id"], row["decided_at"]) == (None, None)
    assert small.entries() == []


class _KilledError(BaseException):
    pass


def _killed(*_: Any, **__: Any) -> Any:
    raise _KilledError


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("mbr_pipeline.audit.candidate_tables", "name_entries"),
        ("mbr_pipeline.audit.candidate_tables", "_read_back"),
        ("mbr_pipeline.monthly_close", "write_certificate"),
        ("mbr_pipeline.publish.publication", "switch_to"),
    ],
)
def test_who_is_killed_there_is_followed_by_a_run_that_publishes_the_same(
    small: Small, monkeypatch: pytest.MonkeyPatch, where: str, what: str
) -> None:
    small.audited()
    with monkeypatch.context() as patched:
        patched.setattr(f"{where}.{what}", _killed)
        with pytest.raises(_KilledError):
            small.publish()
    [entry] = small.entries()
    assert not small.month.paths.published.exists()
    small.run()
    assert small.entries() == [entry]
    assert _of_lines(small) == {"C-1": [entry.entry_id]}
    assert small.is_verified()
    first = small.published()
    small.run()
    assert small.published() == first


def test_the_step_alone_is_repeated(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    small.audited()
    with monkeypatch.context() as patched:
        patched.setattr("mbr_pipeline.publish.publication.switch_to", _killed)
        with pytest.raises(_KilledError):
            small.publish()
    small.publish()
    first = small.published()
    small.publish()
    assert small.published() == first
    assert len(small.entries()) == 1


def test_an_audit_after_the_entry_is_published_with_it(small: Small) -> None:
    small.run()
    first = small.published()
    small.month.audit(plain_suites.run)  # of marts that were built before
    small.publish()
    assert small.published() == first
    assert len(small.entries()) == 1


def test_a_decision_after_the_load_ends_the_publication_and_nothing_is_entered(small: Small) -> None:
    small.audited()
    [waiting] = small.decide("list")
    assert (waiting["decision_id"], waiting["actor"], waiting["state"]) == (None, "policy", "in_force")
    small.decide("defer", waiting["exception_id"], "--reason", "ask the client")
    with pytest.raises(GateClosed):
        small.publish()
    with pytest.raises(GateClosed, match="somebody decided after the month was loaded"):
        policies.enter(small.month.paths, lambda rows: not rows)
    assert [entry.kind for entry in small.entries()] == ["defer"]
    small.run()
    assert [row["action"] for row in small.rows("fct_decisions")] == ["defer"]
    assert [entry.kind for entry in small.entries()] == ["defer"]


def test_a_decision_after_the_entry_ends_the_publication_too(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.audited()
    [finding] = small.exceptions()
    write_certificate = monthly_close.write_certificate

    def and_meanwhile(*arguments: Any) -> None:
        write_certificate(*arguments)
        small.decide("defer", finding["exception_id"], "--reason", "ask the client")

    monkeypatch.setattr(monthly_close, "write_certificate", and_meanwhile)
    with pytest.raises(GateClosed, match="somebody decided after the month was loaded"):
        small.publish()
    assert not small.month.paths.published.exists()
    monkeypatch.undo()
    assert [entry.kind for entry in small.entries()] == ["approve", "defer"]
    small.run()
    states = {row["action"]: row["state"] for row in small.rows("fct_decisions")}
    assert states == {"approve": "replaced", "defer": "in_force"}
    assert small.is_verified()


def test_what_names_the_entries_is_audited_again(small: Small) -> None:
    small.audited()

    def failing(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
        return SuiteResult(suite.name, 1, 1, (FailedExpectation("rows", suite.name, "they are others"),))

    with pytest.raises(GateClosed, match="SUITE_FAILED"):
        small.publish(failing)
    assert not small.month.paths.published.exists()


def test_where_policies_approved_nothing_no_suite_runs_again(small: Small) -> None:
    small.invoiced("10,8.00,80.00")
    small.audited()
    small.publish(_killed)
    assert small.month.paths.published.exists()


def test_a_month_is_closed_right_after_its_first_run(small: Small) -> None:
    small.run()
    [entry] = small.entries()
    small.act(close)
    closed = small.month.paths.published.with_name(f"{PERIOD}.versions") / "1"
    [line] = pq.read_table(closed / "fct_invoice_lines_ready.parquet").to_pylist()
    assert line["decision_ids"] == [entry.entry_id]
    small.act(reopen, "--reason", "to see what changes")
    small.run()
    assert small.rows("fct_restatement") == []


def test_the_close_pack_of_a_blocked_month_counts_each_that_has_no_id_yet(small: Small) -> None:
    small.of_two_clients()
    _no_counts_of_the_month(small)
    small.audited()
    gate = json.loads((small.month.paths.report / "gate.json").read_text(encoding="utf-8"))
    with connected(None, small.root / "tmp") as connection:
        create_views(connection, small.month.paths.report / "blocked")
        [decided] = close_pack(gate, connection).decided or ()
    assert (decided.actor, decided.action, decided.count) == ("policy", "approve", 2)
    assert [(each.currency, each.amount) for each in decided.money] == [("USD", Decimal("16.00"))]
