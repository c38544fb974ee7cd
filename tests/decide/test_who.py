"""Who acts, and whether they may (§8.2)."""

from __future__ import annotations

import getpass
from typing import get_args

import pytest

from mbr_pipeline.decide.who import Command, actor, refusal
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.people import Person

PEOPLE = {
    "clerk1": Person(name="First billing clerk", roles=["clerk"]),
    "owner1": Person(name="Head of finance", roles=["approver"]),
}


def test_the_name_given_is_before_the_environments_and_that_before_the_systems() -> None:
    assert actor("clerk1", {"MBR_ACTOR": "owner1"}) == "clerk1"
    assert actor(None, {"MBR_ACTOR": "owner1"}) == "owner1"
    assert actor(None, {}) == getpass.getuser()


@pytest.mark.parametrize("name", ["", " a", "a\nb", "x" * 101, "\u202eevil"])
def test_a_name_that_nobody_could_read_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="no name to sign with"):
        actor(name, {})


def test_nobody_acts_as_the_policies() -> None:
    with pytest.raises(ConfigError, match="under your own"):
        actor("policy", {})


def test_where_nobody_is_named_everybody_may_do_everything() -> None:
    assert [refusal({}, "anybody", command) for command in get_args(Command)] == [None] * 10


def test_clerks_decide_and_approvers_also_confirm_and_close() -> None:
    may = {
        name: {command for command in get_args(Command) if refusal(PEOPLE, name, command) is None}
        for name in ("clerk1", "owner1", "stranger")
    }
    assert may["clerk1"] == {"decide", "withdraw", "land", "map_accept", "export"}
    assert may["owner1"] == set(get_args(Command))
    assert may["stranger"] == set()


def test_a_refusal_says_what_is_missing() -> None:
    assert refusal(PEOPLE, "stranger", "decide") == "stranger is not among `people` in mbr.yml"
    assert refusal(PEOPLE, "clerk1", "close") == "clerk1 has not the role approver, which close needs"
