"""The files of an installation: what they name exists, and keeps to the loopback address or to sockets.

Belongs here: units, containers, the proxy, read as text. Does not: that they work
(tests/e2e/test_installation).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml
from dagster._cli import create_dagster_cli
from dagster._daemon.cli import create_dagster_daemon_cli

from mbr_pipeline.cli import commands
from mbr_pipeline.defs import spread_runs
from tests.support.installation import BIN, DEPLOY, exec_start, services_of_compose

UNITS = sorted([*(DEPLOY / "systemd").glob("*.service"), *(DEPLOY / "distributed").glob("*.service")])
_PROGRAMS = {"dagster": create_dagster_cli(), "dagster-daemon": create_dagster_daemon_cli(), "mbr": commands}


def _is_understood(command: list[str]) -> None:
    """Every word of a command is one that its program knows; its values may name what is not there."""
    found: click.Command = _PROGRAMS[Path(command[0]).name]
    words = iter(command[1:])
    while isinstance(found, click.Group):
        name = next(words)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None, f"{name!r} of {command}"
        found = inner
    options = {name: option for option in found.params for name in option.opts}
    for word in words:
        assert word in options, f"{word!r} of {command}"
        option = options[word]
        if not (isinstance(option, click.Option) and option.is_flag):
            next(words)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_program_that_is_there_with_options_that_it_knows(unit: Path) -> None:
    command = exec_start(unit).split()
    assert command[0].startswith("/opt/mbr/bin/")
    assert (BIN / Path(command[0]).name).exists()
    _is_understood(command)
    text = unit.read_text()
    for line in ("User=mbr", "EnvironmentFile=/etc/mbr/mbr.env", "NoNewPrivileges=yes", "UMask=0077"):
        assert line in text.splitlines()


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in (*(DEPLOY / "systemd").glob("mbr-*"), *(DEPLOY / "distributed").glob("mbr-*")):
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/mbr/bin", str(BIN)))
    verify = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if line.startswith(("mbr-", str(tmp_path)))]
    assert (ours, done.returncode) == ([], 0)


def test_every_container_starts_a_program_with_options_that_it_knows() -> None:
    text = (DEPLOY / "distributed" / "compose.yaml").read_text()
    for name, service in (*services_of_compose().items(), *yaml.safe_load(text)["services"].items()):
        if service["image"] == "mbr":
            entry, command = service.get("entrypoint", ["mbr"]), service["command"]
            assert isinstance(entry, list) and isinstance(command, list), name
            _is_understood([*entry, *command])


def test_containers_offer_one_port_on_the_loopback_address_and_mount_what_is_there() -> None:
    services = services_of_compose()
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"proxy": ["127.0.0.1:443:443"]}
    made_by_the_user = {"workspace", "dagster", "tls", "operators.htpasswd", "viewers.htpasswd"}
    for name, service in services.items():
        volumes = service["volumes"]
        assert isinstance(volumes, list)
        for volume in volumes:
            place = volume.split(":")[0]
            if place.startswith("."):
                is_there = (DEPLOY / "compose" / place).exists() or Path(place).name in made_by_the_user
                assert is_there, f"{name}: {place}"


def test_no_server_listens_where_others_of_the_machine_could_reach_it() -> None:
    for unit in UNITS:
        assert not re.search(r"--(host|port|grpc-port)\b|0\.0\.0\.0", unit.read_text()), unit.name
    for folder in ("systemd", "compose"):
        read = yaml.safe_load((DEPLOY / folder / "workspace.yaml").read_text())
        [server] = [each["grpc_server"] for each in read["load_from"]]
        assert server["location_name"] == "mbr"
        assert ("socket" in server) is (folder == "systemd")


def test_variables_of_the_environment_files_hold_no_secret() -> None:
    values = {}
    for folder in ("systemd", "distributed"):
        text = (DEPLOY / folder / "mbr.env").read_text()
        lines = [line for line in text.splitlines() if line and line[0] != "#"]
        values |= dict(line.split("=", 1) for line in lines)
    assert {"MBR_WORKSPACE", "DAGSTER_HOME", "MBR_DAGSTER_POSTGRES_URL", "MBR_LEDGER_URL"} <= set(values)
    settings = yaml.safe_load((DEPLOY / "distributed" / "dagster.yaml").read_text())["run_launcher"]["config"]
    assert {settings["broker"]["env"], settings["backend"]["env"], "MBR_DISTRIBUTED"} <= set(values)
    assert not any(re.search(r"://[^/@]*:[^/@]*@", value) for value in values.values())


def test_large_months_leave_slots_to_small_ones() -> None:
    runs = yaml.safe_load((DEPLOY / "distributed" / "dagster.yaml").read_text())["concurrency"]["runs"]
    [large] = [limit for limit in runs["tag_concurrency_limits"] if limit["key"] == spread_runs.SIZE]
    assert large["value"] == spread_runs.LARGE
    assert 1 <= large["limit"] < runs["max_concurrent_runs"]
