"""What `mbr deploy check` looks at: Dagster's settings and history, databases, folders, the viewers' server.

What belongs here: asking, with an answer or the problem as one line. What does not: what is right
(``mbr_pipeline.upkeep.deployment``).
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from connectors.registry import CONNECTORS
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.upkeep.deployment import Server
from mbr_pipeline.workspace import credentials
from mbr_pipeline.workspace.settings import Settings

_SECONDS = 10
_QUERY = "{ permissions { permission value } }"


def dagster_settings(home: Path) -> Mapping[str, Any]:
    """Return what dagster.yaml says.

    Raises:
        ConfigError: It is missing or no YAML mapping.
    """
    path = home / "dagster.yaml"
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}: copy deploy/dagster.yaml there") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {one_line(error)}: correct it") from error
    if not isinstance(read, dict):
        raise ConfigError(f"{path}: empty or not a mapping: copy deploy/dagster.yaml there")
    return read


def server(address: str) -> Server | str:
    """Ask a PostgreSQL database which one it is, for its version, its clock and its tables' revision."""
    import psycopg

    plain = "postgresql://" + address.partition("://")[2]
    try:
        with psycopg.connect(plain, connect_timeout=_SECONDS, autocommit=True) as connection:
            asked = time.time()
            row = connection.execute(
                "select current_setting('server_version_num')::int / 10000,"
                " extract(epoch from clock_timestamp()),"
                " (select system_identifier from pg_control_system())::text || '/' || current_database(),"
                " to_regclass('alembic_version') is not null"
            ).fetchone()
            assert row is not None
            now = (asked + time.time()) / 2
            found = (
                connection.execute("select version_num from alembic_version").fetchone() if row[3] else None
            )
            return Server(row[0], row[2], float(row[1]) - now, found[0] if found else None)
    except psycopg.Error as error:  # its text names host, user and database, never the password
        return one_line(error)


def newest_revision() -> str:
    """Return the revision of the tables that the installed Dagster makes."""
    from alembic.script import ScriptDirectory
    from dagster._core.storage import sql

    # PostgreSQL's storage shares the steps of Dagster's own
    folder = Path(sql.__file__).with_name("alembic")
    return str(ScriptDirectory(str(folder)).get_current_head())


def absent_variables(settings: Settings, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield the names of variables that sources and channels of mbr.yml need and that are not set."""
    for msp_id, msp in settings.msps.items():
        for name, source in msp.sources.items():
            spec = CONNECTORS[source.connector].spec
            for credential in spec.credentials if spec else ():
                variable = credentials.variable(msp_id, name, credential.name)
                if not environment.get(variable):
                    yield variable
    for channel in settings.alerts.channels.values():
        for named in (channel.url_env, channel.secret_env, channel.user_env, channel.password_env):
            if named and not environment.get(named):
                yield named


def history() -> tuple[list[str], dict[str, float | None]]:
    """Return the schedules and sensors that somebody switched off, and for each part of the daemon the
    seconds since it was last seen.
    """
    from dagster._core.scheduler.instigation import InstigatorStatus

    from mbr_pipeline.cli.run_history import run_history

    with run_history() as instance:
        stopped = instance.all_instigator_state(instigator_statuses={InstigatorStatus.STOPPED})
        seen = instance.get_daemon_heartbeats()
        now = time.time()
        return (
            [state.instigator_name for state in stopped],
            {
                kind: now - seen[kind].timestamp if kind in seen else None
                for kind in instance.get_required_daemon_types()
            },
        )


def may_launch(path: str) -> bool | str:
    """Ask the server at a socket whether it lets its users launch runs; the problem if it does not answer."""
    connection = _OverSocket(path)
    try:
        body = json.dumps({"query": _QUERY})
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        allowed = {each["permission"]: each["value"] for each in answer["data"]["permissions"]}
        return bool(allowed["launch_pipeline_execution"])
    except OSError as error:
        return one_line(error.strerror or error)
    except (http.client.HTTPException, ValueError, KeyError, TypeError):
        return "what answers there is not Dagster's server"
    finally:
        connection.close()


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
