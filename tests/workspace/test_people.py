"""People and the policies about them in mbr.yml: what is accepted, and what is one clear line (§8.2).

Belongs here: the settings. Does not: who may do what (tests/decide).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import write
from tests.workspace.loading_settings import GOOD

PEOPLE = """people:
  clerk1: {name: First billing clerk, roles: [clerk]}
  owner1: {name: Head of finance, roles: [approver]}
"""


def _policies(text: str) -> str:
    return f"{GOOD}{PEOPLE}policies: {{{text}}}\n"


def test_without_people_everybody_may_act_and_nothing_decides_by_itself(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD)
    loaded = load_settings(tmp_path)
    assert (loaded.people, loaded.policies.four_eyes_above, loaded.policies.auto_approve) == ({}, {}, [])


def test_people_and_policies_are_read_exactly(tmp_path: Path) -> None:
    automatic = "auto_approve: [{codes: [UNDERBILLED_QUANTITY], max_impact: {USD: 5.10, EUR: '4'}}]"
    write(tmp_path / "mbr.yml", _policies(f"four_eyes_above: {{USD: 500.00}}, {automatic}"))
    loaded = load_settings(tmp_path)
    assert loaded.people["owner1"].name == "Head of finance"
    assert [person.roles for person in loaded.people.values()] == [["clerk"], ["approver"]]
    assert loaded.policies.four_eyes_above == {"USD": Decimal("500.00")}
    [rule] = loaded.policies.auto_approve
    assert (rule.codes, rule.max_impact) == (
        ["UNDERBILLED_QUANTITY"],
        {"USD": Decimal("5.10"), "EUR": Decimal(4)},
    )


_RULE = "auto_approve: [{codes: [X], max_impact: %s}]"

WRONG = {
    "a role that is none": (
        f"{GOOD}people: {{a: {{name: A, roles: [boss]}}}}\n",
        "people.a.roles.0: 'boss' is no role: use any of clerk, approver",
    ),
    "no role": (f"{GOOD}people: {{a: {{name: A, roles: []}}}}\n", "people.a.roles: is empty"),
    "the policies' own name": (
        f"{GOOD}people: {{policy: {{name: P, roles: [clerk]}}}}\n",
        "`policy` is the name",
    ),
    "a name with a line": (
        f'{GOOD}people: {{"a\\nb": {{name: P, roles: [clerk]}}}}\n',
        "is no name to sign with",
    ),
    "two persons needed of none": (
        f"{GOOD}policies: {{four_eyes_above: {{USD: '1'}}}}\n",
        "policies.four_eyes_above: needs `people`",
    ),
    "nobody to confirm": (
        f"{GOOD}people: {{a: {{name: A, roles: [clerk]}}}}\npolicies: {{four_eyes_above: {{USD: '1'}}}}\n",
        "nobody in `people` has the role approver",
    ),
    "a policy above the limit": (
        _policies("four_eyes_above: {USD: '5'}, " + _RULE % "{USD: '5.01'}"),
        "max_impact 5.01 USD is above four_eyes_above 5",
    ),
    "an amount without a currency": (_policies(_RULE % "5.00"), "write amounts by currency"),
    "a currency that is none": (_policies("four_eyes_above: {usd: '5'}"), "'usd' is no currency"),
    "an amount below zero": (_policies("four_eyes_above: {USD: '-5'}"), "is below zero"),
    "an amount that is none": (_policies("four_eyes_above: {USD: 5e2}"), "policies.four_eyes_above"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_line_that_says_what_to_write(name: str, tmp_path: Path) -> None:
    text, said = WRONG[name]
    write(tmp_path / "mbr.yml", text)
    with pytest.raises(ConfigError) as refused:
        load_settings(tmp_path)
    assert said in str(refused.value) and "\n" not in str(refused.value)
