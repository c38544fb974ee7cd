"""Twenty people at once on one worklist: `python -m tools.page_crowd [PEOPLE] [FINDINGS] [PAUSE]`.

What belongs here: `mbr serve` as it runs for a team, on a month of that many findings written by hand; people
who sign in and do over real HTTP what clerks do (look at the list, group it, search, open a finding, see what
a decision would do, enter it), each in findings of their own, with a pause of about PAUSE seconds (2) before
each step; how long each answer took. What does not: one person alone (`tools.worklist_speed`), and
whether what pages show is right (`tests/serve`).

The server is a process of its own: what it computed is told by the system's count of its processor time.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

from mbr_pipeline.serve.signin.passwords import set_password
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.decide.months import Month
from tests.serve.browsing import Visitor
from tests.serve.worklist.desks import HERE, LIST, Desk
from tools.worklist_speed import finding

_ROUNDS = 6
_PORT = 8497
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the times."""
    given = sys.argv[1:]
    people, count, pause = (given[n] if len(given) > n else str(d) for n, d in enumerate((20, 5_000, 2)))
    with tempfile.TemporaryDirectory() as folder:
        month = _month(Path(folder), int(people), int(count))
        crowd = _Crowd(month, float(pause))
        with _serving(month.root) as server:
            before, since = _computed(server.pid), time.perf_counter()
            crowd.work(int(people))
            computed, lasted = _computed(server.pid) - before, time.perf_counter() - since
    crowd.told()
    requests = sum(map(len, crowd.taken.values()))
    print(
        f"{requests:,} requests in {lasted:.0f} s, {computed:.1f} s of them computed by the server:"
        f" {computed / requests * 1000:.0f} ms a request; load of the machine"
        f" {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; errors: {dict(crowd.wrong) or 0}"
    )


def _month(root: Path, people: int, count: int) -> Month:
    named = "".join(f"  clerk{n}: {{name: Clerk {n}, roles: [clerk]}}\n" for n in range(people))
    month = Month(root, f"people:\n{named}")
    month.audit(exceptions=[finding(n) for n in range(count)])
    opened = Workspace.open(WorkspacePaths(root))
    for n in range(people):
        set_password(opened, f"clerk{n}", f"the password of clerk{n}")
    return month


@contextmanager
def _serving(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = [sys.executable, "-c", "from mbr_pipeline.cli import main; main()", "serve"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([*program, "--workspace", str(root), "--port", str(_PORT)], **silent)  # type: ignore[call-overload]
    try:
        while not _answers():
            if server.poll() is not None:
                raise SystemExit("the page does not start: see `mbr serve`")
            time.sleep(0.2)
        yield server
    finally:
        server.terminate()
        server.wait(30)


def _computed(pid: int) -> float:
    """Return the seconds that a process computed so far (proc(5): fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _answers() -> bool:
    try:
        return Visitor(_ADDRESS).get("/signin").status_code == 200
    except OSError:
        return False


_ADDRESS = f"http://127.0.0.1:{_PORT}"


class _Crowd:
    """People, and how long each step of theirs took, in milliseconds."""

    def __init__(self, month: Month, pause: float) -> None:
        self._month, self._pause = month, pause
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.wrong: Counter[str] = Counter()
        self._lock = threading.Lock()

    def work(self, people: int) -> None:
        """Let all of them work at once."""
        each = [threading.Thread(target=self._one, args=(n, people)) for n in range(people)]
        for thread in each:
            thread.start()
        for thread in each:
            thread.join()

    def _one(self, number: int, people: int) -> None:
        name, chance = f"clerk{number}", random.Random(number)
        visitor = Visitor(_ADDRESS)
        desk = Desk(self._month, visitor)

        def step(what: str, do: Callable[[], int]) -> None:
            time.sleep(self._pause * chance.uniform(0.5, 1.5))
            since = time.perf_counter()
            try:
                status = do()
            except (OSError, AssertionError) as error:
                status = -1
                print(f"{what}: {str(error)[:200]}", file=sys.stderr)
            taken = (time.perf_counter() - since) * 1000
            with self._lock:
                self.taken[what].append(taken)
                if status != 200:
                    self.wrong[f"{what}: {status}"] += 1

        def get(path: str) -> Callable[[], int]:
            return lambda: visitor.get(path).status_code

        step("the page to sign in", get("/signin"))
        form = {"name": name, "password": f"the password of {name}"}
        step("sign in", lambda: visitor.post("/signin", form).status_code)
        for round_ in range(_ROUNDS):
            client = f"C-{number + people * round_:04}"
            step("the list", get(LIST))
            step("in groups, by client", get(f"{LIST}?by=client"))
            step("findings of one client", get(f"{LIST}?client={client}"))
            boxes = re.findall(r'name="chosen" value="([^"]+)"', visitor.page)[:3]
            step(
                "open a finding", get(f"{HERE}/findings/{boxes[0].partition(':')[0]}?list=client%3D{client}")
            )
            fields = [("action", "defer"), ("list", f"client={client}"), *(("chosen", b) for b in boxes)]
            step("what would be done", lambda f=fields: visitor.post(f"{LIST}/decide", f).status_code)  # type: ignore[misc]
            step("enter it, and the list again", lambda: desk.enter(reason="ask first"))
            if not re.search(r"3 findings deferred", visitor.text):
                with self._lock:
                    self.wrong["not entered"] += 1

    def told(self) -> None:
        """Print the times of each step."""
        print(f"{'milliseconds':32}{'times':>6}{'half':>8}{'95 of 100':>11}{'longest':>9}")
        for what, taken in self.taken.items():
            parts = quantiles(taken, n=20)
            print(f"{what:32}{len(taken):6}{parts[9]:8.0f}{parts[18]:11.0f}{max(taken):9.0f}")


if __name__ == "__main__":
    main()
