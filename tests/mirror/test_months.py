"""A month's pointer in the store: tokens, whole publications, and what stays for ever.

Belongs here: runs that come one after the other or in each other's way. Does not: runs that are killed
(``test_killed``), landed files (``test_landing``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.mirror import months
from mbr_pipeline.mirror.files import Files
from mbr_pipeline.mirror.months import OldToken
from mbr_pipeline.mirror.opening import Mirror
from mbr_pipeline.publish import stored
from mbr_pipeline.publish.publications import publications
from mbr_pipeline.publish.reading import reading
from mbr_pipeline.storage.objects.store import Changed, ObjectStore
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.mirror.conftest import Make
from tests.mirror.machines import Machine, everything, pointer
from tests.mirror.publishing import begin, finish, run
from tests.publish.tables import audited
from tests.support.launching import bytes_below
from tests.support.small import write


def tables(machine: Machine, name: str) -> None:
    """A month whose audited tables have one client."""
    audited(machine.root, clients=[{"client_id": name}], inputs=name)


def shown(machine: Machine) -> list[str]:
    """The client in the tables that a machine shows once it has looked into the store."""
    stored.bring_up(WorkspacePaths(machine.root))
    return shown_here(machine)


def shown_here(machine: Machine) -> list[str]:
    if not machine.month.published.exists():
        return []
    with reading(WorkspacePaths(machine.root)) as connection:
        return [name for (name,) in connection.execute("select client_id from dim_client").fetchall()]


def test_what_one_machine_publishes_another_shows_with_the_same_bytes_time_and_report(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    assert shown(b) == []
    tables(a, "C-1")
    run(a.root, "C-1")
    assert shown(b) == ["C-1"]
    assert bytes_below(b.month.published) == bytes_below(a.month.published)
    assert bytes_below(b.month.report) == bytes_below(a.month.report) == {"gate.json": b"C-1"}
    of_a, of_b = (publications(each.workspace.paths.published) for each in (a, b))
    assert of_a == of_b
    tables(b, "C-2")
    run(b.root, "C-2")
    assert shown(a) == ["C-2"]


def test_publishing_the_same_again_moves_nothing_but_the_token(machine: Make) -> None:
    a = machine("a")
    tables(a, "C-1")
    run(a.root, "C-1")
    objects, before = everything(a), pointer(a, months.POINTER)
    run(a.root, "C-1")
    after = pointer(a, months.POINTER)
    assert (before.pop("token"), after.pop("token")) == (1, 2)
    assert before.pop("holder") != after.pop("holder")
    assert before == after
    assert everything(a).keys() == objects.keys()


def test_a_run_that_was_overtaken_is_refused_and_changes_nothing_anywhere(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    tables(a, "old")
    begin(a.root)
    tables(b, "new")
    run(b.root, "new")
    before = everything(b)
    with pytest.raises(OldToken, match="acme 2026-10: run 1 is too old: run 2 of this month has begun since"):
        finish(a.root, "old")
    assert everything(b) == before
    assert shown_here(a) == []
    assert shown(a) == shown(b) == ["new"]


def test_a_run_is_refused_as_soon_as_a_newer_one_has_begun(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    tables(a, "old")
    begin(a.root)
    begin(b.root)
    with pytest.raises(OldToken, match="run 1 is too old"):
        finish(a.root, "old")
    assert shown(b) == []


def test_a_number_that_was_handed_out_is_refused_once_a_higher_one_was_seen(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    tables(a, "old")
    begin(a.root, 7)
    begin(a.root, 7)  # the same run, begun again where it was
    with pytest.raises(OldToken, match="run 7 is too old: run 7"):
        begin(b.root, 7)
    begin(b.root, 8)
    for late in (6, 7):
        with pytest.raises(OldToken, match=f"run {late} is too old: run 8"):
            begin(a.root, late)
    with pytest.raises(OldToken, match="run 7 is too old: run 8"):
        finish(a.root, "old")
    assert pointer(b, months.POINTER)["token"] == 8


def test_a_pointer_is_not_moved_with_an_old_token_even_by_who_writes_to_the_store_directly(
    machine: Make,
) -> None:
    a = machine("a")
    begin(a.root)
    name = f"months/acme/2026-10/{months.POINTER}"
    seen = a.mirror.store.read(name)
    assert seen
    begin(a.root)
    with pytest.raises(Changed):
        a.mirror.store.replace(name, b"{}", seen.version)


def test_a_machine_that_never_began_a_run_publishes_nothing(machine: Make) -> None:
    a = machine("a")
    tables(a, "C-1")
    with pytest.raises(MbrError, match="this machine has not begun a run of it: run the month here"):
        finish(a.root, "C-1")
    assert shown_here(a) == []


def test_a_second_cluster_with_a_ledger_of_its_own_is_refused_before_it_writes(machine: Make) -> None:
    a, other = machine("a"), machine("b", "another ledger")
    tables(a, "C-1")
    run(a.root, "C-1")
    before = everything(a)
    tables(other, "wrong")
    with pytest.raises(ConfigError, match="belongs to another ledger than this workspace's"):
        run(other.root, "wrong")
    assert everything(a) == before
    assert shown_here(other) == []
    assert shown(a) == ["C-1"]


def test_a_blocked_months_tables_come_with_its_report_and_go_with_the_next(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    begin(a.root)
    write(a.month.report / "gate.json", "blocked")
    write(a.month.report / "blocked/fct_exceptions.parquet", "rows")
    write(a.month.report / "early/gate.json", "early")
    write(a.month.report / "timings.json", "of this machine")
    stored.send_report(a.workspace, a.month)
    stored.bring_up(b.workspace.paths)
    wanted = {"gate.json": b"blocked", "blocked/fct_exceptions.parquet": b"rows"}
    assert bytes_below(b.month.report) == wanted
    tables(a, "C-1")
    run(a.root, "C-1")
    stored.bring_up(b.workspace.paths)
    assert bytes_below(b.month.report) == {"gate.json": b"C-1"}


def test_closed_versions_and_exports_come_whole_and_nothing_kept_ever_goes(machine: Make) -> None:
    a, b = machine("a"), machine("b")
    kept = {
        "published/acme/2026-10.versions/1/version.json": "one",
        "exports/acme/2026-10/v1/xero/a.csv": "x",
    }
    for place, text in kept.items():
        write(a.root / place, text)
    stored.send_kept(a.workspace, a.month)
    stored.bring_up(b.workspace.paths)
    assert {place: (b.root / place).read_text() for place in kept} == kept
    write(b.root / "exports/acme/2026-10/v1/xero/a.csv", "other")
    with pytest.raises(MbrError, match="exports/acme/2026-10/v1/xero/a.csv is not what the store keeps"):
        stored.send_kept(b.workspace, b.month)
    write(b.root / "exports/acme/2026-10/v1/xero.1/a.csv", "x")  # as a second export keeps the first
    stored.send_kept(b.workspace, b.month)
    stored.bring_up(a.workspace.paths)
    exports = bytes_below(a.month.exports)
    assert exports == {"v1/xero/a.csv": b"other", "v1/xero.1/a.csv": b"x"}


def test_a_month_that_is_published_here_while_an_earlier_one_arrives_stays(
    machine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = machine("a"), machine("b")
    tables(a, "C-1")
    run(a.root, "C-1")
    tables(b, "C-2")
    fetch, fetched = stored.fetch, []

    def slow(store: ObjectStore, files: Files, folder: Path) -> None:
        fetch(store, files, folder)
        if "arrived" in folder.name and not fetched:
            fetched.append(folder)
            run(b.root, "C-2")

    monkeypatch.setattr(stored, "fetch", slow)
    stored.bring_up(b.workspace.paths)
    assert fetched
    assert shown_here(b) == ["C-2"]
    assert list(b.month.folder.glob(".arrived*")) == []


def test_what_a_run_here_has_found_is_not_replaced_by_an_earlier_report_while_it_goes_on(
    machine: Make,
) -> None:
    a, b = machine("a"), machine("b")
    tables(a, "C-1")
    run(a.root, "C-1")
    begin(a.root)
    write(a.month.report / "gate.json", "of the run that goes on")
    write(a.month.report / "blocked/fct_exceptions.parquet", "rows")
    here = bytes_below(a.month.report)
    stored.bring_up(a.workspace.paths)
    assert bytes_below(a.month.report) == here
    tables(b, "C-2")
    run(b.root, "C-2")  # overtakes it
    stored.bring_up(a.workspace.paths)
    assert bytes_below(a.month.report) == {"gate.json": b"C-2"}


def test_a_name_in_the_store_that_leads_out_of_the_folder_is_no_month(machine: Make, tmp_path: Path) -> None:
    a = machine("a")
    found = [each for each in ("..", ".hidden", "a b") if _is_taken_for_an_msp(a, each)]
    assert found == []
    assert _is_taken_for_an_msp(a, "acme")


def _is_taken_for_an_msp(machine: Machine, name: str) -> bool:
    class Listed:
        def list(self, prefix: str) -> list[tuple[str, str]]:
            return [(f"months/{name}/2026-10/{months.POINTER}", "1")]

    mirror = Mirror(machine.workspace.paths, Listed())  # type: ignore[arg-type]
    return bool(list(mirror.pointers(months.POINTER)))


def test_a_table_that_was_changed_in_the_store_is_named_and_not_shown(
    machine: Make, tmp_path: Path, storage: str
) -> None:
    if "file://" not in storage:
        pytest.skip("nobody can change an object of the server behind its back here")
    a, b = machine("a"), machine("b")
    tables(a, "C-1")
    run(a.root, "C-1")
    [table] = (tmp_path / "store/published/acme/2026-10").rglob("dim_client.parquet")
    table.write_bytes(table.read_bytes()[:-1] + b"?")
    with pytest.raises(MbrError, match=r"dim_client.parquet was changed: bring it back from the bucket's"):
        shown(b)
    assert shown_here(b) == []
