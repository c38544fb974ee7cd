"""The page of what is not mapped: what it shows, and what accepting does.

Belongs here: the page of a month written by hand. Does not: suggestions and rules of rows
(``tests/mapping_help``).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD
from mbr_pipeline.mapping_help.worklist import worklist
from mbr_pipeline.serve.mapping.choosing import key_of
from mbr_pipeline.serve.site import Site
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.mapping_help.month import (
    CHARGES,
    CLIENT_MAP,
    CLIENTS,
    PRODUCTS,
    SKU_MAP,
    charge,
    land,
    ran,
    unmapped,
)
from tests.serve.browsing import Visitor, served
from tests.serve.files.unmapped import HERE, HOSTILE, unmapped_month


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    unmapped_month(tmp_path)
    with served(tmp_path) as (site, address):
        yield _by_link(site, address)


def _by_link(site: Site, address: str) -> Visitor:
    """Come by the link, without the board of months: this month has only the tables that are asked here."""
    visitor = Visitor(address)
    visitor.session.get(f"{address}/open/{site.link}", timeout=30, allow_redirects=False)
    return visitor


def _keys(root: Path) -> dict[str, str]:
    """The fields of the things, by their ids."""
    workspace = Workspace.open(WorkspacePaths(root))
    found = worklist(workspace, workspace.month("acme", "2026-10"), DEFAULT_THRESHOLD)
    return {item.id: key_of(item) for item in found.items}


def _maps(root: Path) -> str:
    names = ("client_map", "sku_map")
    return "".join((root / f"rules/acme/{name}.csv").read_text(encoding="utf-8") for name in names)


def _close(root: Path) -> None:
    with appending(open_database(WorkspacePaths(root).ledger)) as chains:
        chains.append("acme", [Draft("close", "2026-10", {"version": "1"}, "owner1")])


def test_it_lists_most_money_first_with_the_reasons_and_chooses_nothing(visitor: Visitor) -> None:
    assert visitor.get(HERE).status_code == 200
    things = re.findall(r'<span class="cost">\s*<span class="amount">([0-9.]+)', visitor.page)
    assert things == ["30.00", "20.00", "10.00"]
    assert "Alder Architects C1 the same name" in visitor.text
    assert "3 things to map; vendors' cost: customers 30.00 USD ; SKUs 30.00 USD (a line" in visitor.text
    checked = re.findall(r'type="radio" name="[^"]+" value="([^"]*)" checked', visitor.page)
    assert checked == ["", "", ""]
    assert re.search(r"Managed EDR EDR 12.00 USD", visitor.text)
    assert "BP 99.00" not in visitor.text


def test_texts_from_vendors_stay_texts(visitor: Visitor) -> None:
    visitor.get(HERE)
    assert "<img src=x" not in visitor.page
    assert "&lt;img src=x onerror=alert(1)&gt;" in visitor.page
    visitor.get(HERE + "?q=" + HOSTILE + '"><b>&kind=customer&page=-1')
    assert "<b>" not in visitor.page and "Nothing fits" in visitor.text


def test_many_are_accepted_at_once_and_entered_by_name(visitor: Visitor, tmp_path: Path) -> None:
    visitor.get(HERE)
    key = _keys(tmp_path)
    chosen = {
        f"pick.{key['T-1']}": "is C1",
        f"pick.{key['T-2']}": "other",
        f"other.{key['T-2']}": "!ignore",
        f"other.{key['K1']}": "BP",
        f"units.{key['K1']}": "2",
        f"to.{key['K1']}": "2027-01-01",
    }
    assert visitor.post(f"{HERE}/accept", chosen).status_code == 200
    assert "1 row added to sku_map.csv, 2 rows added to client_map.csv" in visitor.text
    assert _maps(tmp_path) == (
        f"{CLIENT_MAP}pax8,T-1,C1,2026-10-01,\npax8,T-2,!ignore,2026-10-01,\n"
        f"{SKU_MAP}pax8,K1,,BP,2,2026-10-01,2027-01-01\n"
    )
    entries = chain(WorkspacePaths(tmp_path), "acme")
    assert {(e.kind, e.actor, e.period) for e in entries} == {("map_accept", "clerk1", "2026-10")}
    assert {(e.body["file"], e.body["row"].get("client_id")) for e in entries} == {
        ("client_map", "C1"),
        ("client_map", "!ignore"),
        ("sku_map", None),
    }
    # K1 was on no list of the run: its customers were unmapped
    assert "2 things are mapped since the last run" in visitor.text
    assert 'action="/m/acme/2026-10/run"' in visitor.page
    visitor.post(f"{HERE}/accept", chosen)  # a second click: the things are not listed any more
    assert "Nothing is chosen yet" in visitor.text
    assert len(chain(WorkspacePaths(tmp_path), "acme")) == 3


def test_what_it_changes_is_shown_before_anything_is_written(visitor: Visitor, tmp_path: Path) -> None:
    visitor.get(HERE)
    key, before = _keys(tmp_path), _maps(tmp_path)
    visitor.post(f"{HERE}/look", {f"pick.{key['T-1']}": "is C1", f"other.{key['K1']}": "BP"})
    assert "cost of 2026-10: customers 20.00 USD ; SKUs 30.00 USD (a line" in visitor.text
    assert re.search(r"becomes.*Alder Architects C1 2026-10-01 no end", visitor.text)
    assert _maps(tmp_path) == before
    fields = dict(re.findall(r'type="hidden" name="((?:pick|other)[^"]+)" value="([^"]+)"', visitor.page))
    assert visitor.post(f"{HERE}/accept", fields).status_code == 200
    assert "1 row added to client_map.csv" in visitor.text and "1 row added to sku_map.csv" in visitor.text


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        ({"other": "C9"}, "client 'C9' is not in the PSA of acme 2026-10"),
        ({"other": "Contoso Foods"}, "is a name: write the id, C3"),
        ({"pick": "is C1", "other": "C2"}, "keep one"),
        ({"other": "C2", "from": "soon"}, "valid_from “soon”"),
        ({"other": f'{HOSTILE}"'}, "is not in the PSA"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_of_all_is_written(
    visitor: Visitor, tmp_path: Path, filled: dict[str, str], said: str
) -> None:
    visitor.get(HERE)
    key, before = _keys(tmp_path), _maps(tmp_path)
    fields = {f"{field}.{key['T-2']}": text for field, text in filled.items()} | {f"other.{key['K1']}": "BP"}
    assert visitor.post(f"{HERE}/accept", fields).status_code == 422
    assert said in visitor.text and "nothing was written" in visitor.text
    assert f'name="other.{key["K1"]}" list="known-sku" value="BP"' in visitor.page  # it stays filled in
    assert "<img src=x" not in visitor.page
    assert (_maps(tmp_path), chain(WorkspacePaths(tmp_path), "acme")) == (before, [])


def test_a_client_with_a_hostile_id_is_mapped_to_exactly_that_id(tmp_path: Path) -> None:
    hostile = f"C\u202e=1{HOSTILE}\"'"
    unmapped_month(tmp_path, {**CLIENTS, hostile: "Alder Architects"} | {"C1": "Nobody"})
    with served(tmp_path) as (site, address):
        visitor = _by_link(site, address)
        visitor.get(f"{HERE}?best=1")
        assert "<img src=x" not in visitor.page
        key = _keys(tmp_path)["T-1"]
        [value] = re.findall(rf'name="pick.{key}" value="(is [^"]+)" checked', visitor.page)
        assert visitor.post(f"{HERE}/accept", {f"pick.{key}": html.unescape(value)}).status_code == 200
    [row] = Workspace.open(WorkspacePaths(tmp_path)).rules("acme")["client_map"].to_pylist()
    assert row["client_id"] == hostile


def test_a_closed_month_shows_and_takes_nothing(visitor: Visitor, tmp_path: Path) -> None:
    visitor.get(HERE)
    key, before = _keys(tmp_path), _maps(tmp_path)
    _close(tmp_path)
    assert visitor.post(f"{HERE}/accept", {f"pick.{key['T-1']}": "is C1"}).status_code == 409
    assert "acme 2026-10 is closed (version 1, by owner1" in visitor.text
    assert _maps(tmp_path) == before
    visitor.get(HERE)
    assert "is closed (version 1" in visitor.text and 'type="radio"' not in visitor.page


def test_only_months_of_this_workspace(visitor: Visitor) -> None:
    for path in ("/m/other/2026-10/mapping", "/m/acme/2026-13/mapping", "/m/acme/2026-10%2f../mapping"):
        assert visitor.get(path).status_code == 404
    assert visitor.get("/m/acme/2026-09/mapping").status_code == 200
    assert "Nothing is known of this month yet" in visitor.text


def test_the_best_suggestions_of_a_page_are_chosen_to_be_looked_at(visitor: Visitor, tmp_path: Path) -> None:
    visitor.get(f"{HERE}?best=1")
    checked = re.findall(r'type="radio" name="[^"]+" value="([^"]*)" checked', visitor.page)
    assert checked == ["is BP", "is C1", ""]
    assert chain(WorkspacePaths(tmp_path), "acme") == []


def test_a_thousand_things_come_a_hundred_at_a_time(tmp_path: Path) -> None:
    lines = "".join(charge(n, f"T-{n:04}", "", "K1") for n in range(1000))
    land(tmp_path, "pax8", "vendor_charges", CHARGES + lines)
    ran(
        tmp_path,
        [unmapped("customer", "pax8", f"T-{n:04}", [f"vendor_charges.csv:{n + 2}"]) for n in range(1000)],
        {f"C{n}": f"Client number {n}" for n in range(200)},
        PRODUCTS,
    )
    with served(tmp_path) as (site, address):
        visitor = _by_link(site, address)
        visitor.get(f"{HERE}?kind=customer&page=2")
        assert visitor.page.count("<fieldset>") == 100
        assert "T-0100" in visitor.text and "T-0099" not in visitor.text
        assert visitor.get(f"{HERE}?page=99").status_code == 200
