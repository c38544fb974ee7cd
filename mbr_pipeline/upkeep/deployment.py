"""Whether an installation is as it should be, item by item.

What belongs here: the decisions, on plain facts, and what to do where one is wrong. What does not: finding
the facts (``mbr_pipeline.cli.deploy``) and what crashes leave in a workspace (``checks``). What is right
follows Dagster's own pages on PostgreSQL storage, the run queue and run monitoring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.counted import plural

PARTITION = "dagster/partition"
OLDEST_POSTGRESQL = 13
_LATE_SECONDS = 120.0
_CLOCK_SECONDS = 5.0


@dataclass(frozen=True)
class Item:
    """One thing looked at: ``said`` is how it is, or what is wrong and what to do."""

    what: str
    is_right: bool
    said: str


def address_variable(settings: Mapping[str, Any]) -> str | None:
    """Return the environment variable that holds the address of Dagster's PostgreSQL; None if none does."""
    address = _at(settings, "storage", "postgres", "postgres_url", "env") or _at(
        settings, "storage", "custom", "config", "postgres_url", "env"
    )
    return address if isinstance(address, str) else None


def storage(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Item:
    """Runs, events and schedules are kept in PostgreSQL, and its address in the environment."""
    variable = address_variable(settings)
    if variable is None:
        return Item(
            "storage",
            False,
            "dagster.yaml does not keep runs in PostgreSQL by an address from the environment: take"
            " `storage:` from deploy/dagster.yaml",
        )
    if not environment.get(variable):
        return Item(
            "storage", False, f"the environment variable {variable} is not set: set it where MBR runs"
        )
    return Item("storage", True, f"PostgreSQL, by {variable}")


def queue(settings: Mapping[str, Any], cores: int | None) -> Item:
    """The queue runs as many months as there are cores, and one run of a month at a time; ``cores`` is None
    where other machines' count.
    """
    runs = _at(settings, "concurrency", "runs") or {}
    most = runs.get("max_concurrent_runs")
    if not isinstance(most, int) or not 1 <= most <= (cores or most):
        fewer = f"the machine's cores, {cores}, or fewer" if cores else "the slots of all workers"
        return Item(
            "run queue",
            False,
            f"concurrency.runs.max_concurrent_runs is {most if most is not None else 'not set'}: set it in"
            f" dagster.yaml to {fewer}",
        )
    limited = any(
        limit.get("key") == PARTITION
        and limit.get("limit") == 1
        and _at(limit, "value", "applyLimitPerUniqueValue") is True
        for limit in runs.get("tag_concurrency_limits") or []
    )
    if not limited:
        return Item(
            "run queue",
            False,
            "two runs of one month may run at once: take `tag_concurrency_limits:` from deploy/dagster.yaml",
        )
    return Item("run queue", True, f"{most} at once, one of each month")


def monitoring(settings: Mapping[str, Any]) -> Item:
    """What hangs or dies ends, and gives back what it held."""
    wanted = {
        "start_timeout_seconds": "starts that hang",
        "max_runtime_seconds": "runs that hang",
        "free_slots_after_run_end_seconds": "places of dead runs",
    }
    have = _at(settings, "run_monitoring") or {}
    absent = [f"{name} ({what})" for name, what in wanted.items() if not have.get(name)]
    if have.get("enabled") is not True:
        absent.insert(0, "enabled: true")
    if absent:
        said = f"run_monitoring of dagster.yaml lacks {', '.join(absent)}: take it from deploy/dagster.yaml"
        return Item("run monitoring", False, said)
    return Item("run monitoring", True, f"a run ends after {have['max_runtime_seconds']} s at the latest")


def launcher(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Item:
    """Several machines' runs are launched by Celery, by way of a broker and with results that are kept."""
    name, take = "run launcher", "take `run_launcher:` from deploy/distributed/dagster.yaml"
    if _at(settings, "run_launcher", "class") != "CeleryRunLauncher":
        return Item(name, False, f"dagster.yaml launches no runs by Celery: {take}")
    addresses = {}
    for key in ("broker", "backend"):
        address = _at(settings, "run_launcher", "config", key)
        variable = _at(address, "env")
        if variable and not environment.get(variable):
            return Item(name, False, f"the environment variable {variable} is not set: set it where MBR runs")
        addresses[key] = environment[variable] if variable else address
    if not addresses["broker"]:
        return Item(name, False, f"dagster.yaml names no broker: {take}")
    if not addresses["backend"] or str(addresses["backend"]).startswith("rpc:"):
        said = "results are kept by rpc://, where the daemon sees none of them and ends runs that are well"
        return Item(name, False, f"{said}: name a Redis or a database as `backend`; {take}")
    return Item(name, True, "Celery, with results that are kept")


def again(settings: Mapping[str, Any]) -> Item:
    """A month whose worker died is run again, one that failed by itself is not."""
    retries = _at(settings, "run_retries") or {}
    if (
        retries.get("enabled") is not True
        or not retries.get("max_retries")
        or retries.get("retry_on_asset_or_op_failure") is not False
    ):
        said = "a month whose worker died is not run again, or one that failed by itself is"
        return Item("run retries", False, f"{said}: take `run_retries:` from deploy/distributed/dagster.yaml")
    return Item("run retries", True, f"{retries['max_retries']} at most, of runs whose worker died")


def retention(settings: Mapping[str, Any]) -> Item:
    """Ticks do not pile up."""
    absent = [
        kind for kind in ("schedule", "sensor") if not _at(settings, "retention", kind, "purge_after_days")
    ]
    if absent:
        said = f"ticks of every {' and '.join(absent)} stay: take `retention:` from deploy/dagster.yaml"
        return Item("retention", False, said)
    return Item("retention", True, "ticks are purged")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL database as it answered: its major version, which one it is, the seconds by which its
    clock is ahead of ours, and the revision of Dagster's tables, empty before they are made.
    """

    version: int
    place: str
    ahead_seconds: float
    revision: str | None = None


def database(what: str, answer: Server | str) -> Item:
    """A database answers (``answer`` is its problem otherwise) and is of a release that is kept up."""
    if isinstance(answer, str):
        return Item(what, False, f"{answer}: see that it runs and that its address and password are right")
    if answer.version < OLDEST_POSTGRESQL:
        return Item(what, False, f"PostgreSQL {answer.version} is too old: use {OLDEST_POSTGRESQL} or later")
    return Item(what, True, f"PostgreSQL {answer.version} answers")


def apart(dagster: Server, ledger: Server) -> Item:
    """The ledger has a database of its own: both keep their migrations in a table of one name."""
    if dagster.place == ledger.place:
        said = "MBR_LEDGER_URL and Dagster name one database: make one for each"
        return Item("databases", False, said)
    return Item("databases", True, "one for Dagster, one for the ledger")


def schema(revision: str | None, newest: str) -> Item:
    """Dagster's tables are those of the Dagster that is installed."""
    if revision is None:
        return Item("schema", False, "Dagster's tables are not made yet: start the services, they make them")
    if revision != newest:
        said = f"Dagster's tables are of revision {revision}, wanted is {newest}"
        return Item("schema", False, f"{said}: stop the services, back up, `dagster instance migrate`")
    return Item("schema", True, f"revision {revision}")


def clock(answer: Server) -> Item:
    """This machine and the database agree on the time."""
    if abs(answer.ahead_seconds) > _CLOCK_SECONDS:
        said = f"the database's clock differs by {answer.ahead_seconds:+.0f} s: synchronise both (NTP)"
        return Item("clock", False, said)
    return Item("clock", True, "that of the database")


def secrets(absent: Iterable[str]) -> Item:
    """Every variable that mbr.yml needs is set."""
    names = sorted(set(absent))
    if names:
        return Item("secrets", False, f"not set: {', '.join(names)}: set them where MBR runs")
    return Item("secrets", True, "all are set")


def folder(name: str, path: str, mode: int | None, is_writable: bool) -> Item:
    """A folder is there, ours, and closed to others; ``mode`` is None if there is none."""
    if mode is None:
        return Item(name, False, f"{path} is not there: make it, for the user that MBR runs as")
    if not is_writable:
        return Item(name, False, f"{path} cannot be written: give it to the user that MBR runs as")
    if mode & 0o007:
        return Item(name, False, f"{path} is open to every user of this machine: chmod 700 {path}")
    return Item(name, True, path)


def schedules(planned: Iterable[str], stopped: Iterable[str]) -> Item:
    """Nobody has switched off a schedule or sensor."""
    off = sorted(set(stopped))
    if off:
        return Item(
            "schedules", False, f"switched off: {', '.join(off)}: switch them on in the UI, Automation"
        )
    return Item("schedules", True, f"on, months are closed on {'; '.join(planned)}")


def daemon(seconds_ago: Mapping[str, float | None]) -> Item:
    """Every part of the daemon has said within two minutes that it lives."""
    late = [
        f"{kind} ({'never seen' if ago is None else f'{ago:.0f} s ago'})"
        for kind, ago in sorted(seconds_ago.items())
        if ago is None or ago > _LATE_SECONDS
    ]
    if late:
        return Item("daemon", False, f"no sign of life: {', '.join(late)}: start mbr-daemon")
    return Item("daemon", True, f"{plural(len(seconds_ago), 'part is', 'parts are')} alive")


def alerts(channels: Iterable[str], has_heartbeat: bool, waiting: int) -> Item:
    """Somebody is told, messages get through, and silence would be noticed."""
    names = list(channels)
    if not names:
        return Item("alerts", False, "nobody is told: add alerts.channels to mbr.yml, then `mbr alerts test`")
    if waiting:
        return Item(
            "alerts",
            False,
            f"{plural(waiting, 'message is', 'messages are')} not delivered: `mbr alerts test` says why",
        )
    if not has_heartbeat:
        return Item(
            "alerts",
            False,
            "no heartbeat: silence could mean that alerts do not work: add alerts.heartbeat to mbr.yml",
        )
    return Item("alerts", True, f"by {', '.join(names)}; try them with `mbr alerts test`")


def viewer(socket: str | None, may_launch: bool | str) -> Item:
    """The viewers' server answers and changes nothing; text in place of the answer is its problem."""
    if socket is None:
        said = "MBR_VIEWER_SOCKET is not set: name the socket of the read-only server, as deploy/ does"
        return Item("viewers", False, said)
    if isinstance(may_launch, str):
        return Item("viewers", False, f"{socket}: {may_launch}: start mbr-viewer")
    if may_launch:
        return Item("viewers", False, f"{socket} lets viewers launch runs: serve it with --read-only")
    return Item("viewers", True, "read-only")


def _at(settings: Mapping[str, Any], *keys: str) -> Any:
    found: Any = settings
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
