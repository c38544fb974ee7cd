"""Who acts, and whether they may (contract §8.2).

What belongs here: the caller's name and the roles that commands need. What does not: the settings
(``mbr_pipeline.workspace.people``). The command line does not prove who somebody is: it takes their word,
and the chain keeps it.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from typing import Literal

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.people import POLICY, Person

Command = Literal[
    "decide", "withdraw", "land", "map_accept", "export", "confirm", "refuse", "close", "reopen", "seal"
]
"""What only some may do; run, status, lists, restatement, evidence and verify are anybody's."""

_APPROVERS_ONLY: frozenset[Command] = frozenset({"confirm", "refuse", "close", "reopen", "seal"})

VARIABLE = "MBR_ACTOR"
_LONGEST = 100


def actor(given: str | None, environment: Mapping[str, str]) -> str:
    """Return who acts: the name given, else MBR_ACTOR, else the operating system's user.

    Raises:
        ConfigError: The name cannot stand in a chain, is the policies', or the system knows none.
    """
    name = given if given is not None else environment.get(VARIABLE)
    if name is None:
        try:
            name = getpass.getuser()
        except (OSError, KeyError):
            raise ConfigError(
                f"who are you? The system knows no user name: say it by --as or {VARIABLE}"
            ) from None
    if not name.isprintable() or name != name.strip() or not 0 < len(name) <= _LONGEST:
        raise ConfigError(f"{name[:_LONGEST]!r} is no name to sign with: write it like clerk1")
    if name == POLICY:
        raise ConfigError(f"`{POLICY}` is the name of what policies decide: act under your own")
    return name


def refusal(people: Mapping[str, Person], name: str, command: Command) -> str | None:
    """Return why somebody may not, or None if they may. Where nobody is named, everybody may."""
    if not people:
        return None
    person = people.get(name)
    if person is None:
        return f"{name} is not among `people` in mbr.yml"
    if command in _APPROVERS_ONLY and "approver" not in person.roles:
        return f"{name} has not the role approver, which {command} needs"
    return None
