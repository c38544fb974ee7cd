"""Dagster's processes for one workspace: code server, webserver and daemon, started and ended together.

What belongs here: which there are, and their end. `dagster dev` is not used: its webserver answers pages of
any origin, and its processes live on when it is killed. What does not: watching over this process
(``mbr_pipeline.cli.ui``).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import dagster as dg
import yaml
from dagster._cli.proxy_server_manager import ProxyServerManager
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.log import configure_loggers

from mbr_pipeline.cli.ui.bound import bound_to_this

_WORKSPACE_FILE = Path(__file__).with_name("dagster_workspace.yaml")
_LOOK_SECONDS = 0.5
_GRACE_SECONDS = 10


def serve(port: int) -> str:
    """Run the services until one of them ends, and return which, with its exit code."""
    with ExitStack() as stack:
        instance = stack.enter_context(dg.DagsterInstance.get())
        # one code server for both; it is started again if it ends
        servers = stack.enter_context(
            ProxyServerManager(instance, WorkspaceFileTarget([str(_WORKSPACE_FILE)]), "warning")
        )
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        places = Path(folder, "workspace.yaml")
        places.write_text(yaml.dump({"load_from": servers.get_code_server_specs()}), encoding="utf-8")
        running = {
            name: stack.enter_context(_Service(bound_to_this(module, *arguments, str(places)), end))
            for name, module, arguments, end in (
                ("daemon", "dagster._daemon", ("run", "--workspace"), signal.SIGINT),
                ("webserver", "mbr_pipeline.cli.ui.webserver", (str(port),), signal.SIGTERM),
            )
        }
        while True:
            for name, service in running.items():
                if (code := service.process.poll()) is not None:
                    return f"the {name} ended with exit code {code}"
            time.sleep(_LOOK_SECONDS)


class _Service:
    """A process that is asked to end, then made to."""

    def __init__(self, command: list[str], end: signal.Signals) -> None:
        self._command, self._end = command, end

    def __enter__(self) -> _Service:
        self.process = subprocess.Popen(self._command)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(self._end)
        try:
            self.process.wait(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once: the end is not to be interrupted
    raise KeyboardInterrupt


def _main() -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    configure_loggers(formatter="colored", log_level="INFO")
    try:
        print(f"mbr: {serve(int(sys.argv[1]))}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        pass
    except Exception:  # noqa: BLE001 - printed here, since nothing is said any more after what follows
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        # runs, and whatever else of the group is left: also when nobody waits for this process any more
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    _main()
