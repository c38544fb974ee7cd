"""A run that is killed at any step of its publication: readers see the old months or the new ones whole, and
one rerun repairs.

Belongs here: kills at every request and every change of a file, a server that stops in the middle. Does not:
runs that end (``test_months``).
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.mirror import opening
from mbr_pipeline.mirror.landing import enter_all, pull
from mbr_pipeline.publish.versions import replaced_versions
from mbr_pipeline.storage.objects import s3
from mbr_pipeline.storage.objects.s3 import RETRIES, S3Store
from mbr_pipeline.storage.objects.store import StoreError
from tests.mirror.conftest import Make
from tests.mirror.machines import Machine, pointer
from tests.mirror.publishing import begin, dying, finish, land, run
from tests.mirror.test_landing import PLACE
from tests.mirror.test_months import shown, shown_here, tables
from tests.support.launching import bytes_below
from tests.support.seaweed import BUCKET, KEYS, ObjectServer, serving
from tests.support.small import LANDED, write

EVERY = {"folder": 9, "s3": 6}
"""Each of these kills costs a process and two runs."""


def _killed(work: Callable[[Path, str], None], root: Path, what: str, moment: int) -> int:
    """Let a child do something and die at a moment; returns its exit code: 0 if it ended before."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.mirror.publishing"])
    child = processes.Process(target=dying, args=(work, root, what, moment, KEYS))
    child.start()
    child.join(60)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode


def test_a_kill_at_any_step_leaves_one_whole_publication_and_one_rerun_repairs_it(
    machine: Make, storage: str
) -> None:
    every = EVERY["folder" if "file://" in storage else "s3"]
    a, b = machine("a"), machine("b")
    number, seen = 0, set()
    tables(a, "C-0")
    run(a.root, "C-0")
    for moment in range(1, 1000, every):
        tables(a, f"C-{number + 1}")
        exit_code = _killed(run, a.root, f"C-{number + 1}", moment)
        found = shown(b)
        assert found in ([f"C-{number}"], [f"C-{number + 1}"])
        assert pointer(a, "month.json")["published"]["inputs_hash"] == found[0]
        seen.add(found == [f"C-{number + 1}"])
        if exit_code == 0:
            assert found == [f"C-{number + 1}"]
            break
        number += 1
        run(a.root, f"C-{number}")
        assert shown_here(a) == shown(b) == [f"C-{number}"]
        assert bytes_below(b.month.published) == bytes_below(a.month.published)
    else:
        raise AssertionError("the run never ended")
    assert seen == {False, True}
    assert number >= 8


def test_a_kill_at_any_step_of_a_landing_leaves_it_landed_or_not_and_the_same_command_repairs_it(
    machine: Make, storage: str
) -> None:
    every = EVERY["folder" if "file://" in storage else "s3"]
    a, b = machine("a"), machine("b")
    texts = [LANDED["vendor/vendor_charges.csv"]]
    write(a.month.landing / PLACE, texts[0])
    enter_all(a.mirror, a.month)
    seen = set()
    for moment in range(1, 1000, every):
        texts.append(texts[0].replace("50.00", f"{60 + len(texts)}.00"))
        write(a.root / f"desk/{moment}/vendor_charges.csv", texts[-1])
        exit_code = _killed(land, a.root, str(moment), moment)
        pull(b.mirror, "acme")
        assert b.landed()[PLACE] in texts[-2:]
        seen.add(b.landed()[PLACE] == texts[-1])
        if exit_code == 0:
            break
        land(a.root, str(moment))
        pull(b.mirror, "acme")
        assert b.landed() == a.landed()
        assert b.landed()[PLACE] == texts[-1]
        assert sorted(b.landed().values()) == sorted(texts)
    assert seen == {False, True}
    assert len(texts) > 5
    entered = [each.body for each in chain(a.workspace.paths, "acme") if each.kind == "land"]
    assert len(entered) == len(texts) - 1


def test_a_server_that_stops_in_the_middle_leaves_the_old_month_and_one_rerun_publishes_the_new(
    tmp_path: Path, object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path) as server:
        storage = f"storage: {{url: 's3://{BUCKET}/of-months', endpoint: '{server.endpoint}'}}\n"
        a = Machine(tmp_path / "a", storage, tmp_path / "ledger")
        b = Machine(tmp_path / "b", storage, tmp_path / "ledger")
        tables(a, "old")
        run(a.root, "old")
        assert shown(b) == ["old"]
        tables(a, "new")
        begin(a.root)
        put = S3Store.put_new
        puts = 0

        def stopping(store: S3Store, name: str, content: bytes) -> str:
            nonlocal puts
            puts += 1
            if puts == 1:
                server.kill()
            return put(store, name, content)

        monkeypatch.setattr(S3Store, "put_new", stopping)
        opening._opened.cache_clear()  # and is not waited for
        monkeypatch.setattr(s3, "RETRIES", {"max_retries": 1, "retry_timeout": timedelta(seconds=2)})
        with pytest.raises(StoreError, match="cannot be reached: see that its server runs"):
            finish(a.root, "new")
        assert shown_here(a) == ["old"]
        with pytest.raises(StoreError, match="cannot be reached"):
            shown(b)
        assert shown_here(b) == ["old"]
        monkeypatch.setattr(s3, "RETRIES", RETRIES)
        opening._opened.cache_clear()
        server.start()
        run(a.root, "new")
        assert shown(b) == shown_here(a) == ["new"]
        assert len(replaced_versions(a.workspace.paths.published)) == 1
