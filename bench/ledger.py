"""A long chain: appending, listing and verifying it, in seconds and as multiples of hashing its entries:
``python -m bench.ledger [--entries 100000] [--at-once 100]``.

In the SQLite file of a temporary folder, or in the database that ``MBR_LEDGER_URL`` names, which should be an
empty one. The multiple says the same on a slow machine as on a fast one. Belongs here: the measurement. Does
not: a limit, which tests would hold against a machine that is busy with something else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mbr_pipeline.decide.decisions import decisions
from mbr_pipeline.decide.ledger.chains import appending, reading
from mbr_pipeline.decide.ledger.entries import Draft, canonical, faults
from mbr_pipeline.storage.database.opening import open_database


def _draft(number: int) -> Draft:
    seen = dict.fromkeys(
        ("client_refund", "vendor_claim", "vendor_liability", "stranded", "priced_at_cost"), "0.0000"
    )
    body = {
        "exception_id": f"{number:024x}",
        "issue_id": f"{number % 5000:024x}",
        "exception_code": "UNDERBILLED_QUANTITY",
        "client_id": f"C-{number % 200}",
        "product_code": "SEAT",
        "source": None,
        "currency": "USD",
        "reason": "counted with the client",
        "until": None,
        "up_to": None,
        "seen": {**seen, "client_recoverable": f"{number % 900}.5000"},
        "pending": False,
    }
    return Draft("approve", "2026-10", body, "clerk1")


@contextmanager
def _timed(name: str, times: dict[str, float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    times[name] = time.perf_counter() - began


def measure(count: int, at_once: int, folder: Path) -> dict[str, float]:
    """Return seconds by step; ``hash`` is the text and SHA-256 of every entry and nothing else."""
    database = open_database(folder / "ledger.sqlite")
    times: dict[str, float] = {}
    with _timed("append", times):
        for start in range(0, count, at_once):
            with appending(database) as chains:
                chains.append("acme", map(_draft, range(start, min(start + at_once, count))))
    with _timed("append one more", times), appending(database) as chains:
        chains.append("acme", [_draft(count)])
    with _timed("list", times), reading(database) as chains:
        entries = list(chains.entries("acme"))
    assert len(entries) == count + 1
    with _timed("verify", times):
        assert next(faults("acme", entries), None) is None
    with _timed("decisions", times):
        assert len(decisions(entries)) == count + 1
    with _timed("hash", times):
        for entry in entries:
            rest = {name: value for name, value in entry.fields().items() if name not in ("entry_id", "hash")}
            assert hashlib.sha256(canonical(rest).encode()).hexdigest() == entry.hash
    return times


def main() -> None:
    """Measure, print a line a step and the last as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--at-once", type=int, default=100, help="entries of one command")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = measure(arguments.entries, arguments.at_once, Path(folder))
    for name, seconds in times.items():
        print(f"{name:16} {seconds:8.3f} s  {seconds / times['hash']:7.3f} × hash")
    print(json.dumps({"entries": arguments.entries, **{name: round(s, 4) for name, s in times.items()}}))


if __name__ == "__main__":
    main()
