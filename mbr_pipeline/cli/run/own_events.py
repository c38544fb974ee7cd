"""What a run writes into a history of SQLite: each statement made once instead of once for each event, each
event put into words once, and remembered, so that nobody asks the history for what was written just now.

What belongs here: a run's own events on their way into the history, and what Dagster asks of them: by which
event an asset was last materialized, and as which version, for each asset that each asset reads. What does
not: the files and connections of the history (``held_history``). What is stored is what Dagster stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
from dagster._core.event_api import EventLogRecord
from dagster._core.execution.context.data_version_cache import DataVersionCache
from dagster._core.storage.event_log import sql_event_log
from dagster._core.storage.event_log.schema import AssetKeyTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from sqlalchemy import bindparam

_INSERT_EVENT = SqlEventLogStorageTable.insert()
_INSERT_ASSET = AssetKeyTable.insert()
_UPDATE_ASSET = AssetKeyTable.update().where(AssetKeyTable.c.asset_key == bindparam("key"))


@contextmanager
def own_events_known(store: Any) -> Iterator[None]:
    """Write and remember the events of one run after another, if the history is kept in SQLite."""
    if type(store) is not SqliteEventLogStorage:
        yield
        return
    events = _OwnEvents(store)
    replaced = (
        (sql_event_log, "serialize_value", events.in_words),
        (DataVersionCache, "_fetch_asset_records", _unless_known(events)),
        (DataVersionCache, "_get_input_asset_event", _known(events)),
    )
    of_dagster = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    of_store = {
        "prepare_insert_event": events.prepared,
        "_store_asset_event": events.store_of_asset,
        "_get_event_records": events.records,
        "get_latest_tags_by_partition": events.tags_by_partition,
    }
    vars(store).update(of_store)
    try:
        for owner, name, own in replaced:
            setattr(owner, name, own)
        yield
    finally:
        for owner, name, original in of_dagster:
            setattr(owner, name, original)
        for name in of_store:
            delattr(store, name)


class _Insertion:
    """A new event as SQLAlchemy executes it: always the same statement, which is compiled only once."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def _execute_on_connection(self, connection: Any, *_: Any) -> Any:
        return connection.execute(_INSERT_EVENT, self._values)


class _OwnEvents:
    """The events of the run that is being written."""

    def __init__(self, store: SqliteEventLogStorage) -> None:
        self._store = store
        self._run_id: str | None = None
        self._materialized: dict[dg.AssetKey, EventLogRecord] = {}
        self._newest: tuple[dg.EventLogEntry | None, str] = (None, "")

    def of_asset(self, key: dg.AssetKey) -> EventLogRecord | None:
        """Return the event by which this run last materialized an asset; None if it has not."""
        return self._materialized.get(key)

    def in_words(self, value: Any, **options: Any) -> str:
        """Return what Dagster's ``serialize_value`` does; an event is stored two or three times."""
        if isinstance(value, EventLogRecord) and not options:
            event = self.in_words(value.event_log_entry)
            text = f'"event_log_entry": {event}, "storage_id": {value.storage_id}'
            return f'{{"__class__": "EventLogRecord", {text}}}'
        if isinstance(value, dg.EventLogEntry) and not options:
            if self._newest[0] is not value:
                self._newest = (value, dg.serialize_value(value))
            return self._newest[1]
        return dg.serialize_value(value, **options)

    def prepared(self, event: dg.EventLogEntry) -> _Insertion:
        """Return the statement that stores an event."""
        if event.run_id != self._run_id:
            self._run_id = event.run_id
            self._materialized.clear()
        return _Insertion(self._store._event_to_row(event))

    def store_of_asset(self, connection: Any, event: dg.EventLogEntry, event_id: int) -> None:
        """Store what an event changes of its asset, whether the history knows that already or not."""
        has_columns = self._store._has_asset_key_index_cols_on_connection(connection)
        values = self._store._get_asset_entry_values(event, event_id, has_columns)
        happened = event.get_dagster_event()
        if not values or happened.asset_key is None:
            return
        key = happened.asset_key.to_string()
        if not connection.execute(_UPDATE_ASSET, {"key": key, **values}).rowcount:
            connection.execute(_INSERT_ASSET, {"asset_key": key, **values})
        if happened.is_step_materialization:
            self._materialized[happened.asset_key] = EventLogRecord(event_id, event)

    def records(
        self, event_records_filter: dg.EventRecordsFilter, limit: int | None = None, ascending: bool = False
    ) -> Sequence[EventLogRecord]:
        """Return the events that are looked for: where the newest of an asset is, this run's own."""
        wanted = event_records_filter
        known = self.of_asset(wanted.asset_key) if wanted.asset_key else None
        if known is not None and limit == 1 and not ascending and wanted == _newest_like(known):
            return [known]
        return SqliteEventLogStorage._get_event_records(self._store, wanted, limit, ascending)

    def tags_by_partition(
        self,
        asset_key: dg.AssetKey,
        event_type: dg.DagsterEventType,
        tag_keys: Sequence[str],
        asset_partitions: Sequence[str] | None = None,
        before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:
        """Return tags of the newest events by partition: where one is asked for, of this run's own event."""
        known = self.of_asset(asset_key)
        if (
            known is not None
            and event_type == dg.DagsterEventType.ASSET_MATERIALIZATION
            and asset_partitions == [known.partition_key]
            and before_cursor is after_cursor is None
        ):
            materialization = known.asset_materialization
            tags = materialization.tags or {} if materialization else {}
            found = {name: tags[name] for name in tag_keys if name in tags}
            return {asset_partitions[0]: found} if found else {}
        return SqliteEventLogStorage.get_latest_tags_by_partition(
            self._store, asset_key, event_type, tag_keys, asset_partitions, before_cursor, after_cursor
        )


def _newest_like(known: EventLogRecord) -> dg.EventRecordsFilter:
    return dg.EventRecordsFilter(
        dg.DagsterEventType.ASSET_MATERIALIZATION,
        asset_key=known.asset_key,
        asset_partitions=[known.partition_key] if known.partition_key else None,
    )


def _unless_known(events: _OwnEvents) -> Callable[..., Any]:
    ask = DataVersionCache._fetch_asset_records

    def fetch(cache: DataVersionCache, keys: Sequence[dg.AssetKey]) -> Any:
        return ask(cache, [key for key in keys if events.of_asset(key) is None])

    return fetch


def _known(events: _OwnEvents) -> Callable[..., Any]:
    ask = DataVersionCache._get_input_asset_event

    def event_of(cache: DataVersionCache, key: dg.AssetKey, record: Any) -> Any:
        known = events.of_asset(key)
        if known is None:
            return ask(cache, key, record)
        cache._check_input_asset_event(key, known)
        return known

    return event_of
