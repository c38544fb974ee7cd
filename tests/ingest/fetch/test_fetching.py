"""What `mbr fetch` lands, keeps, replaces and refuses, against a real server.

Belongs here: files and manifests. Does not: the transport (``tests/connectors/http``), vendors
(``tests/connectors/sources``), the command line (``test_commands``) and Dagster (``test_assets``).
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.testing.hostile import BEHAVIOURS, FAILS, Behaviour, Hostile
from connectors.testing.server import Asked, Reply
from connectors.testing.tampering import changed
from connectors.testing.vendors.pax8 import FakePax8
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.ingest.fetching.fetch import Watcher
from mbr_pipeline.ingest.landing import scan
from mbr_pipeline.periods import Period
from tests.connectors.sources.pax8.books import BOOKS
from tests.ingest.fetch.shop import (
    DURING,
    ENVIRONMENT,
    LATER,
    PERIOD,
    SECRETS,
    Shop,
    landed_files,
    opened,
    states,
)
from tests.support.launching import bytes_below
from tests.support.small import write


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_a_month_lands_as_one_whole_file_per_dataset_with_a_manifest(shop: Shop) -> None:
    outcomes = shop.fetch()
    assert states(outcomes) == {
        "vendor_invoices": "landed",
        "vendor_charges": "landed",
        "license_counts": "impossible",
    }
    assert landed_files(shop) == ["vendor_charges.fetched.jsonl.gz", "vendor_invoices.fetched.jsonl.gz"]
    assert len(records(shop.folder / "vendor_charges.fetched.jsonl.gz")) == len(BOOKS["vendor_charges"])
    manifest = json.loads((shop.folder / ".fetch/vendor_charges.fetched.jsonl.gz.json").read_text())
    assert {
        name: manifest[name] for name in ("msp_id", "period", "source", "connector", "dataset", "records")
    } == {
        "msp_id": "acme",
        "period": PERIOD,
        "source": "pax8",
        "connector": "pax8",
        "dataset": "vendor_charges",
        "records": 5,
    }
    # four lines of the first invoice are two pages of three, one line of the second is one page
    assert manifest["endpoints"]["invoice items"] == {"pages": 3, "rows": 5, "repeated": 0, "reported": 5}
    assert manifest["endpoints"]["invoices"] == {"pages": 1, "rows": 2, "repeated": 0, "reported": 2}
    assert "costTotal" in manifest["fields"] and manifest["fetched_at"].startswith("2026-11-05")


def test_what_was_fetched_is_what_a_run_reads_and_its_papers_are_passed_over_without_a_warning(
    shop: Shop,
) -> None:
    shop.fetch()
    found = scan(shop.paths, "acme", shop.workspace.msp("acme"), Period(PERIOD))
    assert [(file.source, file.dataset, file.connector) for file in found.current] == [
        ("pax8", "vendor_charges", "pax8"),
        ("pax8", "vendor_invoices", "pax8"),
    ]
    assert not [warning for warning in found.warnings if "pax8" in warning]


def test_a_second_fetch_sends_nothing_for_what_is_there(shop: Shop) -> None:
    shop.fetch()
    asked = len(shop.server.asked)
    assert states(shop.fetch()) == {
        "vendor_invoices": "kept",
        "vendor_charges": "kept",
        "license_counts": "impossible",
    }
    assert len(shop.server.asked) == asked


def test_what_was_fetched_before_the_month_was_over_is_fetched_again(shop: Shop) -> None:
    assert states(shop.fetch(DURING))["vendor_charges"] == "landed"
    assert states(shop.fetch(date(2026, 10, 31)))["vendor_charges"] == "unchanged"
    assert states(shop.fetch(date(2026, 11, 1)))["vendor_charges"] == "unchanged"
    assert states(shop.fetch(date(2026, 11, 2)))["vendor_charges"] == "kept"


def test_what_is_dated_in_the_next_month_is_final_when_that_one_is_over(shop: Shop) -> None:
    shop.fetch(LATER)
    (task,) = [task for task in shop.tasks() if task.feed.dataset == "vendor_charges"]
    assert task.landed()
    assert replace(task, settings={**task.settings, "dated": "month_after"}).landed() is None
    assert replace(task, settings={**task.settings, "dated": "month_before"}).landed()


def test_fetching_again_replaces_a_file_as_a_whole_and_keeps_the_older_one(shop: Shop) -> None:
    shop.fetch()
    path = shop.folder / "vendor_charges.fetched.jsonl.gz"
    older = path.read_bytes()
    assert states(shop.fetch(again=True))["vendor_charges"] == "unchanged"
    assert path.read_bytes() == older and not (shop.folder / ".fetch/replaced").exists()
    shop.vendor.books = {**BOOKS, "vendor_charges": BOOKS["vendor_charges"][:-1]}
    assert states(shop.fetch(again=True))["vendor_charges"] == "landed"
    assert len(records(path)) == 4
    (kept,) = (shop.folder / ".fetch/replaced").iterdir()
    assert kept.read_bytes() == older
    assert landed_files(shop) == ["vendor_charges.fetched.jsonl.gz", "vendor_invoices.fetched.jsonl.gz"]


def test_a_kill_before_the_manifest_is_written_costs_no_older_file(shop: Shop) -> None:
    shop.fetch()
    path, manifest = (
        shop.folder / "vendor_charges.fetched.jsonl.gz",
        shop.folder / ".fetch/vendor_charges.fetched.jsonl.gz.json",
    )
    first, first_manifest = path.read_bytes(), manifest.read_bytes()
    contents = {first}
    for lines in (4, 3):
        shop.vendor.books = {**BOOKS, "vendor_charges": BOOKS["vendor_charges"][:lines]}
        shop.fetch(again=True)
        contents.add(path.read_bytes())
        manifest.write_bytes(first_manifest)  # as if the kill had come before it was written anew
    assert len(contents) == 3
    assert {
        path.read_bytes(),
        *(kept.read_bytes() for kept in (shop.folder / ".fetch/replaced").iterdir()),
    } == contents


def test_a_file_that_somebody_changed_or_removed_is_fetched_again(shop: Shop) -> None:
    shop.fetch()
    path = shop.folder / "vendor_charges.fetched.jsonl.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert states(shop.fetch())["vendor_charges"] == "unchanged"
    assert path.read_bytes() == whole
    path.unlink()
    shop.fetch()
    assert path.read_bytes() == whole


def test_snapshots_are_taken_day_by_day_and_never_for_another_month(shop: Shop) -> None:
    for day in (DURING, DURING, date(2026, 10, 15)):
        shop.fetch(day)
    assert [name for name in landed_files(shop) if name.startswith("license")] == [
        "license_counts.2026-10-14.jsonl.gz",
        "license_counts.2026-10-15.jsonl.gz",
    ]
    (impossible,) = [o for o in shop.fetch(LATER) if o.state == "impossible"]
    assert "cannot be fetched afterwards" in impossible.problem and "fetch_daily" in impossible.problem


_LOST = Behaviour(
    "a record missing that the total counts",
    FAILS,
    changed(lambda records: records.pop()),
    lasts=1_000_000,
    strikes="list",
)


@pytest.mark.parametrize(
    "name", ["500 always", "truncated JSON always", "a record missing that the total counts", "403"]
)
def test_a_failure_lands_nothing_leaves_the_older_file_and_does_not_keep_the_others_from_landing(
    name: str, tmp_path: Path
) -> None:
    behaviour = next(each for each in (*BEHAVIOURS, _LOST) if each.name == name)
    with opened(tmp_path) as shop:
        shop.fetch()
        before = bytes_below(shop.folder)
        assert isinstance(shop.vendor, FakePax8)
        hostile = Hostile(
            shop.vendor, behaviour, after=3
        )  # invoices pass twice, then the items of the first one
        shop.server.app = hostile
        outcomes = shop.fetch(again=True)
        assert states(outcomes) == {
            "vendor_invoices": "unchanged",
            "vendor_charges": "failed",
            "license_counts": "impossible",
        }
        after = bytes_below(shop.folder)
        assert {n: b for n, b in after.items() if "invoices" not in n} == {
            n: b for n, b in before.items() if "invoices" not in n
        }
        (failed,) = [o for o in outcomes if o.state == "failed"]
        assert failed.can_retry_help is (name != "403")
        shop.server.app = shop.vendor
        assert states(shop.fetch(again=True))["vendor_charges"] == "unchanged"


def test_a_dataset_that_moved_while_it_was_read_is_walked_again_from_the_start(shop: Shop) -> None:
    walks: Counter[str] = Counter()

    def app(asked: Asked) -> Reply:
        reply = shop.vendor(asked)
        walks[asked.path] += 1
        if (
            asked.path.endswith("items") and walks[asked.path] == 2
        ):  # the second page of the first walk: one record was added
            body: dict[str, dict[str, int]] = json.loads(reply.body)
            body["page"]["totalElements"] += 1
            return Reply.json(body)
        return reply

    shop.server.app = app
    told: list[str] = []
    outcomes = shop.fetch(
        watcher=Watcher(pause=lambda source, error, seconds: told.append(f"{source}: {error.problem}"))
    )
    assert states(outcomes)["vendor_charges"] == "landed"
    assert len(records(shop.folder / "vendor_charges.fetched.jsonl.gz")) == 5
    assert len(told) == 1 and "said there are 4 records, then 5" in told[0]


def test_a_partial_file_of_a_killed_fetch_is_no_landed_file_and_is_written_anew(shop: Shop) -> None:
    partial = shop.folder / ".fetch/vendor_charges.fetched.jsonl.gz.partial"
    write(partial, "half a fi")
    assert scan(shop.paths, "acme", shop.workspace.msp("acme"), Period(PERIOD)).current == ()
    shop.fetch()
    assert not partial.exists()
    assert len(records(shop.folder / "vendor_charges.fetched.jsonl.gz")) == 5


def test_a_missing_credential_is_named_before_anything_is_sent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MBR_ACME_PAX8_CLIENT_SECRET")
    with pytest.raises(ConfigError, match="needs the environment variable MBR_ACME_PAX8_CLIENT_SECRET"):
        shop.fetch()
    assert shop.server.asked == []


def test_two_sources_that_would_share_their_variables_are_refused(shop: Shop) -> None:
    text = (shop.root / "mbr.yml").read_text()
    write(
        shop.root / "mbr.yml",
        text.replace("      psa:", "      PAX8: {datasets: [vendor_charges]}\n      psa:"),
    )
    with pytest.raises(ConfigError, match="would share environment variables"):
        shop.fetch()


@pytest.mark.parametrize(
    ("narrowed", "told"),
    [
        ({"msp_id": "nobody"}, "MSP 'nobody' is not in mbr.yml: use one of acme"),
        ({"source": "psa"}, "source 'psa' is not fetched from anywhere: use one of pax8"),
        ({"period": "2026-12"}, "period 2026-12 has not begun"),
    ],
)
def test_what_cannot_be_fetched_at_all_is_said(narrowed: dict[str, str], told: str, shop: Shop) -> None:
    with pytest.raises(ConfigError, match=told):
        shop.tasks(**narrowed)


def test_no_secret_is_in_any_file_or_message(shop: Shop) -> None:
    told: list[str] = []
    watcher = Watcher(pause=lambda source, error, seconds: told.append(str(error)))
    outcomes = shop.fetch(DURING, watcher=watcher)
    shop.vendor.credentials = {}
    assert isinstance(shop.vendor, FakePax8)
    shop.vendor.tokens.expected = {"nothing": "fits"}
    outcomes += shop.fetch(DURING, again=True, watcher=watcher)
    assert {o.state for o in outcomes} == {"landed", "failed"}
    texts = [
        *told,
        *(repr(o) for o in outcomes),
        *(content.decode("latin-1") for content in bytes_below(shop.root).values()),
    ]
    texts += [gzip.decompress(path.read_bytes()).decode() for path in shop.folder.rglob("*.gz")]
    hidden = [*SECRETS, *shop.vendor.tokens.given, *ENVIRONMENT.values()]
    assert not [secret for secret in hidden if any(secret in text for text in texts)]
