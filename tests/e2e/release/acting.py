"""The months of ``twelve`` as people work on them: commands by name, in this process, and runs by the graph.

Belongs here: running them and reading what they wrote. Does not: expectations.
"""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
from click.testing import CliRunner, Result

from mbr_pipeline.cli.run import run_command
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.release.twelve import write_books
from tests.support.launching import Launcher

OCTOBER, NOVEMBER, DECEMBER = "2026-10", "2026-11", "2026-12"


class Acting:
    """The workspace, and who does what in it."""

    def __init__(self, root: Path, transformer: Transformer) -> None:
        self.root = root
        write_books(root)
        self._launcher = Launcher(root, transformer)

    def audit(self, period: str = OCTOBER) -> None:
        """Run a month: every step succeeds."""
        assert self._launcher.close_month("acme", period)

    def run_of_closed(self) -> int:
        """Run October by the command; returns its exit code. Nothing is launched where it is closed."""
        return run_command(WorkspacePaths(self.root), OCTOBER, "acme", True)

    def command(self, who: str, name: str, *arguments: str | Path, period: str | None = OCTOBER) -> Result:
        """Run a command as somebody."""
        of_month = ["--msp", "acme", "--period", period] if period else []
        return CliRunner().invoke(
            import_module(f"mbr_pipeline.cli.{name}").command,
            ["--workspace", str(self.root), *of_month, *map(str, arguments)],
            env={"MBR_ACTOR": who},
        )

    def told(self, who: str, name: str, *arguments: str | Path, period: str | None = OCTOBER) -> Any:
        """Run a command that succeeds; returns its JSON."""
        done = self.command(who, name, *arguments, "--json", period=period)
        assert done.exception is None, (done.output, done.exception)
        return json.loads(done.stdout.splitlines()[-1])

    def refused(self, who: str, name: str, *arguments: str) -> tuple[int, str]:
        """Run a command that is refused; returns exit code and line."""
        done = self.command(who, name, *arguments)
        assert done.exception is not None, done.output
        return getattr(done.exception, "exit_code", -1), str(done.exception)

    def kinds(self) -> list[str]:
        """Return who entered what, in the order of the chain."""
        done = self.command("owner1", "ledger", "--msp", "acme", "--jsonl", period=None)
        entries = [json.loads(line) for line in done.stdout.splitlines()]
        return [f"{entry['actor']} {entry['kind']}" for entry in entries]

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Query the catalogue; numbers are text without zeros at their end."""
        with duckdb.connect(str(self.root / "published/mbr.duckdb"), read_only=True) as connection:
            rows = connection.execute(query).fetchall()
        return [tuple(_plain(value) for value in row) for row in rows]

    def exception(self, code: str, client_id: str, product_code: str, period: str = OCTOBER) -> str:
        """Return the id of an exception."""
        [(found,)] = self.sql(
            "select exception_id from fct_exceptions"
            f" where period = '{period}' and exception_code = '{code}' and client_id = '{client_id}'"
            f" and product_code = '{product_code}'"
        )
        return str(found)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    return value
