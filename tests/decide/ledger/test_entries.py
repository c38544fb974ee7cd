"""An entry's form and hash, and what is noticed of a chain that was tampered with (§8.1).

Belongs here: entries without a database. Does not: keeping them (``test_chains``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbr_pipeline.decide.ledger.entries import Draft, Entry, Head, after, faults, read
from mbr_pipeline.errors import ConfigError

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_JSON = st.recursive(
    st.none() | st.booleans() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_BODY = st.dictionaries(_TEXT, _JSON, max_size=4)

_TIMES = [f"2026-11-05T10:00:0{n}.000000Z" for n in range(9)]


def _chain(bodies: list[Any], msp_id: str = "north") -> list[Entry]:
    head, made = Head(), []
    for n, body in enumerate(bodies):
        entry = after(head, msp_id, Draft("waive", "2026-10", body, "clerk1"), _TIMES[n])
        head = Head(entry.seq, entry.at, entry.hash)
        made.append(entry)
    return made


def test_the_hash_is_that_of_the_text_written_by_hand() -> None:
    text = (
        '{"actor":"Zoë","at":"2026-11-05T10:00:00.000000Z","body":{"a":["1.50",null,true],"é":"x"},'
        '"kind":"approve","msp_id":"north","period":"2026-10",'
        '"prev_hash":"0000000000000000000000000000000000000000000000000000000000000000","seq":1}'
    )
    right = hashlib.sha256(text.encode("utf-8")).hexdigest()
    draft = Draft("approve", "2026-10", {"é": "x", "a": ["1.50", None, True]}, "Zoë")
    entry = after(Head(), "north", draft, "2026-11-05T10:00:00.000000Z")
    assert (entry.hash, entry.entry_id) == (right, right[:16])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_BODY, min_size=1, max_size=5))
def test_whoever_has_the_lines_can_check_them_with_ten_lines_of_code(bodies: list[Any]) -> None:
    before = "0" * 64
    for n, line in enumerate([json.dumps(entry.fields()) for entry in _chain(bodies)], start=1):
        told = json.loads(line)
        assert list(told) == [
            "msp_id", "seq", "entry_id", "at", "actor", "kind", "period", "body", "prev_hash", "hash"
        ]  # fmt: skip
        rest = {k: v for k, v in told.items() if k not in ("hash", "entry_id")}
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert told["hash"] == hashlib.sha256(text.encode()).hexdigest()
        assert (told["seq"], told["prev_hash"], told["entry_id"]) == (n, before, told["hash"][:16])
        before = told["hash"]


@given(st.lists(_BODY, max_size=5))
def test_a_whole_chain_has_no_fault(bodies: list[Any]) -> None:
    assert list(faults("north", _chain(bodies))) == []


def test_every_kind_of_tampering_is_noticed_and_names_the_entry() -> None:
    chain = _chain([{"reason": text} for text in ("one", "two", "three", "four")])
    one, two, three, four = chain

    def said(*entries: Entry) -> str:
        return " ".join(faults("north", entries))

    changes: dict[str, Any] = {
        "actor": "owner1", "kind": "defer", "period": "2026-09", "body": {"reason": "other"},
        "at": "2026-11-05T10:00:01.000001Z", "hash": "f" * 64, "entry_id": "f" * 16, "msp_id": "south",
    }  # fmt: skip
    for name, value in changes.items():
        assert "entry 2 of north" in said(one, replace(two, **{name: value}), three, four), name
    assert "entry 3 of north: it follows entry 1" in said(one, three, four)
    assert "entry 3 of north: it follows entry 1" in said(one, three, two, four)
    assert "entry 2 of north: it follows entry 2" in said(one, two, two, three)
    assert "entry 2 of north: it follows entry 0" in said(two, three, four)
    forged = after(Head(one.seq, one.at, one.hash), "north", Draft("waive", None, {}, "x"), _TIMES[1])
    assert "entry 3 of north: it was made after another entry" in said(one, forged, three)


def test_a_clock_that_is_put_back_makes_no_entry_older_than_the_one_before() -> None:
    first = after(Head(), "north", Draft("seal", "2026-10", {}, "a"), _TIMES[5])
    second = after(Head(1, first.at, first.hash), "north", Draft("seal", "2026-10", {}, "a"), _TIMES[2])
    assert second.at == _TIMES[5]
    assert list(faults("north", [first, second])) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"amount": 1}, "body.amount: 1 is a number"),
        ({"seen": {"leakage": 1.5}}, "body.seen.leakage: 1.5 is a number"),
    ],
)
def test_what_no_chain_can_hold_is_refused(body: Any, said: str) -> None:
    with pytest.raises(ValueError, match="body") as refused:
        after(Head(), "north", Draft("approve", "2026-10", body, "a"), _TIMES[0])
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("body", "actor", "said"),
    [
        ({"reason": "a\0b"}, "a", "reason: 'a\\x00b' has a character that no ledger keeps: write it without"),
        ({"row": {"note": "\ud83d"}}, "a", "row.note: '\\ud83d' has a character"),
        ({"files": ["v\udcff.csv"]}, "a", "files: 'v\\udcff.csv' has a character"),
        ({"reason": "\udcff" * 5000}, "a", "has a character"),
        ({}, "a\udcff", "actor: 'a\\udcff' has a character"),
    ],
)
def test_text_that_no_database_keeps_is_told_to_whoever_wrote_it(
    body: dict[str, Any], actor: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        after(Head(), "north", Draft("approve", "2026-10", body, actor), _TIMES[0])
    assert said in str(refused.value)
    assert len(str(refused.value)) < 1000


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'agree' is no kind of entry"):
        after(Head(), "north", Draft("agree", None, {}, "a"), _TIMES[0])


def test_an_entry_is_read_from_exactly_its_ten_fields() -> None:
    [entry] = _chain([{"reason": "one"}])
    assert read(entry.fields()) == entry
    for wrong in ({}, entry.fields() | {"more": "x"}):
        with pytest.raises(ValueError, match="exactly the fields msp_id, seq"):
            read(wrong)
