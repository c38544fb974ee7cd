"""What every store must do, on a folder and on an S3 server: put once, replace what is unchanged, show whole
objects.

Belongs here: the interface. Does not: what one kind does in its own way (``test_folder``, ``test_s3``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mbr_pipeline.storage.objects.store import Changed, ObjectStore, Taken
from mbr_pipeline.storage.objects.trial import refuse_heedless

AT_ONCE = 8


def content(store: ObjectStore, name: str) -> bytes | None:
    found = store.read(name)
    return found.content if found else None


def test_an_object_is_read_as_it_was_put_and_what_is_not_there_is_nothing(store: ObjectStore) -> None:
    assert store.read("a/b") is None
    assert list(store.list("a/")) == []
    version = store.put_new("a/b", b"\x00one\xff")
    found = store.read("a/b")
    assert found and (found.content, found.version) == (b"\x00one\xff", version)


def test_a_name_is_given_once_and_again_only_to_the_same_bytes(store: ObjectStore) -> None:
    version = store.put_new("a/b", b"one")
    with pytest.raises(Taken):
        store.put_new("a/b", b"two")
    assert store.put_new("a/b", b"one") == version
    assert content(store, "a/b") == b"one"


def test_only_the_version_that_was_seen_is_replaced(store: ObjectStore) -> None:
    first = store.put_new("a/b", b"one")
    second = store.replace("a/b", b"two", first)
    with pytest.raises(Changed):
        store.replace("a/b", b"three", first)
    assert content(store, "a/b") == b"two"
    store.replace("a/b", b"three", second)
    assert content(store, "a/b") == b"three"


def test_a_replacement_whose_answer_was_lost_may_be_repeated(store: ObjectStore) -> None:
    first = store.put_new("a/b", b"one")
    second = store.replace("a/b", b"two", first)
    assert store.replace("a/b", b"two", first) == second


def test_what_is_gone_or_never_was_is_not_replaced(store: ObjectStore) -> None:
    version = store.put_new("a/b", b"one")
    with pytest.raises(Changed):
        store.replace("a/c", b"two", version)
    assert content(store, "a/c") is None


def test_a_list_has_the_names_below_a_prefix_with_their_versions(store: ObjectStore) -> None:
    names = ("a/1", "a/b/2", "a/b/c/3", "ab/4", "b/5")
    versions = {name: store.put_new(name, name.encode()) for name in names}
    assert dict(store.list("a/")) == {name: versions[name] for name in names[:3]}
    assert dict(store.list("a/b/")) == {name: versions[name] for name in names[1:3]}


def test_a_list_is_whole_where_a_server_answers_in_pages(store: ObjectStore) -> None:
    names = {f"many/{number:04}" for number in range(1100)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda name: store.put_new(name, b"x"), names))
    assert {name for name, _ in store.list("many/")} == names


def _won(attempt: Callable[[bytes], str]) -> list[bytes]:
    start, won = threading.Barrier(AT_ONCE), []

    def one(number: int) -> None:
        mine = f"of {number}".encode()
        start.wait()
        try:
            attempt(mine)
        except (Taken, Changed):
            return
        won.append(mine)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(AT_ONCE)))
    return won


def test_of_several_that_put_one_name_at_once_one_succeeds_and_its_bytes_stay(store: ObjectStore) -> None:
    for round_ in range(5):
        won = _won(lambda mine, name=f"race/{round_}": store.put_new(name, mine))  # type: ignore[misc]
        assert won == [content(store, f"race/{round_}")]


def test_of_several_that_replace_one_version_at_once_one_succeeds(store: ObjectStore) -> None:
    for round_ in range(5):
        name = f"race/{round_}"
        version = store.put_new(name, b"first")
        won = _won(lambda mine, name=name, version=version: store.replace(name, mine, version))  # type: ignore[misc]
        assert won == [content(store, name)]


def test_a_large_object_is_put_and_replaced_under_the_same_conditions(store: ObjectStore) -> None:
    large, larger = bytes(range(256)) * 50_000, bytes(range(256)) * 60_000  # sent in parts by default
    version = store.put_new("large", large)
    with pytest.raises(Taken):
        store.put_new("large", larger)
    assert content(store, "large") == large
    store.replace("large", larger, version)
    with pytest.raises(Changed):
        store.replace("large", large, version)
    assert content(store, "large") == larger


def test_a_store_that_obeys_conditions_passes_the_trial(store: ObjectStore) -> None:
    refuse_heedless(store)
    assert len(list(store.list("trials/"))) == 1
