"""What a command and the warm process must have in common, as a hash: who differs in any of it never meets.

What belongs here: the interpreter, the code, and what a process gets from whoever started it and cannot be
handed over. What does not: what is handed over with each command, as arguments, folder and environment
(``meeting``), and files that the process has imported from elsewhere (``parent``).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mbr_pipeline.transform.project_folder import CACHE_VARIABLE, PROJECT

_ROOT = Path(__file__).resolve().parents[3]
_PRODUCT = (_ROOT / "connectors", _ROOT / "expectations", _ROOT / "mbr_pipeline", PROJECT)
_MADE = ("__pycache__", "target", "logs")
_INSTALLED = (".dist-info", ".egg-info", ".pth")

_AT_START = (
    *("HOME", "LANG", "LANGUAGE", "PATH", "TMPDIR", "TZ", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"),
    CACHE_VARIABLE,
)
_AT_START_PREFIXES = (
    *("LC_", "SSL_CERT_", "XDG_", "PYTHON"),
    *("LD_", "GLIBC_", "MALLOC_", "OMP_", "OPENBLAS_", "ARROW_"),  # what libraries in C read
)
"""Variables that programs read when they start. No other is handed to the warm process."""

_NOT_PLAIN = ("LD_PRELOAD", "LD_AUDIT")
"""Who sets one of these wants something of every process that it starts."""

_STATUS = ("Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "Cpus_allowed", "Mems_allowed")
_PROC = Path("/proc/self")


def is_plain() -> bool:
    """Whether this process is one of which another can take the place: nobody watches it, and modules are
    looked for in the same places whatever the current folder is.
    """
    return (
        sys.gettrace() is None
        and sys.getprofile() is None
        and not any(name in os.environ for name in _NOT_PLAIN)
        and os.getuid() == os.geteuid()
        and all(Path(entry).is_absolute() for entry in path())
        and None not in (sys.stdin, sys.stdout, sys.stderr)
    )


def path() -> list[str]:
    """Return where modules are looked for, without the folder of the script: no module of ours is there."""
    script = str(Path(sys.argv[0]).resolve().parent)
    return [entry for entry in sys.path if sys.flags.safe_path or entry != script]


def flags() -> list[str]:
    """Return the options of the interpreter."""
    options: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return [option for option in options if option != "-P"]


def environment() -> dict[str, str]:
    """Return the variables that are read when a program starts."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _AT_START or name.startswith(_AT_START_PREFIXES)
    }


def key() -> str:
    """Return the hash."""
    digest = hashlib.sha256()
    for fact in (sys.executable, sys.version, flags(), path(), sorted(environment().items())):
        digest.update(repr(fact).encode("utf-8", "surrogateescape"))
    for group in (_inherited(), _installed(), _product()):
        for line in group:
            digest.update(line.encode("utf-8", "surrogateescape") + b"\0")
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def _inherited() -> Iterator[str]:
    for line in (_PROC / "status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(_STATUS):
            yield line
    for name in ("limits", "cgroup", "oom_score_adj"):
        yield (_PROC / name).read_text(encoding="utf-8", errors="surrogateescape")
    for name in ("ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/user", "ns/uts", "root"):
        yield str((_PROC / name).readlink())
    yield str(os.getpriority(os.PRIO_PROCESS, 0))


def _installed() -> Iterator[str]:
    for folder in path():
        if Path(folder).is_dir():
            for entry in sorted(os.scandir(folder), key=lambda each: each.name):
                if entry.name not in _MADE:
                    yield entry.name
                if entry.name.endswith(_INSTALLED):
                    yield str(entry.stat().st_mtime_ns)


def _product() -> Iterator[str]:
    waiting = list(map(str, _PRODUCT))
    while waiting:
        folder = waiting.pop()
        for entry in sorted(os.scandir(folder), key=lambda each: each.name):
            if entry.is_dir():
                if entry.name not in _MADE:
                    waiting.append(entry.path)
            else:
                found = entry.stat()
                yield f"{entry.path} {found.st_size} {found.st_mtime_ns} {found.st_ino}"
