"""`mbr fetch` and `mbr sources check` as people have them: in a process of their own.

Belongs here: what is printed, exit codes, and a kill in the middle. Does not: what lands (``test_fetching``).
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path

import pytest

from connectors.testing.server import Asked, Reply
from tests.e2e.command import MBR, environment, mbr
from tests.ingest.fetch.shop import SECRETS, Shop, landed_files, opened
from tests.support.small import write

PAST = "2026-09"


def fetch(shop: Shop, *more: str) -> subprocess.CompletedProcess[str]:
    return mbr("fetch", "--workspace", shop.root, "--period", "2026-10", *more)


def test_a_month_is_fetched_and_every_dataset_told(shop: Shop) -> None:
    ran = fetch(shop)
    assert ran.returncode == 0, ran.stderr
    assert (
        "acme pax8 vendor_invoices: landed: 2 records, 1 page, vendor_invoices.fetched.jsonl.gz" in ran.stderr
    )
    assert (
        "acme pax8 vendor_charges: landed: 5 records, 4 pages, vendor_charges.fetched.jsonl.gz" in ran.stderr
    )
    assert "license_counts: not possible: Pax8 tells only how things are today" in ran.stderr
    assert f"Next: mbr run --workspace {shop.root} --period 2026-10" in ran.stdout
    for day in ("2026-09-30", "2026-10-01", "2026-10-30"):
        name = f"landing/acme/{day[:7]}/pax8/license_counts.{day}.jsonl.gz"
        write(shop.root / name, "")
    again = fetch(shop, "--json")
    assert "already there" in again.stderr
    assert (
        "mbr: acme pax8 license_counts: not fetched on 2026-10-02 to 2026-10-29, 2026-10-31" in again.stderr
    )
    document = json.loads(again.stdout.splitlines()[-1])
    assert [(each["dataset"], each["state"], each["records"]) for each in document["results"]] == [
        ("vendor_invoices", "kept", 2),
        ("vendor_charges", "kept", 5),
        ("license_counts", "impossible", None),
    ]
    assert [len(each["missed_days"]) for each in document["results"]] == [0, 0, 29]


def test_a_dry_run_sends_nothing_and_needs_no_credentials(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MBR_ACME_PAX8_CLIENT_ID")
    ran = fetch(shop, "--dry-run")
    assert ran.returncode == 0
    assert "first set MBR_ACME_PAX8_CLIENT_ID" in ran.stdout and "from Pax8 (invoice items)" in ran.stdout
    assert shop.server.asked == [] and landed_files(shop) == []


def test_a_failure_ends_with_1_and_says_what_to_do(tmp_path: Path) -> None:
    def app(asked: Asked) -> Reply:
        return (
            Reply.json({"message": f"\x1b[31mno {SECRETS[1]}"}, 403)
            if asked.path.endswith("items")
            else shop.vendor(asked)
        )

    with opened(tmp_path) as shop:
        shop.server.app = app
        ran = fetch(shop)
    assert ran.returncode == 1
    (line,) = [each for each in ran.stderr.splitlines() if "FAILED" in each]
    assert (
        line.startswith("mbr: acme pax8 vendor_charges: FAILED: GET http://127.0.0.1:")
        and "answered 403" in line
    )
    assert "grant the permission at the vendor" in line and "[hidden]" in line
    assert "\x1b" not in ran.stderr and not [s for s in SECRETS if s in ran.stderr + ran.stdout]


def test_a_check_says_what_can_be_read_and_what_is_missing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = mbr("sources", "check", "--workspace", shop.root)
    assert good.returncode == 0, good.stderr
    assert (
        "ok       acme pax8  invoices: can be read" in good.stdout
        and "subscriptions: can be read" in good.stdout
    )

    shop.server.app = lambda asked: (
        Reply.json({}, 403) if asked.path.endswith("subscriptions") else shop.vendor(asked)
    )
    refused = mbr("sources", "check", "--workspace", shop.root)
    assert refused.returncode == 1
    assert (
        "MISSING  acme pax8  subscriptions: " in refused.stdout
        and "(needs: Subscriptions: read)" in refused.stdout
    )

    monkeypatch.delenv("MBR_ACME_PAX8_CLIENT_SECRET")
    unset = mbr("sources", "check", "--workspace", shop.root)
    assert unset.returncode == 1
    assert (
        "MISSING  acme pax8  environment: set MBR_ACME_PAX8_CLIENT_SECRET (its Client Secret)" in unset.stdout
    )
    assert landed_files(shop) == []


def test_killed_in_the_middle_nothing_of_the_dataset_is_there_and_running_again_completes_it(
    shop: Shop,
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def app(asked: Asked) -> Reply:
        if asked.path.endswith("items") and asked.query.get("page") == "1":
            reached.set()
            go_on.wait(30)
        return shop.vendor(asked)

    shop.server.app = app
    command = [str(MBR), "fetch", "--workspace", str(shop.root), "--period", "2026-10"]
    run = subprocess.Popen(command, env=environment() | dict(os.environ), stderr=subprocess.DEVNULL)
    assert reached.wait(60)
    run.kill()
    run.wait()
    assert landed_files(shop) == ["vendor_invoices.fetched.jsonl.gz"]
    go_on.set()
    shop.server.app = shop.vendor
    again = fetch(shop)
    assert again.returncode == 0
    assert (
        "vendor_invoices: already there" in again.stderr
        and "vendor_charges: landed: 5 records" in again.stderr
    )
    assert [path.name for path in (shop.folder / ".fetch").glob("*.partial")] == []


def test_a_workspace_of_files_only_has_nothing_to_fetch(tmp_path: Path) -> None:
    assert mbr("init", tmp_path / "demo", "--demo").returncode == 0
    ran = mbr("fetch", "--workspace", tmp_path / "demo", "--period", "2026-10")
    assert ran.returncode == 0
    assert "no source of this workspace is fetched" in ran.stderr
