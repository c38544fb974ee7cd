"""Two clerks decide the same hundred exceptions at once, in two processes, on both databases (contract §8.1,
§8.3).

Belongs here: that each is decided once and the second clerk is told. Does not: two writers on a chain
(test_chains).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mbr_pipeline.decide.ledger.chains import reading
from mbr_pipeline.decide.ledger.entries import faults
from mbr_pipeline.storage.database.opening import open_database
from tests.decide.months import Month, exception
from tests.e2e.command import MBR, environment
from tests.support.small import PERIOD


@pytest.mark.parametrize("by", ["condition", "ids"])
def test_each_exception_is_decided_once_and_the_other_clerk_is_told(
    place: tuple[Path, dict[str, str]], tmp_path: Path, by: str
) -> None:
    file, named = place
    month = Month(tmp_path)
    month.audit(
        exceptions=[
            exception("0", "UNDERBILLED_QUANTITY", "C-1", "SEAT", client_recoverable="16.00")
            | {"exception_id": f"{number:024x}", "issue_id": f"{number:024X}"}
            for number in range(100)
        ]
    )
    command = [str(MBR), "decide", "approve", "--workspace", str(tmp_path), "--json", "--period", PERIOD]
    ids = [f"{number:024x}" for number in range(100)]
    command += [*(ids if by == "ids" else ["--code", "UNDERBILLED_QUANTITY"]), "--as"]
    clerks = {
        name: subprocess.Popen(
            [*command, name],
            env={**environment(), **named},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("clerk1", "clerk2")
    }
    told = {name: (*clerk.communicate(timeout=120), clerk.returncode) for name, clerk in clerks.items()}
    with reading(open_database(file, named)) as chains:
        entries = list(chains.entries("acme"))
    assert list(faults("acme", entries)) == []
    first = entries[0].actor
    [second] = {"clerk1", "clerk2"} - {first}
    assert told[first][2] == 0
    assert len(json.loads(told[first][0].splitlines()[-1])["entries"]) == 100
    actors = [first] * 100
    if by == "ids" and told[second][2] == 0:
        # began when the other had ended: nobody decided since the look, and whose decisions go is said
        actors += [second] * 100
        warnings = told[second][1].splitlines()
        assert [line.partition(" by ")[0] for line in warnings] == [
            f"mbr: warning: {each}: replaces approve" for each in ids
        ]
    elif by == "ids":
        said = f"nothing was decided: {ids[0]}: decided since you looked, approve by {first} on "
        assert (told[second][2], said in told[second][1]) == (2, True)
    else:
        assert told[second][2] == 2
        assert "nothing was decided: 100 × decided already" in told[second][1]
    assert [entry.actor for entry in entries] == actors
    assert {entry.kind for entry in entries} == {"approve"}
    assert len({entry.body["exception_id"] for entry in entries}) == 100
