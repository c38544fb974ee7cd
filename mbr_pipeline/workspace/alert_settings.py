"""``alerts:`` of ``mbr.yml``: who is told what, by which channel, and when (contract §11).

What belongs here: the settings and what is wrong with them. What does not: sending anything
(``mbr_pipeline.alerts``). Addresses that are secrets, keys and passwords stand in environment variables,
which the settings only name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from mbr_pipeline.workspace.strict import Strict, Whole, shown

Kind = Literal[
    "GATE_BLOCKED",
    "SUITE_FAILED",
    "RUN_FAILED",
    "DATA_MISSING",
    "SNAPSHOT_MISSED",
    "DECISION_PENDING",
    "WAIVER_EXPIRING",
    "DEFERRED",
    "EXCEPTED",
    "CLOSE_OVERDUE",
    "DELIVERY_FAILED",
]
KINDS: tuple[str, ...] = get_args(Kind)
"""What can be wrong."""

_CHANNEL_KINDS = ("webhook", "smtp", "apprise")
_TLS = ("offered", "required", "implicit")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_ADDRESS = re.compile(r"[^\s@,;<>\"()\\:]+@[^\s@,;<>\"()\\:]+\Z", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:_-]*[A-Za-z0-9])?\Z", re.ASCII)


def _one_of(choices: tuple[str, ...]) -> BeforeValidator:
    def check(value: object) -> object:
        if value not in choices:
            raise ValueError(f"{shown(value)} is unknown: use one of {', '.join(choices)}")
        return value

    return BeforeValidator(check)


def _variable(value: object) -> object:
    # the value is not shown: where an address was written instead, it may be a secret
    if not isinstance(value, str) or not _VARIABLE.match(value):
        raise ValueError("write the name of an environment variable, such as MBR_OPS_URL, not what it holds")
    return value


def _address(value: object) -> object:
    if not isinstance(value, str) or not _ADDRESS.match(value):
        raise ValueError(f"{shown(value)} is not a mail address: write it like billing@example.com")
    return value


def _host(value: object) -> object:
    if not isinstance(value, str) or not _HOST.match(value):
        raise ValueError(f"{shown(value)} is not a host: write a name or an IP address")
    return value


_Variable = Annotated[str, BeforeValidator(_variable)]
_MailAddress = Annotated[str, BeforeValidator(_address)]

_KEYS = {
    "webhook": ({"url_env"}, {"secret_env"}),
    "smtp": ({"host", "from", "to"}, {"port", "tls", "user_env", "password_env"}),
    "apprise": ({"url_env"}, set[str]()),
}
"""Which keys a kind of channel needs, and which it may have."""


class Channel(Strict):
    """One way to tell somebody: a webhook, mail, or any service that apprise knows.

    ``tls`` of mail: ``offered`` (used where the server offers it), ``required``, ``implicit``
    (from the first byte).
    """

    kind: Annotated[str, _one_of(_CHANNEL_KINDS)]
    url_env: _Variable | None = None
    secret_env: _Variable | None = None
    host: Annotated[str, BeforeValidator(_host)] | None = None
    port: Whole = Field(default=25, ge=1, le=65535)
    sender: _MailAddress | None = Field(default=None, alias="from")
    to: list[_MailAddress] = Field(default_factory=list)
    tls: Annotated[str, _one_of(_TLS)] = "offered"
    user_env: _Variable | None = None
    password_env: _Variable | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        needed, allowed = _KEYS[self.kind]
        given = {type(self).model_fields[name].alias or name for name in self.model_fields_set} - {"kind"}
        empty = {"to"} if not self.to else set()
        for name in sorted(needed - (given - empty)):
            raise ValueError(f"a channel of kind {self.kind} needs {name}: add it")
        for name in sorted(given - needed - allowed):
            raise ValueError(f"a channel of kind {self.kind} has no {name}: remove it")
        if len(set(self.to)) != len(self.to):
            raise ValueError("an address is listed twice in `to`: list each once")
        if (self.user_env is None) != (self.password_env is None):
            raise ValueError("user_env and password_env go together: add the other, or remove both")
        return self

    @property
    def targets(self) -> list[str]:
        """Its receivers: each gets, and may refuse, a message by itself."""
        return self.to or [self.kind]


class Route(Strict):
    """Which channels a cause goes to, if it is of these MSPs and of these kinds; left out, of any."""

    msps: list[str] = Field(default_factory=list)
    causes: list[Annotated[str, _one_of(KINDS)]] = Field(default_factory=list)
    channels: list[str] = Field(min_length=1)


class Heartbeat(Strict):
    """A message a day at a UTC hour, whatever happens: where it stays away, alerts would too."""

    channel: str
    hour: Whole = Field(default=7, ge=0, le=23)


class Alerts(Strict):
    """Who is told what. Without channels, nobody is told anything and nothing is kept."""

    channels: dict[str, Channel] = Field(default_factory=dict)
    routes: list[Route] = Field(default_factory=list)
    repeat_hours: Whole = Field(default=24, ge=1, le=8760)
    due_day: Whole = Field(default=5, ge=1, le=28)
    close_by_day: Whole = Field(default=10, ge=1, le=28)
    waiver_notice_days: Whole = Field(default=10, ge=0, le=365)
    heartbeat: Heartbeat | None = None

    @model_validator(mode="after")
    def _names(self) -> Self:
        for name in self.channels:
            if not _NAME.match(name):
                raise ValueError(f"channel {shown(name)} must be letters, digits, - or _")
        named = [channel for route in self.routes for channel in route.channels]
        for name in [*named, *([self.heartbeat.channel] if self.heartbeat else [])]:
            if name not in self.channels:
                there = f"use one of {', '.join(self.channels)}" if self.channels else "add it to channels"
                raise ValueError(f"channel {shown(name)} is not in channels: {there}")
        return self

    def unknown_msp(self, msp_ids: Iterable[str]) -> str | None:
        """Return an MSP that a route names and that is none of ``msp_ids``."""
        known = set(msp_ids)
        return next((msp for route in self.routes for msp in route.msps if msp not in known), None)
