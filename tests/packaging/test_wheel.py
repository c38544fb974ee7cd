"""The wheel works by itself: in an environment of its own, away from the checkout, in a package folder that
cannot be written.

Belongs here: what is in the wheel, and one run of each kind of command from it. Does not: what the commands
answer (``tests/e2e``). Nothing is fetched: the wheel is built with what is installed, and its dependencies
are those of this environment, lent by a path file.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
DEPENDENCIES = sysconfig.get_path("purelib")

_DEFINITIONS = (
    "{ repositoriesOrError { ... on RepositoryConnection { nodes { location { name } jobs { name } } } } }"
)

_WHERE = """
import sys, connectors, expectations, mbr_pipeline
print(connectors.__file__, expectations.__file__, mbr_pipeline.__file__, *sys.path, sep="\\n")
"""


@dataclass(frozen=True)
class Installed:
    """A user's machine: a home, a working folder and the wheel in a virtual environment."""

    home: Path
    venv: Path

    @property
    def packages(self) -> Path:
        return self.venv / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.venv / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",  # what is written into the package is the test's business
        }

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.home, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout


def _tracked_files(folder: Path) -> None:
    """Copy what a commit would hold: the wheel must not depend on what else lies in this checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _tracked_files(folder / "checkout")
    # what an earlier build or run left behind belongs to nobody's wheel
    (folder / "checkout" / "dbt_project" / "target").mkdir()
    (folder / "checkout" / "dbt_project" / "target" / "manifest.json").write_text("{}")
    command = [str(UV), "build", "--offline", "--no-build-isolation", "--python", sys.executable]
    command += ["--out-dir", str(folder / "dist"), str(folder / "checkout")]
    subprocess.run(command, check=True, capture_output=True, text=True)
    [built] = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("user")
    machine = Installed(folder / "home", folder / "venv")
    machine.home.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(machine.venv)], check=True)
    command = [str(UV), "pip", "install", "--quiet", "--offline", "--no-deps", "--no-cache"]
    command += ["--python", str(machine.venv / "bin" / "python"), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    # a path file is not read for further path files: the editable installation does not come along
    (machine.packages / "lent.pth").write_text(DEPENDENCIES, encoding="utf-8")
    folders = [machine.packages, *(path for path in machine.packages.rglob("*") if path.is_dir())]
    for each in folders:
        each.chmod(0o555)
    yield machine
    for each in folders:
        each.chmod(0o755)


def _files_below(folder: Path) -> dict[str, int]:
    # root writes in spite of the mode, so what is there is compared too
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_wheel_holds_the_programs_their_files_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"connectors", "expectations", "mbr_pipeline"}
    assert [name for name in names if "testing" in name or "unit_test" in name or "/target/" in name] == []
    for package in tops:
        assert f"{package}/py.typed" in names
    for folder in (
        "dbt_project/models/staging/",
        "dbt_project/macros/",
        "dbt_project/tests/",
        "report/templates/",
    ):
        assert [name for name in names if name.startswith(f"mbr_pipeline/{folder}")], folder
    assert {"mbr_pipeline/dbt_project/dbt_project.yml", "mbr_pipeline/dbt_project/profiles.yml"} <= set(names)
    assert [name for name in names if name.endswith("licenses/LICENSE")]


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    wanted = {name for name in tracked if name.startswith(("mbr_pipeline/", "expectations/"))}
    wanted |= {
        name
        for name in tracked
        if name.startswith("connectors/") and not name.startswith("connectors/testing/")
    }
    wanted |= {
        f"mbr_pipeline/{name}"
        for name in tracked
        if name.startswith("dbt_project/") and not name.endswith("__unit_tests.yml")
    }
    assert wanted - names == set()


def test_an_installed_mbr_closes_a_month_and_writes_nothing_into_its_package(installed: Installed) -> None:
    files = installed.run("python", "-I", "-c", _WHERE).split()
    assert all(Path(file).is_relative_to(installed.packages) for file in files[:3])
    assert str(ROOT) not in files[3:]
    before = _files_below(installed.packages)

    installed.run("mbr", "init", "x", "--demo")
    installed.run("mbr", "run", "--workspace", "x", "--period", "2026-08", "--msp", "northwind")
    query = "select count(*) as n from fct_reconciliation"
    [row] = json.loads(installed.run("mbr", "sql", query, "--workspace", "x", "--format", "json"))
    assert int(row["n"]) > 10

    assert _files_below(installed.packages) == before
    [compiled] = (installed.home / ".cache" / "mbr" / "dbt").iterdir()
    assert (compiled / "stamp").is_file()


def test_the_interface_of_an_installed_mbr_answers_with_the_graph_and_ends(installed: Installed) -> None:
    installed.run("mbr", "init", "y", "--demo")
    before = _files_below(installed.packages)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = installed.home / "ui.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["mbr", "ui", "--workspace", "y", "--port", str(port)],
            cwd=installed.home,
            env=installed.environment,
            stdout=output,
            stderr=output,
        )
    try:
        found = _asked(port, _DEFINITIONS, seconds=180)
        nodes = found["repositoriesOrError"]["nodes"]
        assert [node["location"]["name"] for node in nodes] == ["mbr"], log.read_text()
        assert "close_month" in {job["name"] for job in nodes[0]["jobs"]}
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    assert _files_below(installed.packages) == before


def _asked(port: int, query: str, seconds: float) -> dict[str, dict[str, list[dict[str, object]]]]:
    """Return the answer of the interface once it gives one."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps({"query": query}).encode(),
        headers={"Content-Type": "application/json"},
    )
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["data"]
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < until, "the interface did not answer"
            time.sleep(1)
