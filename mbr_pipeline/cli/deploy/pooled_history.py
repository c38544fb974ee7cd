"""Dagster's PostgreSQL storage for an installation on several machines: with connections that stay, which
deploy/distributed/dagster.yaml names.

What belongs here: giving Dagster's own storage another engine. What does not: the engine
(``mbr_pipeline.storage.database.pooled``). Dagster's own makes a connection for almost every statement, so
that for a month PostgreSQL starts and ends three hundred processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config, set_pg_statement_timeout

from mbr_pipeline.storage.database.pooled import pooled

_known: set[str] = set()
"""Addresses of databases whose tables this process has seen: Dagster opens its history for every tick."""


class PooledPostgresStorage(DagsterPostgresStorage):
    """Runs, events and schedules in PostgreSQL, over one pool of connections for each process."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Make the tables if need be, and take the pool."""
        super().__init__(postgres_url, postgres_url not in _known, inst_data)
        _known.add(postgres_url)
        engine = pooled(sa.make_url(postgres_url), isolation_level="AUTOCOMMIT")

        def limit(statement_timeout: int, **_: int) -> None:
            """Be what the web server asks for: its own pool would hand out connections of a dead server."""
            sa.event.listen(
                engine, "connect", lambda opened, _: set_pg_statement_timeout(opened, statement_timeout)
            )

        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            vars(storage).update(_engine=engine, optimize_for_webserver=limit)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledPostgresStorage:
        """Take the address."""
        return cls(pg_url_from_config(config_value), inst_data)
