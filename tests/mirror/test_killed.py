"""A run that is killed at any step of its publication: readers see the old months or the new ones whole, and
one rerun repairs.

Belongs here: kills at every request and every change of a file, a server that stops in the middle. Does not:
runs that end (``test_months``).
"""

from __future__ import annotations

import multiprocessing
import signal
from pathlib import Path

import pytest

from mbr_pipeline.publish.versions import replaced_versions
from mbr_pipeline.storage.objects.s3 import S3Store
from mbr_pipeline.storage.objects.store import StoreError
from tests.mirror.conftest import Make
from tests.mirror.machines import Machine, pointer
from tests.mirror.publishing import begin, finish, run, run_and_die
from tests.mirror.test_months import shown, shown_here, tables
from tests.support.launching import bytes_below
from tests.support.seaweed import BUCKET, KEYS, ObjectServer, serving

EVERY = {"folder": 9, "s3": 6}
"""Each of these kills costs a process and two runs."""


def test_a_kill_at_any_step_leaves_one_whole_publication_and_one_rerun_repairs_it(
    machine: Make, storage: str
) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.mirror.publishing"])
    every = EVERY["folder" if "file://" in storage else "s3"]
    a, b = machine("a"), machine("b")
    number, seen = 0, set()
    tables(a, "C-0")
    run(a.root, "C-0")
    for moment in range(1, 1000, every):
        tables(a, f"C-{number + 1}")
        child = processes.Process(target=run_and_die, args=(a.root, f"C-{number + 1}", moment, KEYS))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        found = shown(b)
        assert found in ([f"C-{number}"], [f"C-{number + 1}"])
        assert pointer(a, "month.json")["published"]["inputs_hash"] == found[0]
        seen.add(found == [f"C-{number + 1}"])
        if child.exitcode == 0:
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
        with pytest.raises(StoreError, match="cannot be reached: see that its server runs"):
            finish(a.root, "new")
        assert shown_here(a) == ["old"]
        with pytest.raises(StoreError, match="cannot be reached"):
            shown(b)
        assert shown_here(b) == ["old"]
        server.start()
        run(a.root, "new")
        assert shown(b) == shown_here(a) == ["new"]
        assert len(replaced_versions(a.workspace.paths.published)) == 1
