"""A month on two machines that share a store and a ledger, by the real graph and commands.

Belongs here: what one machine does and the other finds. Does not: the store's own promises (tests/mirror).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mbr_pipeline.decide.landing import land
from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.publish.stored import bring_up, move_in
from mbr_pipeline.release import closing
from mbr_pipeline.release.version import closed_version
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.e2e.command import mbr
from tests.mirror.machines import Machine
from tests.support.launching import Launcher, bytes_below, published_rows
from tests.support.small import LANDED, PERIOD, settings, write, write_msp

CHARGES = LANDED["vendor/vendor_charges.csv"]
BILL = LANDED["vendor/vendor_invoices.csv"]


@pytest.fixture
def two(tmp_path: Path) -> tuple[Machine, Machine]:
    """Two machines; the first one's landed files are in the store."""
    storage = f"storage: file://{tmp_path}/store\n"
    a, b = (Machine(tmp_path / name, storage, tmp_path / "ledger") for name in "ab")
    write_msp(a.root, "acme")
    assert move_in(a.workspace) == 1
    return a, b


def _correct(machine: Machine) -> None:
    """Land a bill of 60.00 in place of that of 50.00."""
    for dataset, text in (("vendor_charges", CHARGES.replace("5.00,50.00", "6.00,60.00")),
                          ("vendor_invoices", BILL.replace("50.00", "60.00"))):  # fmt: skip
        write(machine.root / "desk" / f"{dataset}.csv", text)
        place = Place.of(machine.workspace, "acme", PERIOD, "vendor", dataset)
        land(place, "anna", [machine.root / "desk" / f"{dataset}.csv"], [f"{dataset}.csv"])


def test_a_month_run_on_either_machine_is_the_month_of_a_workspace_without_a_store(
    tmp_path: Path, two: tuple[Machine, Machine], launcher_of: Callable[[Path], Launcher]
) -> None:
    a, b = two
    alone = tmp_path / "alone"
    write(alone / "mbr.yml", settings(["acme"]))
    write_msp(alone, "acme")
    assert launcher_of(alone).close_month("acme", PERIOD)
    assert launcher_of(b.root).close_month("acme", PERIOD)  # with files that were landed on the other one
    assert published_rows(b.root) == published_rows(alone)
    bring_up(WorkspacePaths(a.root))
    assert published_rows(a.root) == published_rows(alone)
    assert bytes_below(a.month.report) == bytes_below(b.month.report)
    _correct(a)
    assert launcher_of(a.root).close_month("acme", PERIOD)
    bring_up(WorkspacePaths(b.root))
    assert published_rows(b.root) == published_rows(a.root) != published_rows(alone)


def test_what_is_landed_elsewhere_while_a_month_is_run_keeps_it_from_being_published(
    two: tuple[Machine, Machine], launcher_of: Callable[[Path], Launcher]
) -> None:
    a, b = two
    launcher = launcher_of(b.root)
    month = MonthlyClose.of(WorkspacePaths(b.root), "acme", PERIOD)
    month.load()
    assert not [each for each in month.transform(launcher.resource.transformer) if each.status == "error"]
    assert month.audit()["gate"] == "passed"
    _correct(a)
    with pytest.raises(MbrError, match="changed"):
        month.publish()
    assert not b.month.published.exists()


def test_a_closed_version_and_the_commands_that_read_it_are_on_the_other_machine_too(
    two: tuple[Machine, Machine], launcher_of: Callable[[Path], Launcher]
) -> None:
    a, b = two
    assert launcher_of(a.root).close_month("acme", PERIOD)
    month = MonthlyClose.of(WorkspacePaths(a.root), "acme", PERIOD)
    made_from = closing.MadeFrom(month.recorded_inputs, lambda: month.inputs_hash)
    closing.close(month.workspace, month.paths, "anna", made_from)
    query = "select sum(amount) from fct_invoice_lines_ready"
    done = mbr("sql", query, "--workspace", b.root, "--format", "csv")
    assert (done.stdout, done.stderr) == ("sum(amount)\n80.0000\n", "")
    found = closed_version(Workspace.open(WorkspacePaths(b.root)), "acme", PERIOD)
    assert found.number == 1
    assert [row["invoice_line_id"] for row in found.rows("fct_invoice_lines_ready")] == ["L-1"]
