"""What the tests of the graph share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.defs.launches import BREAKS, PASSING, UNMAPPED, FailOne, Prepared
from tests.support.launching import Launcher
from tests.support.small import PERIOD, changed, settings, write, write_msp


@pytest.fixture(scope="module")
def prepared(transformer: Transformer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """One MSP whose month passes and one per control code whose month blocks, all built by one `mbr run`
    after a first publication.
    """
    root = tmp_path_factory.mktemp("gate") / "workspace"
    write(root / "mbr.yml", settings([PASSING, *BREAKS], 'policies: {min_coverage_pct: "50"}\n'))
    write_msp(root, PASSING)
    fail_one = FailOne()
    launcher = Launcher(root, transformer, fail_one)
    assert launcher.close_month(PASSING, PERIOD), (
        "the small workspace must pass before anything is broken in it"
    )
    for code, files in BREAKS.items():
        # stands for what the MSP published before: any bytes will do, they must only stay
        shutil.copytree(root / "published" / PASSING, root / "published" / code)
        write_msp(root, code, files, UNMAPPED if code == "COVERAGE_TOO_LOW" else None)
    # still right, but no longer what is published: a publication that should not be would show
    write_msp(root, PASSING, changed("psa/clients.csv", "Alder & Sons", "Alder & Daughters"))
    month = MonthlyClose.of(WorkspacePaths(root), PASSING, PERIOD)
    month.load()
    assert all(node.succeeded for node in month.transform(transformer))
    yield Prepared(root, launcher, fail_one)
