"""``alerts:`` of mbr.yml: the law's example is accepted, everything else is one line naming key and fix
(contract §11).

Belongs here: ``mbr_pipeline.workspace.alert_settings`` as mbr.yml is read. Does not: what is sent
(tests/alerts).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.settings import Settings, load_settings
from tests.support.small import settings, write

LAW = """\
alerts:
  channels:
    ops:   {kind: webhook, url_env: MBR_OPS_URL, secret_env: MBR_OPS_SECRET}
    mail:  {kind: smtp, host: localhost, port: 25, from: mbr@example.com, to: [billing@example.com]}
    teams: {kind: apprise, url_env: MBR_TEAMS_URL}
  routes:
    - {msps: [northwind], causes: [GATE_BLOCKED, RUN_FAILED], channels: [ops, mail]}
  repeat_hours: 24
  due_day: 5
  close_by_day: 10
  waiver_notice_days: 10
  heartbeat: {channel: ops, hour: 7}
"""


def _load(root: Path, alerts: str, msp: str = "northwind") -> Settings:
    write(root / "mbr.yml", settings([msp], alerts))
    return load_settings(root)


def test_the_laws_example_is_accepted(tmp_path: Path) -> None:
    alerts = _load(tmp_path, LAW).alerts
    assert [(name, channel.kind, channel.targets) for name, channel in alerts.channels.items()] == [
        ("ops", "webhook", ["webhook"]),
        ("mail", "smtp", ["billing@example.com"]),
        ("teams", "apprise", ["apprise"]),
    ]
    assert alerts.channels["mail"].sender == "mbr@example.com"
    assert alerts.routes[0].causes == ["GATE_BLOCKED", "RUN_FAILED"]
    assert alerts.heartbeat and (alerts.heartbeat.channel, alerts.heartbeat.hour) == ("ops", 7)


def test_the_defaults_are_the_laws(tmp_path: Path) -> None:
    alerts = _load(tmp_path, "").alerts
    days = (alerts.due_day, alerts.close_by_day, alerts.waiver_notice_days)
    assert (alerts.repeat_hours, *days) == (24, 5, 10, 10)
    assert (alerts.channels, alerts.routes, alerts.heartbeat) == ({}, [], None)
    assert _load(tmp_path, "alerts:\n").alerts == alerts


def test_a_source_has_a_day_of_its_own_that_changes_no_fingerprint(tmp_path: Path) -> None:
    plain = _load(tmp_path, "").msps["northwind"]
    text = settings(["northwind"]).replace("vendor: {", "vendor: {due_day: 3, ")
    write(tmp_path / "mbr.yml", text)
    dated = load_settings(tmp_path).msps["northwind"]
    assert dated.sources["vendor"].due_day == 3
    assert dated.model_dump_json() == plain.model_dump_json()


def _channel(text: str) -> str:
    return f"alerts: {{channels: {{ops: {{{text}}}}}}}\n"


MAIL = "kind: smtp, host: mail, from: a@x.org, to: [b@x.org]"
WRONG = {
    "a kind that is unknown": (
        _channel("kind: pigeon"),
        "alerts.channels.ops.kind: 'pigeon' is unknown: use one of webhook, smtp, apprise",
    ),
    "no kind": (_channel("url_env: X"), "alerts.channels.ops.kind: missing: add it"),
    "a key of another kind": (
        _channel("kind: webhook, url_env: X, host: mail"),
        "alerts.channels.ops: a channel of kind webhook has no host: remove it",
    ),
    "a key that is needed": (
        _channel("kind: smtp, host: mail, from: a@x.org"),
        "alerts.channels.ops: a channel of kind smtp needs to: add it",
    ),
    "nobody to write to": (
        _channel("kind: smtp, host: mail, from: a@x.org, to: []"),
        "alerts.channels.ops: a channel of kind smtp needs to: add it",
    ),
    "a password without a user": (
        _channel(f"{MAIL}, password_env: P"),
        "alerts.channels.ops: user_env and password_env go together",
    ),
    "no address": (
        _channel(MAIL.replace("b@x.org", "'b@x.org\\nBcc: c'")),
        "alerts.channels.ops.to.0: ",
    ),
    "an address twice": (
        _channel(MAIL.replace("[b@x.org]", "[b@x.org, b@x.org]")),
        "is listed twice in `to`",
    ),
    "a port that is none": (
        _channel(f"{MAIL}, port: 70000"),
        "alerts.channels.ops.port: 70000 is too much",
    ),
    "another kind of encryption": (
        _channel(f"{MAIL}, tls: some"),
        "ops.tls: 'some' is unknown: use one of off",
    ),
    "a channel that is not there": (
        "alerts: {channels: {ops: {kind: apprise, url_env: X}}, routes: [{channels: [mail]}]}\n",
        "alerts: channel 'mail' is not in channels: use one of ops",
    ),
    "a heartbeat to nobody": (
        "alerts: {heartbeat: {channel: ops}}\n",
        "channel 'ops' is not in channels: add",
    ),
    "a cause that is unknown": (
        "alerts: {channels: {ops: {kind: apprise, url_env: X}},"
        " routes: [{causes: [RAIN], channels: [ops]}]}\n",
        "alerts.routes.0.causes.0: 'RAIN' is unknown: use one of GATE_BLOCKED, ",
    ),
    "an MSP that is unknown": (
        "alerts: {channels: {ops: {kind: apprise, url_env: X}},"
        " routes: [{msps: [ghost], channels: [ops]}]}\n",
        "top level: alerts.routes names MSP 'ghost', which is not in msps: use one of northwind",
    ),
    "a day that not every month has": ("alerts: {due_day: 31}\n", "alerts.due_day: 31 is too much"),
    "never again": ("alerts: {repeat_hours: 0}\n", "alerts.repeat_hours: 0 is too little: write 1 or more"),
    "a channel that is no name": (
        "alerts: {channels: {'a b': {kind: apprise, url_env: X}}}\n",
        "channel 'a b' must",
    ),
    "an unknown key": ("alerts: {chanels: {}}\n", "alerts.chanels: unknown key"),
}


@pytest.mark.parametrize("name", WRONG)
def test_everything_else_is_one_line_that_names_key_and_fix(name: str, tmp_path: Path) -> None:
    text, said = WRONG[name]
    with pytest.raises(ConfigError) as refused:
        _load(tmp_path, text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("key", ["url_env", "secret_env"])
def test_a_secret_in_place_of_a_variables_name_is_refused_and_not_shown(key: str, tmp_path: Path) -> None:
    other = "secret_env: X" if key == "url_env" else "url_env: X"
    with pytest.raises(ConfigError, match=f"ops.{key}: write the name of an environment variable") as refused:
        _load(tmp_path, _channel(f"kind: webhook, {other}, {key}: 'https://hooks.example/T0PSECRET'"))
    assert "T0PSECRET" not in str(refused.value)
