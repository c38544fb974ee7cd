"""Months of the demo that were decided: in part, or all and closed.

Belongs here: what was decided, by whom, and when the month is run. Does not: fixtures, and expectations.

In part: clerk 1 may decide alone up to 100 USD. Before October was run again they approved a refund of 141.81
USD, which waits, and one of 79.20 USD, and deferred 74.80 USD of unused seats; after it they disputed three
price changes, 14.00 USD.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from mbr_pipeline.cli.close import command as close_command
from mbr_pipeline.cli.decide import command as decide_command
from mbr_pipeline.serve.signin.passwords import set_password
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.serve.figures.books import MSP, PERIOD

_PEOPLE = """  four_eyes_above: {USD: "100.00"}
people:
  clerk1: {name: First clerk, roles: [clerk]}
  owner1: {name: Head of finance, roles: [approver]}
"""
PASSWORD = "a password for two"


def _decide(root: Path, actor: str, action: str, code: str, *more: str) -> None:
    of = ["--workspace", str(root), "--msp", MSP, "--period", PERIOD]
    done = CliRunner().invoke(decide_command, [action, *of, "--code", code, *more], env={"MBR_ACTOR": actor})
    assert done.exception is None, done.exception


_DECISIONS = (
    ("approve", "OVERBILLED_QUANTITY"),
    ("approve", "COST_PLUS_OVERBILLED"),
    ("waive", "SOLD_BELOW_COST", "--until", "2026-12", "--reason", "agreed until the new year"),
    ("dispute", "VENDOR_PRICE_CHANGE", "--reason", "the list says otherwise"),
    ("defer", "UNUSED_LICENSES", "--reason", "asked the client"),
)


def decide_and_close(root: Path, run: Callable[[], object]) -> None:
    """Decide what is open in the month, run it, and close it."""
    for action, code, *more in _DECISIONS:
        _decide(root, "o1", action, code, *more)
    run()
    of = ["--workspace", str(root), "--msp", MSP, "--period", PERIOD]
    done = CliRunner().invoke(close_command, of, env={"MBR_ACTOR": "o1"})
    assert done.exception is None, done.exception


def decide_in_part(root: Path, run: Callable[[], object]) -> None:
    """Name people, decide some of the month's findings, run it, and decide on."""
    settings = root / "mbr.yml"
    settings.write_text(settings.read_text(encoding="utf-8") + _PEOPLE, encoding="utf-8")
    _decide(root, "clerk1", "approve", "COST_PLUS_OVERBILLED")
    _decide(root, "clerk1", "approve", "OVERBILLED_QUANTITY")
    _decide(root, "clerk1", "defer", "UNUSED_LICENSES", "--reason", "asked the client")
    assert run()
    _decide(root, "clerk1", "dispute", "VENDOR_PRICE_CHANGE", "--reason", "the list says otherwise")
    for name in ("clerk1", "owner1"):
        set_password(Workspace.open(WorkspacePaths(root)), name, PASSWORD)
