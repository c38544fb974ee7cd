"""Who meets whom: never another user, never other code; and a command that was not begun is done here."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import LazyLoader, find_spec, module_from_spec
from pathlib import Path

import pytest

from mbr_pipeline.cli import warm
from mbr_pipeline.cli.warm import caller, key, meeting, parent
from mbr_pipeline.cli.warm.imports import Imports
from mbr_pipeline.errors import ConfigError
from tests.cli.warm.asking import KEY


@pytest.fixture
def answering(runtime: Path) -> Iterator[dict[str, bytes]]:
    """Somebody at the place who answers whoever asks with the bytes that the test puts there."""
    says = {"first": b"", "then": b""}
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(meeting.place(KEY)))
    listener.listen()

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            _, files = meeting.taken_over(connection)
            socket.send_fds(connection, [says["first"]], [files.folder]) if says["first"] else None
            for number in files.all:
                os.close(number)
            if says["then"] and connection.recv(1):
                connection.sendall(says["then"])

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield says
    thread.join()
    listener.close()


@pytest.mark.parametrize(
    ("first", "then"),
    [(b"", b""), (b"x", b""), (b"r", b"x"), (b"r", (70).to_bytes(4, "big"))],
    ids=["nothing", "no readiness", "no beginning", "an end before a beginning"],
)
def test_a_command_that_was_not_begun_is_done_here(
    answering: dict[str, bytes], first: bytes, then: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", sys.__stdin__)
    answering.update(first=first, then=then)
    assert _asked() is None


def _asked() -> int | None:
    try:
        return caller.ask(KEY)
    except OSError:
        return None


def test_a_folder_that_others_can_enter_is_no_place_to_meet(runtime: Path) -> None:
    assert meeting.place(KEY) == runtime / "mbr" / KEY
    (runtime / "mbr").chmod(0o710)
    with pytest.raises(PermissionError, match="is not private"):
        meeting.place(KEY)


def test_a_folder_of_another_user_and_a_link_to_one_are_none_either(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = os.getuid()
    meeting.place(KEY)
    with monkeypatch.context() as other:
        other.setattr(os, "getuid", lambda: own + 1)
        with pytest.raises(PermissionError, match="is not private"):
            meeting.place(KEY)
    (runtime / "mbr").rename(runtime / "elsewhere")
    (runtime / "mbr").symlink_to(runtime / "elsewhere")
    with pytest.raises(PermissionError, match="is not private"):
        meeting.place(KEY)


@pytest.mark.parametrize("who", ["getuid", "getgid"])
def test_a_process_of_another_user_or_group_is_refused(
    who: str, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = meeting.place(KEY)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(address))
        listener.listen()
        meeting.connected(address, 1).close()
        own = getattr(os, who)()
        monkeypatch.setattr(os, who, lambda: own + 1)
        with pytest.raises(PermissionError, match="of another user"):
            meeting.connected(address, 1)


def test_a_socket_that_a_killed_process_left_is_nobody_and_the_next_process_removes_it(runtime: Path) -> None:
    stale, living = meeting.place("stale"), meeting.place("living")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(stale))
        listener.listen()
    with pytest.raises(meeting.NobodyThereError):
        meeting.connected(stale, 1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(living))
        listener.listen()
        parent.remove_stale(stale.parent)
        assert [path.name for path in stale.parent.iterdir()] == ["living"]


def test_what_is_no_command_is_refused_and_its_files_are_closed() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for content in (b"", b"\0\0", (2**31).to_bytes(4, "big"), b"\0\0\0\2{}", b"\0\0\0\2no"):
        one, other = socket.socketpair()
        with one, other:
            if content:
                socket.send_fds(one, [content[:4]], [0, 1, 2, 0, 1])
                one.sendall(content[4:])
            one.close()
            with pytest.raises((OSError, ValueError, TypeError)):
                meeting.taken_over(other)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A product of two files and what Python makes of one."""
    for name in ("a/b.py", "a/c.sql", "a/__pycache__/b.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(key, "_PRODUCT", (tmp_path / "a",))
    return tmp_path / "a"


def test_who_has_other_code_has_another_key(product: Path) -> None:
    first = key.key()
    (product / "__pycache__/b.pyc").write_text("12")
    assert key.key() == first
    keys = {first}
    (product / "b.py").write_text("12")
    keys.add(key.key())
    os.utime(product / "b.py", (1, 1))  # of the same size, at another time
    keys.add(key.key())
    os.utime(product / "b.py", (1, 1))
    keys.add(key.key())
    (product / "d.csv").write_text("")
    keys.add(key.key())
    (product / "c.sql").unlink()
    keys.add(key.key())
    assert len(keys) == 5


def test_who_has_other_packages_has_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "some-1.dist-info"
    installed.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    keys = {key.key()}
    os.utime(installed, (1, 1))
    keys.add(key.key())
    installed.rename(tmp_path / "some-2.dist-info")
    keys.add(key.key())
    (tmp_path / "in_front.py").touch()
    keys.add(key.key())
    assert len(keys) == 4


@pytest.mark.parametrize("name", ["LANG", "TZ", "PYTHONOPTIMIZE", "OMP_NUM_THREADS", "MBR_CACHE_DIR"])
def test_who_was_started_with_another_variable_that_programs_read_has_another_key(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = key.key()
    monkeypatch.setenv("SECRET", "hush")
    assert key.key() == first and "SECRET" not in key.environment()
    monkeypatch.setenv(name, "another")
    assert key.key() != first and key.environment()[name] == "another"


_KEY = "from mbr_pipeline.cli.warm import key; print(key.key())"


@pytest.mark.parametrize(
    "way",
    [
        ["nice", "-n", "3"],
        ["prlimit", "--core=4096:8192"],
        ["taskset", "1"],
        ["prlimit", "--data=1000000000000"],
    ],
)
def test_who_may_use_less_of_the_machine_has_another_key(way: list[str]) -> None:
    ask = [sys.executable, "-P", "-c", _KEY]
    keys = [
        subprocess.run(command, capture_output=True, check=True).stdout for command in (ask, [*way, *ask])
    ]
    assert keys[0] != keys[1]


def test_an_interpreter_that_is_watched_or_that_looks_in_the_current_folder_is_not_plain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if Path(entry).is_absolute()])
    assert key.is_plain()
    with monkeypatch.context() as other:
        other.setenv("LD_PRELOAD", "some.so")
        assert not key.is_plain()
    with monkeypatch.context() as other:
        other.setattr(sys, "path", ["", *sys.path])
        assert not key.is_plain()
    with monkeypatch.context() as other:
        other.setattr(sys, "stdout", None)
        assert not key.is_plain()
    sys.settrace(lambda *_: None)
    try:
        assert not key.is_plain()
    finally:
        sys.settrace(None)


