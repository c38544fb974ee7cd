"""No secret of the environment is in anything that a month leaves behind: files, run history, output.

Belongs here: `mbr run` and the commands that speak of channels and of the ledger, none of which answers.
Does not: credentials that a vendor echoes (tests/ingest/fetch), the daemon of `mbr ui` (tests/e2e/ui).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import mbr
from tests.support.planted import ALERTS, ENVIRONMENT, NOBODY, SECRETS, left_in, told_in
from tests.support.small import PERIOD, changed, settings, write, write_msp


def test_a_blocked_month_whose_channels_are_down_tells_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "workspace"
    write(root / "mbr.yml", settings(["acme"], ALERTS))
    write_msp(root, "acme", changed("vendor/vendor_invoices.csv", "50.00", "51.00"))
    blocked = mbr("run", "--period", PERIOD, "--workspace", root)
    assert blocked.returncode == 3, blocked.stderr
    done = [
        blocked,
        *(
            mbr(*command, "--workspace", root)
            for command in (("alerts", "test"), ("alerts", "list", "--json"), ("doctor", "--json"))
        ),
    ]
    monkeypatch.setenv("MBR_LEDGER_URL", f"postgresql+psycopg://mbr:{SECRETS['key']}@{NOBODY}/ledger")
    done.append(mbr("alerts", "list", "--workspace", root))
    assert done[1].returncode == 1 and done[-1].returncode != 0, done
    for channel in ("ops", "chat", "mail"):  # each was tried, and said why it was not taken
        assert f"{channel}: not taken" in done[1].stdout
    assert [ran.args for ran in done if told_in((ran.stdout + ran.stderr).encode())] == []
    files, found = left_in([root])
    assert files > 50 and (root / ".dagster/history/runs/index.db").exists()
    assert found == {}


def test_the_search_sees_what_it_is_for(tmp_path: Path) -> None:
    write(tmp_path / "log", f"POST {ENVIRONMENT['T_OPS_URL']}")
    write(tmp_path / "other", "vendor%2FT0PSECRET%2B6f")
    assert left_in([tmp_path]) == (
        2,
        {str(tmp_path / "log"): ["hook"], str(tmp_path / "other"): ["vendor"]},
    )
