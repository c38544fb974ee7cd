"""What an S3 server may answer, and what it means: refusals in one line, lost answers, servers that are gone.

Belongs here: answers of servers, played by a small one over real HTTP where a real one cannot be made to
give them. Does not: what every store does (``test_stores``).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mbr_pipeline.storage.objects.s3 import S3Store
from mbr_pipeline.storage.objects.store import StoreError, Taken
from mbr_pipeline.storage.outages import noted
from tests.support.seaweed import BUCKET, KEYS, ObjectServer, serving

_SHORT = {"init_backoff": timedelta(milliseconds=1), "max_backoff": timedelta(milliseconds=20)}
QUICK = {"max_retries": 2, "retry_timeout": timedelta(seconds=5), "backoff": _SHORT}


class Played(ThreadingHTTPServer):
    """Answers each request by the next of ``answers``: a status, its body, and what it does to the object."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stored: bytes | None = None
        self.answers: list[Callable[[bytes], int]] = []
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Played

    def do_PUT(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(f"PUT {self.headers.get('If-None-Match') or self.headers.get('If-Match')}")
        status = self.server.answers.pop(0)(sent)
        self._answer(status)

    def do_GET(self) -> None:
        self.server.asked.append("GET")
        self._answer(404 if self.server.stored is None else 200, self.server.stored or b"")

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Mon, 30 Nov 2026 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    server = Played()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _store(played: Played) -> S3Store:
    return S3Store("bucket", "", f"http://127.0.0.1:{played.server_port}", retries=QUICK)


def test_an_object_that_was_put_though_the_answer_was_lost_counts_as_put(played: Played) -> None:
    def put_and_lose(sent: bytes) -> int:
        played.stored = sent
        return 412  # as to the request that was sent again

    played.answers = [put_and_lose]
    assert _store(played).put_new("a", b"mine") == '"1"'
    assert played.asked == ["PUT *", "GET"]


def test_a_conflict_with_a_request_that_put_nothing_is_tried_again(played: Played) -> None:
    def put(sent: bytes) -> int:
        played.stored = sent
        return 200

    played.answers = [lambda _: 409, put]
    assert _store(played).put_new("a", b"mine") == '"1"'
    assert played.asked == ["PUT *", "GET", "PUT *"]


def test_a_conflict_with_somebody_elses_object_is_a_taken_name(played: Played) -> None:
    played.stored = b"another's"
    played.answers = [lambda _: 409]
    with pytest.raises(Taken):
        _store(played).put_new("a", b"mine")


def test_a_server_that_fails_is_asked_again_and_then_told_in_one_line(played: Played) -> None:
    before = noted()
    played.answers = [lambda _: 500] * 9
    with pytest.raises(
        StoreError, match=r"s3://bucket: answers with 500: see that the bucket is there"
    ) as told:
        _store(played).put_new("a", b"mine")
    assert "\n" not in str(told.value)
    assert len(played.asked) > 1
    assert noted() == before + 1


def test_a_forked_process_is_told_instead_of_waiting_for_threads_that_it_lacks(played: Played) -> None:
    store = _store(played)
    played.answers = [lambda _: 200]
    store.put_new("a", b"mine")
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20)  # who waits for what never comes is not waited for
        try:
            store.read("a")
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert played.asked == ["PUT *"]


def test_no_environment_turns_conditions_off(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    played.answers = [lambda _: 200]
    _store(played).put_new("a", b"mine")
    assert played.asked == ["PUT *"]


def test_missing_credentials_are_told_and_not_taken_for_a_server_that_is_gone(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")  # where a machine's role is asked for
    with pytest.raises(StoreError, match="no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        _store(played).read("a")
    assert played.asked == []


def test_wrong_credentials_are_told_without_the_secret(
    object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret")
    with pytest.raises(StoreError, match="access is refused") as told:
        S3Store(BUCKET, "", object_server.endpoint).put_new("a", b"mine")
    assert "wrong-secret" not in str(told.value)


def test_a_bucket_that_is_not_there_is_told(object_server: ObjectServer) -> None:
    before = noted()
    with pytest.raises(StoreError, match="404 .The specified bucket does not exist.: see that the bucket is"):
        list(S3Store("no-such-bucket", "", object_server.endpoint).list("a/"))
    assert noted() == before  # it answers


def test_a_server_that_is_gone_is_told_and_what_it_had_is_there_once_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, object_server: ObjectServer
) -> None:
    with serving(tmp_path) as server:
        store = S3Store(BUCKET, "", server.endpoint, retries=QUICK)
        version = store.put_new("a", b"one")
        server.kill()
        with pytest.raises(StoreError, match="cannot be reached: see that its server runs"):
            store.replace("a", b"two", version)
        server.start()
        patient = S3Store(BUCKET, "", server.endpoint)
        assert patient.replace("a", b"two", version)
        found = patient.read("a")
        assert found and found.content == b"two"