def test_what_was_imported_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "minds_its_environment.py"
    module.write_text("import os\nA = os.environ.get('TINY_A')\nB = 'TINY_B' in os.environ\n")
    monkeypatch.setenv("TINY_A", "set")
    before = time.time()
    imports = Imports(["minds_its_environment"])
    assert imports.are_unchanged() and not imports.are_older_than(before - 60)
    assert imports.suit({"TINY_A": "set", "TINY_C": "x"})
    assert not imports.suit({"TINY_B": "x"})
    module.write_text(module.read_text())
    assert not imports.are_unchanged()
    module.unlink()
    assert not imports.are_unchanged()


def test_a_module_that_waits_to_be_used_is_left_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    written = tmp_path / "waits.py"
    written.write_text("raise AssertionError('it was used')\n")
    spec = find_spec("waits")
    assert spec and spec.loader
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "waits", module)
    imports = Imports([])
    assert imports.are_unchanged()
    written.write_text("")
    assert not imports.are_unchanged()


def test_the_switch_is_on_off_or_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(caller, "ask", lambda wanted: asked.append(wanted) or 7)
    monkeypatch.setattr(key, "is_plain", lambda: True)
    monkeypatch.setattr(sys, "argv", ["mbr", "run"])
    terminal = {2: False}
    monkeypatch.setattr(os, "isatty", terminal.__getitem__)
    answers = []
    for said, is_terminal in (("on", False), ("off", True), ("", False), ("", True)):
        monkeypatch.setenv("MBR_WARM", said)
        terminal[2] = is_terminal
        answers.append(warm.answered())
    assert answers == [7, None, None, 7] and len(asked) == 2
    monkeypatch.setenv("MBR_WARM", "yes")
    with pytest.raises(ConfigError, match="MBR_WARM is 'yes': set it to on or off"):
        warm.answered()
    monkeypatch.setattr(sys, "argv", ["mbr", "serve"])
    assert warm.answered() is None and len(asked) == 2
