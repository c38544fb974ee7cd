"""A small month at every point of its life, to copy and work on: audited, decided, ready to close, closed,
run again after it was opened, closed again.

Belongs here: making the points with the real steps and commands, on either database, and copying one. Does
not: what is done to the copies (``operate``).

The month is one of the generated worlds, with seven exceptions that are found by the SQL that dbt compiled.
What a command is given (decisions, files to land, a filled-in table) lies in ``inputs/`` of the workspace.
Above 20.00 EUR a second person must confirm."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow.parquet as pq
import sqlalchemy as sa
import yaml

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.scaffold.world import Injection, make_world
from mbr_pipeline.storage.database.opening import URL_VARIABLE
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.kills.forking import Child, asked, command
from tests.support.postgres import Server
from tests.worlds.compare import run_month
from tests.worlds.compiled import CompiledTransformer

T = TypeVar("T")
Row = dict[str, Any]

SEED = 7
_FINDINGS = (
    "UNDERBILLED_QUANTITY",
    "INVOICE_PRICE_MISMATCH",
    "OVERBILLED_QUANTITY",
    "DUPLICATE_VENDOR_CHARGE",
    "UNMAPPED_CUSTOMER",
    "UNMAPPED_SKU",
    "UNUSED_LICENSES",
)
_PEOPLE = {
    "clerk1": {"name": "First clerk", "roles": ["clerk"]},
    "owner1": {"name": "Head of finance", "roles": ["approver"]},
}
_CREDIT = {
    "invoice_line_id": "LATE-1",
    "quantity": "-1",
    "unit_price": "5.00",
    "amount": "-5.00",
    "charge_category": "one_time",
}


@dataclass(frozen=True)
class Ledger:
    """Where chains are kept: in the workspace's SQLite file, or in databases of a PostgreSQL server."""

    server: Server | None = None

    def environment(self, name: str) -> dict[str, str]:
        """Return what names the database ``name`` to a command."""
        if self.server is None:
            return {}
        return {URL_VARIABLE: self.server.url.replace("/postgres", f"/{name}")}

    def copy(self, name: str, source: str | None = None) -> dict[str, str]:
        """Make a database anew, empty or as another one is; nobody may be in either."""
        if self.server is not None:
            asked(lambda: self._copy(name, source), {})
        return self.environment(name)

    def _copy(self, name: str, source: str | None) -> None:
        assert self.server is not None
        admin = sa.create_engine(self.server.url.replace("postgresql:", "postgresql+psycopg:"))
        with admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(sa.text(f"drop database if exists {name} with (force)"))
            template = f" template {source}" if source else ""
            connection.execute(sa.text(f"create database {name}{template}"))
        admin.dispose()


@dataclass(frozen=True)
class Points:
    """The points as folders below ``root``; ids of decisions that wait and that are in force where it is
    decided; a customer that is not mapped, and a client."""

    root: Path
    ledger: Ledger
    msp_id: str
    period: str
    pending: tuple[str, ...]
    in_force: tuple[str, ...]
    customer: tuple[str, str, str]

    def copy(self, point: str, place: Path) -> dict[str, str]:
        """Copy a point to ``place``, with a database of its own; returns what names that."""
        shutil.rmtree(place, ignore_errors=True)
        # it may be a disk of its own, which stays
        shutil.copytree(self.root / point, place, symlinks=True, dirs_exist_ok=True)
        return self.ledger.copy(f"at_{place.name}", f"point_{point}")


def make_points(root: Path, ledger: Ledger, is_whole: bool = True) -> Points:
    """Take a month through its life, to its end or until it is first closed, and keep every point of it."""
    return _Life(root, ledger).lived(is_whole)


