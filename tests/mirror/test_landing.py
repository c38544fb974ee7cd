"""Landed files in the store: once, whichever machine they come from, and on every machine that needs them.

Belongs here: two machines and one store. Does not: what may land (tests/ingest/landing).
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mbr_pipeline.decide import landing as decided
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.ingest.land_files import Result
from mbr_pipeline.mirror import landing
from mbr_pipeline.mirror.files import File
from mbr_pipeline.mirror.landing import enter_all, pull
from mbr_pipeline.periods import Period
from tests.mirror.conftest import Make
from tests.mirror.machines import Machine, everything, pointer
from tests.support.small import LANDED, PERIOD, write

CHARGES = LANDED["vendor/vendor_charges.csv"]
OTHER = CHARGES.replace("50.00", "60.00")
PLACE = "vendor/vendor_charges.csv"
KEPT = "vendor/.superseded/vendor_charges.csv"


def land(machine: Machine, text: str, *replaced: str, name: str = "vendor_charges.csv") -> Result:
    write(machine.root / "desk" / name, text)
    return decided.land(machine.place(), "anna", [machine.root / "desk" / name], replaced)


def files(machine: Machine) -> dict[str, str]:
    """The SHA-256 of every file that the month's pointer lists."""
    return {place: facts["sha256"] for place, facts in pointer(machine, landing.POINTER)["files"].items()}


