"""What `mbr verify` says of damaged tables of an open month, followed to its end.

Belongs here: that each thing it says helps. Does not: closed months (``test_damaged_closed``).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from click.testing import CliRunner

from mbr_pipeline.cli.clean import command as clean
from mbr_pipeline.cli.verify import command as verify
from tests.release.months import Month
from tests.support.small import PERIOD


def _verify(month: Month) -> tuple[int, str]:
    done = CliRunner().invoke(verify, ["--workspace", str(month.root)])
    return done.exit_code, done.output


def test_what_it_says_helps(tmp_path: Path) -> None:
    month = Month(tmp_path)
    assert _verify(month)[0] == 0
    damaged = Path(os.path.realpath(month.paths.published))
    table = damaged / "dim_client.parquet"
    table.chmod(0o644)
    table.write_bytes(b"x" * 100)
    code, told = _verify(month)
    assert (code, f"`mbr run --period {PERIOD} --msp acme` makes them anew" in told) == (1, True)

    month.publish()
    code, told = _verify(month)
    said = "nothing leads to it any more, `mbr clean --all-replaced --yes` removes it an hour after that"
    assert (code, said in told) == (1, True)

    an_hour_ago = time.time() - 3601
    os.utime(damaged, (an_hour_ago, an_hour_ago))
    done = CliRunner().invoke(clean, ["--workspace", str(tmp_path), "--all-replaced", "--yes"])
    assert done.exit_code == 0, done.output
    assert (damaged.exists(), _verify(month)[0]) == (False, 0)
