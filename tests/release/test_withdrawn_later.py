"""A decision that is withdrawn after its month was closed: it ends for months that are not closed, and the
closed month shows what it was closed with (contract §8.3).

Belongs here: the list of decisions beside closing. Does not: what holds in open months (tests/decide).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.release.months import Month
from tests.support.small import PERIOD


@pytest.fixture
def month(tmp_path: Path) -> Month:
    return Month(tmp_path)


def _decided(month: Month, *wish: str) -> str:
    """Decide the one exception, publish and close the month; returns the decision."""
    made = month.told("decide", *wish, "111111", "--reason", "accordé")
    [entry] = made["entries"]
    month.publish()
    month.told("close", "--except", "C-2", "--reason", "later")
    return str(entry["entry_id"])


def _states(month: Month, *options: str) -> list[str]:
    return [row["state"] for row in month.told("decide", "list", "--period", PERIOD, *options)]


def test_a_closed_month_lists_what_it_was_closed_with_until_it_is_opened_again(month: Month) -> None:
    decision = _decided(month, "waive", "--until", "2026-12")
    assert _states(month) == ["in_force"]
    month.told("decide", "withdraw", decision, "--reason", "plus valable")
    assert _states(month) == ["in_force"]
    month.told("reopen", "--reason", "un avoir")
    assert _states(month) == ["withdrawn"]


def test_nobody_waits_for_a_deferral_that_was_withdrawn_after_the_close(month: Month) -> None:
    decision = _decided(month, "defer")
    assert _states(month, "--open") == ["in_force"]
    month.told("decide", "withdraw", decision, "--reason", "erledigt")
    assert _states(month, "--open") == []
    assert _states(month) == ["in_force"]


def test_a_withdrawal_in_a_closed_month_does_not_send_anybody_to_run_it(month: Month) -> None:
    decision = _decided(month, "waive", "--until", "2026-12")
    done = month.run("decide", "withdraw", decision, "--reason", "vorbei")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "a closed month stays as it was closed: a waiver ends for the months after it that are open, run"
        " those again"
    ]
    month.told("reopen", "--reason", "un avoir")
    waived = month.told("decide", "waive", "111111", "--until", PERIOD, "--reason", "noch einmal")
    done = month.run("decide", "withdraw", waived["entries"][0]["entry_id"], "--reason", "nein")
    assert done.stderr.splitlines() == ["run the month again: decisions count from its next run on"]
