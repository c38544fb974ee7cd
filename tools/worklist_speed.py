"""How long the worklist's pages take with many findings: `python -m tools.worklist_speed [FINDINGS]`.

What belongs here: a month of that many findings written by hand, asked for over real HTTP, and the times.
What does not: whether what the page shows is right (`tests/serve`).

Times are of the whole answer, in milliseconds: as a clock has them, and what this process computed (server
and asking together). The first request also reads the tables and the templates.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.decide.months import Month, exception
from tests.serve.worklist.desks import LIST, Desk

_REPEATED = 9
_SENTENCE = (
    "Client {n}, Microsoft 365 Business Premium (monthly), 2026-10: 28 provided by the vendor bill for the"
    " month, 31 invoiced. Refund 79.20 USD (3 x 26.40 a month, the agreement price). Cleared when the invoice"
    " charges the unit-days that were provided. Records: 2026-10/connectwise/agreements.csv:44."
)
_KINDS = (
    ("UNDERBILLED_QUANTITY", "client_recoverable"),
    ("OVERBILLED_QUANTITY", "client_refund"),
    ("INVOICE_PRICE_MISMATCH", "client_recoverable"),
    ("VENDOR_PRICE_CHANGE", "vendor_claim"),
    ("UNUSED_LICENSES", "stranded"),
)


def main() -> None:
    """Print the times."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as folder:
        month = Month(Path(folder))
        month.audit(exceptions=[finding(n) for n in range(count)])
        with Desk.alone(month) as desk:
            print(f"{count:,} findings: milliseconds, median of {_REPEATED} (computed)")
            _walk(desk)


def _walk(desk: Desk) -> None:
    _timed("first response", lambda: desk.visitor.get(LIST), 1)
    for name, query in (
        ("the list", ""),
        ("page 40, grouped by client", "?page=40&by=client"),
        ("search", "?q=client+77+premium"),
        ("one client", "?client=C-0077"),
    ):
        _timed(name, lambda query=query: desk.visitor.get(LIST + query))  # type: ignore[misc]
    steps: dict[str, list[tuple[float, float]]] = {"one decision: what would be done": [], "entered": []}
    for _ in range(_REPEATED):
        desk.visitor.get(LIST)
        first = re.findall(r'name="chosen" value="([^"]+)"', desk.visitor.page)[0]
        fields = {"chosen": first, "action": "defer"}
        steps["one decision: what would be done"].append(
            _time(lambda fields=fields: desk.visitor.post(f"{LIST}/decide", fields))  # type: ignore[misc]
        )
        steps["entered"].append(_time(lambda: desk.enter(reason="ask first")))
    _say("one decision: what would be done", steps["one decision: what would be done"])
    _say("one decision: entered, and the list again", steps["entered"])
    whole = {"whole": "1", "action": "defer"}
    _timed("all others: what would be done", lambda: desk.visitor.post(f"{LIST}/decide", whole), 1)
    _timed("all others: entered, and the list again", lambda: desk.enter(reason="ask first"), 1)
    _timed("the list when all are decided", lambda: desk.visitor.get(f"{LIST}?show=decided"))
    _timed("the page of decisions", lambda: desk.visitor.get(LIST.replace("worklist", "decisions")))


def _timed(name: str, do: Callable[[], object], times: int = _REPEATED) -> None:
    _say(name, [_time(do) for _ in range(times)])


def _time(do: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _say(name: str, taken: list[tuple[float, float]]) -> None:
    wall, cpu = (median(each) for each in zip(*taken, strict=True))
    print(f"{name:45}{wall:8.0f} ({cpu:.0f})")


def finding(n: int) -> dict[str, object]:
    """Return one finding of a large month."""
    code, column = _KINDS[n % len(_KINDS)]
    row = exception(
        "1", code, f"C-{n // 10:04}", f"P-{n % 7}", line_id=f"L-{n}", evidence=[f"2026-10/a.csv:{n}"]
    )
    amount = f"{random.Random(n).randint(1, 90_000) / 100:.2f}"
    ids = {"exception_id": f"{n:024x}", "issue_id": f"{n + 2**60:024x}"}
    return row | ids | {column: amount, "explanation": _SENTENCE.format(n=n // 10)}


if __name__ == "__main__":
    main()