class _Life:
    def __init__(self, root: Path, ledger: Ledger) -> None:
        self._root, self._ledger, self._live = root, ledger, root / "live"
        found = [Injection(code, "typical") for code in _FINDINGS]
        world = make_world(self._live, SEED, clients=6, periods=1, inject=found, msps=1)
        self._msp_id, self._period = world.msp_ids[0], world.periods[-1]
        self._environment = ledger.copy("live")
        self._month = ("--msp", self._msp_id, "--period", self._period)

    def lived(self, is_whole: bool) -> Points:
        self._settle()
        self._run()
        customer = self._ask(self._write_inputs)
        self._take_to_map()
        self._keep("audited")
        self._mbr("decide", "--csv", self._input("decisions.csv"), "--as", "clerk1")
        entries = self._ask(self._entries)
        pending = tuple(e["entry_id"] for e in entries if e["body"].get("pending"))
        in_force = tuple(e["entry_id"] for e in entries if e["body"].get("pending") is False)
        assert len(pending) > 1 and len(in_force) > 1, entries
        self._keep("decided")
        self._mbr("decide", "confirm", *pending, "--as", "owner1")
        self._run()
        self._keep("ready")
        self._mbr("close", *self._month, "--as", "owner1")
        self._keep("closed")
        if is_whole:
            self._live_on()
        return Points(self._root, self._ledger, self._msp_id, self._period, pending, in_force, customer)

    def _live_on(self) -> None:
        """Export, open again for a late credit, run and close again."""
        for target in ("xero", "quickbooks", "csv"):
            self._mbr("export", *self._month, "--to", target, "--as", "clerk1")
        self._mbr("evidence", *self._month)
        self._mbr("reopen", *self._month, "--as", "owner1", "--reason", "a late credit")
        self._mbr("land", *landing("late", self._live, self._msp_id, self._period), "--as", "clerk1")
        self._run()
        self._keep("again")
        self._mbr("close", *self._month, "--as", "owner1")
        self._keep("closed_again")

    def _settle(self) -> None:
        path = self._live / "mbr.yml"
        settings = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        settings["people"] = _PEOPLE
        settings.setdefault("policies", {})["four_eyes_above"] = {"EUR": "20.00"}
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")

    def _run(self) -> None:
        def run() -> None:
            _, document = run_month(self._live, self._msp_id, self._period, CompiledTransformer())
            assert document["gate"] == "passed", document["reasons"]
            month = MonthlyClose.of(WorkspacePaths(self._live), self._msp_id, self._period)
            month.report()
            month.publish()

        self._ask(run)

    def _write_inputs(self) -> tuple[str, str, str]:
        """Write the inputs and the words of the accounting system; returns who is to be mapped to whom."""
        published = self._live / "published" / self._msp_id / self._period
        exceptions, clients, products = (
            pq.read_table(published / f"{name}.parquet").to_pylist()
            for name in ("fct_exceptions", "dim_client", "dim_product")
        )
        _write_csv(self._input("decisions.csv"), [_decision(row, self._period) for row in exceptions])
        landed = self._live / "landing" / self._msp_id / self._period / "connectwise"
        lines = _read_csv(min(landed.glob("invoice_lines*.csv")))
        _write_csv(self._input("invoice_lines.late.csv"), [lines[0] | _CREDIT])
        corrected = _read_csv(landed / "clients.csv")
        corrected[0]["client_name"] += " & Sons"
        _write_csv(self._input("clients.csv"), corrected)
        rules = f"{self._live}/rules/{self._msp_id}"
        codes = [
            {"product_code": row["product_code"], "account_code": "200", "tax_type": "O"} for row in products
        ]
        _write_csv(f"{rules}/accounting.csv", codes)
        names = [{"client_id": row["client_id"], "contact_name": row["client_name"]} for row in clients]
        _write_csv(f"{rules}/contacts.csv", names)
        [unmapped] = [row for row in exceptions if row["exception_code"] == "UNMAPPED_CUSTOMER"]
        return unmapped["source"], unmapped["vendor_customer_id"], clients[-1]["client_id"]

    def _take_to_map(self) -> None:
        table = self._input("to-map.csv")
        self._mbr("map", "suggest", *self._month, "--csv", table)
        rows = _read_csv(table)
        for row in rows:
            row["accept"] = "!ignore" if row["kind"] == "customer" else "!not_billed"
        _write_csv(table, rows)

    def _input(self, name: str) -> str:
        return f"{self._live}/inputs/{name}"

    def _entries(self) -> list[Row]:
        return [entry.fields() for entry in chain(WorkspacePaths(self._live), self._msp_id)]

    def _keep(self, point: str) -> None:
        shutil.copytree(self._live, self._root / point, symlinks=True)
        self._ledger.copy(f"point_{point}", "live")

    def _ask(self, work: Callable[[], T]) -> T:
        return asked(work, self._environment)

    def _mbr(self, name: str, *arguments: str) -> None:
        if "--workspace" not in arguments:
            arguments = (*arguments, "--workspace", str(self._live))
        ended = Child(command(*name.split(), *arguments), self._root / "log", self._environment).wait()
        assert ended.code == 0, (name, arguments, ended)


def landing(name: str, root: Path, msp_id: str, period: str) -> tuple[str, ...]:
    """Return arguments of ``mbr land``: of a late credit note, or of clients that correct those that are
    landed."""
    where = ("--msp", msp_id, "--period", period, "--source", "connectwise", "--workspace", str(root))
    if name == "late":
        return (f"{root}/inputs/invoice_lines.late.csv", *where, "--dataset", "invoice_lines")
    return (f"{root}/inputs/clients.csv", *where, "--dataset", "clients", "--replaces", "clients.csv")


def _decision(row: Mapping[str, Any], period: str) -> Row:
    """What a clerk decides of an exception: the client's money is approved, the vendor's disputed, the rest
    waived."""
    if row["client_recoverable"] or row["client_refund"]:
        return {"exception_id": row["exception_id"], "action": "approve", "reason": "as found", "until": ""}
    if row["vendor_claim"]:
        return {
            "exception_id": row["exception_id"],
            "action": "dispute",
            "reason": "billed twice",
            "until": "",
        }
    return {"exception_id": row["exception_id"], "action": "waive", "reason": "known", "until": period}


def _read_csv(path: str | Path) -> list[Row]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write_csv(path: str, rows: Iterable[Row]) -> None:
    rows = list(rows)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
