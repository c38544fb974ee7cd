"""What policies approve, from the run to the chain (contract §8.2, §8.3): in force in the same run, entered
before the swap, once.

Belongs here: one month worked by hand. Nine of ten seats at 8.00 are invoiced, 72.00: the client owes 8.00
more, and a policy approves up to 10.00. Does not: which exceptions a policy takes (dbt's unit tests and
tests/worlds).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.errors import ConfigError, GateClosed
from tests.decide.policed import POLICY, Small, compiled
from tests.support.small import PERIOD, changed, settings, write, write_msp
from tests.worlds.compiled import CompiledTransformer

__all__ = ["compiled"]


@pytest.fixture
def small(tmp_path: Path, compiled: CompiledTransformer) -> Small:
    return Small(tmp_path, compiled)


def _line(small: Small) -> tuple[Any, ...]:
    [line] = small.rows("fct_invoice_lines_ready")
    return line["quantity"], line["amount"], line["change"], len(line["exception_ids"]), line["decision_ids"]


def test_it_is_in_force_in_the_run_that_decides_it_and_told_by_its_entry(small: Small) -> None:
    small.run()
    [entry] = small.entries()
    assert (entry.kind, entry.actor, entry.period) == ("approve", "policy", PERIOD)
    [told] = small.rows("fct_decisions")
    assert (told["decision_id"], told["actor"]) == (entry.entry_id, "policy")
    assert told["decided_at"].isoformat(timespec="microseconds") + "Z" == entry.at
    assert (told["action"], told["state"], told["impact_seen"]) == ("approve", "in_force", Decimal("8.00"))
    assert [row["verdict"] for row in small.rows("fct_client_gate")] == ["PASS"]
    assert _line(small) == (Decimal(10), Decimal("80.00"), "corrected", 1, [entry.entry_id])
    assert (entry.body["exception_id"], entry.body["pending"]) == (told["exception_id"], False)
    assert {name: Decimal(text) for name, text in entry.body["seen"].items() if Decimal(text)} == {
        "client_recoverable": Decimal("8.00")
    }
    assert small.is_verified()


def test_what_a_person_withdrew_does_not_return(small: Small) -> None:
    small.run()
    [entry] = small.entries()
    small.decide("withdraw", entry.entry_id, "--reason", "not this one")
    with pytest.raises(GateClosed):
        small.publish()
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
        small.publish()
    assert small.entries() == []
    small.run()
    assert (small.rows("fct_decisions"), small.entries()) == ([], [])
    assert [row["verdict"] for row in small.rows("fct_client_gate")] == ["HOLD"]


def test_a_policy_names_codes_that_there_are(small: Small) -> None:
    write(small.root / "mbr.yml", settings(["acme"], POLICY.replace("UNDERBILLED_QUANTITY", "UNDERBILLED")))
    with pytest.raises(ConfigError, match="auto_approve: 'UNDERBILLED' is no exception code"):
        small.audited()
