"""The night on paper: times that can be worked out by hand.

Belongs here: the simulation. Does not: what a month costs, which is measured.
"""

from __future__ import annotations

import pytest

from bench.scale import Costs, night, sizes

FREE = Costs(month=2.0, line=0.0, launch=0.0, tick=0.001, database=0.0, database_cores=1, requests=10)


def test_months_of_two_seconds_are_shared_by_workers() -> None:
    assert night([0] * 6, 1, 1, FREE).seconds == pytest.approx(12, abs=0.01)
    by_three = night([0] * 6, 3, 3, FREE)
    assert by_three.seconds == pytest.approx(4, abs=0.01)
    assert (by_three.bound_by, by_three.requests_a_second) == ("workers", pytest.approx(15, abs=0.1))


def test_a_large_month_holds_up_nobody_else() -> None:
    costs = Costs(2.0, 1.0, 0.0, 0.001, 0.0, 1, 0)
    done = night([100, *[0] * 10], 2, 2, costs)
    assert done.half_done == pytest.approx(6, abs=0.01)  # the sixth of eleven: three turns of two seconds
    assert done.seconds == pytest.approx(10 + 102, abs=0.01)


def test_a_daemon_that_launches_one_each_second_is_what_many_workers_wait_for() -> None:
    costs = Costs(2.0, 0.0, 1.0, 0.001, 0.0, 1, 0)
    done = night([0] * 100, 50, 50, costs)
    assert done.seconds == pytest.approx(102, abs=0.2)  # the hundredth is launched after 100 s, and takes 2
    assert done.bound_by == "daemon"


def test_a_database_with_two_cores_is_what_many_workers_wait_for() -> None:
    costs = Costs(2.0, 0.0, 0.0, 0.001, 1.0, 2, 0)
    done = night([0] * 100, 50, 50, costs)
    assert done.seconds == pytest.approx(50, abs=0.2)  # 100 s of the database on two cores
    assert done.bound_by == "PostgreSQL"


def test_free_slots_wait_for_the_next_tick_unless_runs_are_launched_ahead() -> None:
    costs = Costs(2.0, 0.0, 0.0, 5.0, 0.0, 1, 0)
    assert night([0] * 3, 1, 1, costs).seconds == pytest.approx(12)  # begun at 0, 5 and 10
    assert night([0] * 3, 1, 3, costs).seconds == pytest.approx(6)


def test_the_same_seed_draws_the_same_sizes() -> None:
    drawn = sizes(1001, 2000, 1.8, 10_000_000)
    assert drawn == sizes(1001, 2000, 1.8, 10_000_000)
    assert 1500 < sorted(drawn)[500] < 2600
    assert max(drawn) <= 10_000_000
