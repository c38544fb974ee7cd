"""What policies approve, from the run to the chain (contract §8.2, §8.3): in force in the same run, entered
before the swap, once.

Belongs here: one month worked by hand. Nine of ten seats at 8.00 are invoiced, 72.00: the client owes 8.00
more, and a policy approves up to 10.00. Does not: which exceptions a policy takes (dbt's unit tests and
tests/worlds).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.decide import command
from mbr_pipeline.decide import policies
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry, faults
from mbr_pipeline.errors import ConfigError, GateClosed
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.recompute.verify import verify_month
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import PERIOD, changed, settings, write, write_msp
from tests.worlds import plain_suites
from tests.worlds.compiled import CompiledTransformer

POLICY = """policies:
  auto_approve:
    - {codes: [UNDERBILLED_QUANTITY], max_impact: {USD: "10.00"}}
"""


@pytest.fixture(scope="module")
def compiled() -> Iterator[CompiledTransformer]:
    with CompiledTransformer() as transformer:
        yield transformer


class Small:
    """The month and its steps."""

    def __init__(self, root: Path, compiled: CompiledTransformer, more: str = POLICY) -> None:
        self.root, self._compiled = root, compiled
        write(root / "mbr.yml", settings(["acme"], more))
        self.invoiced("9,8.00,72.00")

    def invoiced(self, quantity_price_amount: str) -> None:
        line = changed("psa/invoice_lines.csv", "SEAT,10,8.00,80.00", f"SEAT,{quantity_price_amount}")
        write_msp(self.root, "acme", line)

    @property
    def month(self) -> MonthlyClose:
        return MonthlyClose.of(WorkspacePaths(self.root), "acme", PERIOD)

    def audited(self) -> None:
        month = self.month
        month.load()
        assert all(node.succeeded for node in month.transform(self._compiled))
        month.audit(plain_suites.run)

    def run(self) -> None:
        self.audited()
        self.month.publish()

    def rows(self, table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(
            self.month.paths.published / f"{table}.parquet"
        ).to_pylist()
        return found

    def entries(self) -> list[Entry]:
        found = chain(WorkspacePaths(self.root), "acme")
        assert list(faults("acme", found)) == []
        return found

    def decide(self, *arguments: str) -> Any:
        arguments = (*arguments, "--workspace", str(self.root), "--json")
        done = CliRunner().invoke(command, arguments, env={"MBR_ACTOR": "clerk1"}, catch_exceptions=False)
        return json.loads(done.stdout.splitlines()[-1])

    def is_verified(self) -> bool:
        entries = [entry.fields() for entry in self.entries()]
        folder = self.month.paths.published
        return verify_month(self.root, "acme", PERIOD, folder, chain=entries).is_equal


@pytest.fixture
def small(tmp_path: Path, compiled: CompiledTransformer) -> Small:
    return Small(tmp_path, compiled)


def _line(small: Small) -> tuple[Any, ...]:
    [line] = small.rows("fct_invoice_lines_ready")
    return line["quantity"], line["amount"], line["change"], len(line["exception_ids"]), line["decision_ids"]


def test_it_is_in_force_in_the_run_that_decides_it_and_told_by_its_entry_in_the_next(small: Small) -> None:
    small.run()
    [told] = small.rows("fct_decisions")
    assert (told["decision_id"], told["decided_at"], told["actor"]) == (None, None, "policy")
    assert (told["action"], told["state"], told["impact_seen"]) == ("approve", "in_force", Decimal("8.00"))
    assert [row["verdict"] for row in small.rows("fct_client_gate")] == ["PASS"]
    assert _line(small) == (Decimal(10), Decimal("80.00"), "corrected", 1, [])
    [entry] = small.entries()
    assert (entry.kind, entry.actor, entry.period) == ("approve", "policy", PERIOD)
    assert (entry.body["exception_id"], entry.body["pending"]) == (told["exception_id"], False)
    assert {name: Decimal(text) for name, text in entry.body["seen"].items() if Decimal(text)} == {
        "client_recoverable": Decimal("8.00")
    }
    assert small.is_verified()

    small.run()
    [told] = small.rows("fct_decisions")
    assert (told["decision_id"], told["decided_at"] is None) == (entry.entry_id, False)
    assert _line(small) == (Decimal(10), Decimal("80.00"), "corrected", 1, [entry.entry_id])
    assert small.entries() == [entry]
    assert small.is_verified()


def test_a_publication_that_died_after_the_entry_is_finished_by_repeating_it(small: Small) -> None:
    small.audited()
    [before] = policies.enter(small.month.paths, lambda _: True)
    small.month.publish()  # the step alone: nobody decided anything since the load
    assert small.entries() == [before]
    assert _line(small) == (Decimal(10), Decimal("80.00"), "corrected", 1, [])
    small.month.publish()
    small.run()
    assert small.entries() == [before]
    assert _line(small)[-1] == [before.entry_id]


def test_a_decision_after_the_load_ends_the_publication_and_nothing_is_entered(small: Small) -> None:
    small.audited()
    [waiting] = small.decide("list")
    assert (waiting["decision_id"], waiting["actor"], waiting["state"]) == (None, "policy", "in_force")
    small.decide("defer", waiting["exception_id"], "--reason", "ask the client")
    with pytest.raises(GateClosed):
        small.month.publish()
    with pytest.raises(GateClosed, match="somebody decided after the month was loaded"):
        policies.enter(small.month.paths, lambda rows: not rows)
    assert [entry.kind for entry in small.entries()] == ["defer"]
    small.run()
    assert [row["action"] for row in small.rows("fct_decisions")] == ["defer"]
    assert [entry.kind for entry in small.entries()] == ["defer"]


def test_what_a_person_withdrew_does_not_return(small: Small) -> None:
    small.run()
    [entry] = small.entries()
    small.decide("withdraw", entry.entry_id, "--reason", "not this one")
    with pytest.raises(GateClosed):
        small.month.publish()
    small.run()
    assert [row["state"] for row in small.rows("fct_decisions")] == ["withdrawn"]
    assert [row["verdict"] for row in small.rows("fct_client_gate")] == ["HOLD"]
    assert [entry.kind for entry in small.entries()] == ["approve", "withdraw"]
    assert small.is_verified()


def test_another_amount_is_approved_anew_and_above_the_limit_it_is_open(small: Small) -> None:
    small.run()
    write_msp(
        small.root, "acme", changed("psa/invoice_lines.csv", "SEAT,10,8.00,80.00", "SEAT,9.5,8.00,76.00")
    )
    small.run()
    assert sorted((row["state"], row["impact_seen"]) for row in small.rows("fct_decisions")) == [
        ("in_force", Decimal("4.00")),
        ("replaced", Decimal("8.00")),
    ]
    assert [entry.kind for entry in small.entries()] == ["approve", "approve"]
    assert small.is_verified()
    small.invoiced("8,8.00,64.00")
    small.run()
    assert sorted(row["state"] for row in small.rows("fct_decisions")) == ["replaced", "stale"]
    assert [row["blocking"] for row in small.rows("fct_exceptions")] == [True]


def test_a_policy_that_is_gone_since_the_load_approves_nothing(small: Small) -> None:
    small.audited()
    write(small.root / "mbr.yml", settings(["acme"]))
    with pytest.raises(GateClosed):
        small.month.publish()
    assert small.entries() == []
    small.run()
    assert (small.rows("fct_decisions"), small.entries()) == ([], [])
    assert [row["verdict"] for row in small.rows("fct_client_gate")] == ["HOLD"]


def test_a_policy_names_codes_that_there_are(small: Small) -> None:
    write(small.root / "mbr.yml", settings(["acme"], POLICY.replace("UNDERBILLED_QUANTITY", "UNDERBILLED")))
    with pytest.raises(ConfigError, match="auto_approve: 'UNDERBILLED' is no exception code"):
        small.audited()