def test_a_file_landed_on_one_machine_comes_to_another_with_its_bytes(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    land(a, CHARGES)
    assert b.landed() == {}
    pull(b.mirror, "acme", Period(PERIOD))
    assert b.landed() == a.landed() == {PLACE: CHARGES}
    pull(b.mirror, "acme", Period(PERIOD))
    assert b.landed() == {PLACE: CHARGES}


def test_a_second_cluster_with_a_ledger_of_its_own_gets_no_file_and_puts_none(machine: Make) -> None:
    a, other = machine("a"), machine("b", "another ledger")
    land(a, CHARGES)
    before = everything(a)
    for attempt in (lambda: pull(other.mirror, "acme"), lambda: land(other, OTHER)):
        with pytest.raises(ConfigError, match="belongs to another ledger than this workspace's"):
            attempt()
    assert other.landed() == {}
    assert everything(a) == before


def test_months_after_the_one_at_hand_are_left_where_they_are(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    land(a, CHARGES)
    pull(b.mirror, "acme", Period("2026-09"))
    assert b.landed() == {}


def test_the_same_file_landed_from_two_machines_is_one_object_and_known_to_the_second(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    land(a, CHARGES)
    before = everything(a)
    result = land(b, CHARGES)
    assert [file.is_new for file in result.files] == [False]
    assert everything(a) == before


def test_another_file_of_that_name_is_refused_on_another_machine_and_nothing_changes(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    land(a, CHARGES)
    before = everything(a)
    with pytest.raises(ConfigError, match="is landed already with other content"):
        land(b, OTHER)
    assert everything(a) == before
    assert b.landed() == {PLACE: CHARGES}


def test_of_two_that_land_one_name_at_once_one_wins_and_the_other_is_told(
    machine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines = {"a": machine("a"), "b": machine("b")}
    both_have_looked = threading.Barrier(2)
    put = landing.put

    def together(*arguments: object) -> dict[str, File]:
        found = put(*arguments)  # type: ignore[arg-type]
        both_have_looked.wait(20)  # both saw no such file, neither has moved the pointer
        return found

    monkeypatch.setattr(landing, "put", together)

    def one(name: str) -> str:
        try:
            land(machines[name], CHARGES if name == "a" else OTHER)
        except ConfigError as error:
            return str(error)
        return "landed"

    with ThreadPoolExecutor(2) as pool:
        said = dict(zip("ab", pool.map(one, "ab"), strict=True))
    [winner] = [name for name, text in said.items() if text == "landed"]
    [told] = [text for text in said.values() if text != "landed"]
    assert told.startswith("2026-10/vendor/vendor_charges.csv: another machine landed something else there")
    loser = machines["b" if winner == "a" else "a"]
    assert loser.landed() == {}
    wanted = {PLACE: CHARGES if winner == "a" else OTHER}
    assert machines[winner].landed() == wanted
    pull(loser.mirror, "acme")
    assert loser.landed() == wanted
    entries = [each for each in chain(loser.workspace.paths, "acme") if each.kind == "land"]
    assert len(entries) == 1


def test_a_correction_replaces_the_file_everywhere_and_its_bytes_stay_beside(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    land(a, CHARGES)
    pull(b.mirror, "acme")
    land(b, OTHER, "vendor_charges.csv")
    assert b.landed() == {PLACE: OTHER, KEPT: CHARGES}
    pull(a.mirror, "acme")
    assert a.landed() == {PLACE: OTHER, KEPT: CHARGES}


def test_a_file_that_is_only_replaced_by_one_of_another_name_goes_everywhere(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    land(a, CHARGES)
    pull(b.mirror, "acme")
    land(a, OTHER, "vendor_charges.csv", name="vendor_charges.second.csv")
    pull(b.mirror, "acme")
    assert b.landed() == a.landed() == {"vendor/vendor_charges.second.csv": OTHER, KEPT: CHARGES}


def test_a_file_that_only_this_machine_has_is_told_and_left_as_it_is(machine: Make) -> None:
    a = machine("a")
    land(a, CHARGES)
    write(a.month.landing / "vendor/license_counts.csv", "by hand")
    with pytest.raises(ConfigError, match=r"license_counts.csv is only on this machine, .* does not have it"):
        pull(a.mirror, "acme")
    write(a.month.landing / "vendor/license_counts.csv", CHARGES)  # bytes that the store has
    pull(a.mirror, "acme")
    assert a.landed() == {PLACE: CHARGES}


def test_a_landed_file_that_was_changed_here_is_told_and_one_that_is_gone_comes_back(machine: Make) -> None:
    a = machine("a")
    land(a, CHARGES)
    (a.month.landing / PLACE).write_text(OTHER)
    with pytest.raises(ConfigError, match="vendor_charges.csv is only on this machine"):
        pull(a.mirror, "acme")
    (a.month.landing / PLACE).unlink()
    pull(a.mirror, "acme")
    assert a.landed() == {PLACE: CHARGES}


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_an_object_that_was_changed_or_is_gone_is_named_and_never_taken(
    harm: str, machine: Make, tmp_path: Path, storage: str
) -> None:
    if "file://" not in storage:
        pytest.skip("nobody can change an object of the server behind its back here")
    a, b = machine("a"), machine("b")
    land(a, CHARGES)
    [stored] = (tmp_path / "store/landing/acme/2026-10").rglob("vendor_charges.csv")
    stored.unlink() if harm == "gone" else stored.write_text(OTHER)
    name = stored.relative_to(tmp_path / "store").as_posix()
    said = f"{name} is gone" if harm == "gone" else f"{name} was changed"
    with pytest.raises(MbrError, match=said):
        pull(b.mirror, "acme")
    assert b.landed() == {}


def test_a_list_that_names_a_place_outside_of_the_folder_is_refused(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    land(a, CHARGES)
    name = f"months/acme/{PERIOD}/{landing.POINTER}"
    found = a.mirror.store.read(name)
    assert found
    a.mirror.store.replace(name, found.content.replace(b'"vendor/', b'"../vendor/'), found.version)
    with pytest.raises(MbrError, match="lists '../vendor/vendor_charges.csv', which is no place"):
        pull(b.mirror, "acme")
    assert b.landed() == {}


def test_a_folder_that_moves_into_its_store_is_entered_whole_and_once(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    for place, text in LANDED.items():
        write(a.month.landing / place, text)
    write(a.month.landing / "vendor/.fetch/replaced/vendor_charges.1.csv", OTHER)
    write(a.month.landing / "vendor/.fetch/vendor_charges.jsonl.gz.partial", "half")
    write(a.month.landing / "vendor/.superseded/.incoming/2026-10/vendor/x.csv", "half")
    enter_all(a.mirror, a.month)
    before = everything(a)
    enter_all(a.mirror, a.month)
    assert everything(a) == before
    pull(b.mirror, "acme")
    assert b.landed() == {**LANDED, "vendor/.fetch/replaced/vendor_charges.1.csv": OTHER}


def test_a_fetched_file_may_take_a_place_only_if_what_it_replaces_is_kept(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    write(a.month.landing / PLACE, CHARGES)
    write(a.month.landing / "vendor/.fetch/vendor_charges.json", "one")
    enter_all(a.mirror, a.month, "vendor")
    write(b.month.landing / PLACE, OTHER)
    write(b.month.landing / "vendor/.fetch/vendor_charges.json", "two")
    with pytest.raises(ConfigError, match="vendor_charges.csv: another machine landed something else there"):
        enter_all(b.mirror, b.month, "vendor")
    write(b.month.landing / "vendor/.fetch/replaced/vendor_charges.1.csv", CHARGES)
    enter_all(b.mirror, b.month, "vendor")
    pull(a.mirror, "acme")
    assert a.landed() == b.landed()
    assert a.landed()["vendor/.fetch/vendor_charges.json"] == "two"


def test_what_a_killed_fetch_left_stays_for_the_fetch_that_comes_next_and_holds_months_off(
    machine: Make,
) -> None:
    a = machine("a")
    land(a, CHARGES)
    left = {PLACE: OTHER, "vendor/.fetch/vendor_charges.json": "one"}
    for place, text in left.items():
        write(a.month.landing / place, text)
    with pytest.raises(ConfigError, match="vendor_charges.csv is only on this machine"):
        pull(a.mirror, "acme")
    pull(a.mirror, "acme", fetched=["vendor"])
    assert a.landed() == left
