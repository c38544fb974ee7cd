"""One vendor's HTTP interface: requests go out signed, throttled and bounded, and come back whole or
as a named error.

What belongs here: sending one request, with its repetitions. What does not: which
page comes next (``paging``).
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

import requests
import urllib3

from connectors.http.body import MEGABYTE, SizeLimits, Stream
from connectors.http.clock import Clock
from connectors.http.connection.deadlines import Deadline, Session
from connectors.http.connection.route import Route
from connectors.http.errors import (
    CredentialsRefused,
    FetchError,
    Malformed,
    OutOfBounds,
    TooLarge,
    Unavailable,
)
from connectors.http.failures import LOWEST_ERROR, failure, has_failed, not_answered
from connectors.http.json_answers import Answer, Json, decoded, said
from connectors.http.origins import Origins
from connectors.http.rate_limit import Rate, Throttle
from connectors.http.redaction import Redactor, hide_queries, safe_url
from connectors.http.retries import RetryPolicy, retried
from connectors.http.signing.auth import Auth, TokenEndpoint

Result = TypeVar("Result")
Refusal = Callable[[Json], type[FetchError] | None]
"""Tells which error an answer is that was sent with a success status."""

_STRETCH = 8 * MEGABYTE
_SHOWN = 200
_SAID = 64 * 1024


@dataclass
class Client:
    """Sends requests of one source.

    Attributes:
        origins: Where requests may go.
        auth: How they are signed.
        rate: What the vendor allows.
        redactor: Knows the secrets of the source; every error passes it.
        on_retry: Called with each error before a retry, and the seconds of the pause.
        refusal: Which error an answer with a success status is; None for an answer.
        route: The way to the vendor.
    """

    origins: Origins
    auth: Auth
    rate: Rate
    redactor: Redactor
    clock: Clock = field(default_factory=Clock)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    size_limits: SizeLimits = field(default_factory=SizeLimits)
    on_retry: Callable[[FetchError, float], None] = lambda error, pause: None
    refusal: Refusal = lambda body: None
    route: Route = field(default_factory=Route)

    def __post_init__(self) -> None:
        """Set up the client; nothing is sent yet."""
        hide_queries()
        self._throttle = Throttle(self.rate, self.clock)
        self._token_endpoint = TokenEndpoint(self._token, self.clock, self.redactor)

    @cached_property
    def _session(self) -> Session:
        return Session(self.retry_policy.answer, self.route)

    def close(self) -> None:
        """Close the connections."""
        if "_session" in vars(self):
            self._session.close()

    def send(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        tenant: str = "",
        expect: Callable[[Answer], object] = lambda answer: None,
    ) -> Answer:
        """Send a request that may be sent twice, and return its JSON answer; an empty body is None if headers
        say all (202).

        ``expect`` checks the answer and raises if it is not one: an error sent with status 200 is then
        retried like any other.

        Raises:
            FetchError: Its subclasses say what to do.
        """
        request = requests.Request(method, url, params=params, headers=dict(headers or {}), json=json)
        return self.clean(lambda: self._signed(request, tenant, expect))

    def lines(self, url: str, is_packed: bool) -> Iterator[bytes]:
        """Yield the lines of a signed download, unpacked if it is gzip.

        The caller must take all lines or none: an error in the middle is raised, not repeated.

        Raises:
            FetchError: Its subclasses say what to do.
        """
        self.origins.check_blob(url)
        response = self.clean(
            lambda: retried(
                lambda: self._response(self._prepared(requests.Request("GET", url))), *self._policy()
            )
        )
        try:
            yield from self._lines(response, is_packed, url)
            return
        except FetchError as error:
            cleaned = self.cleaned(error)
        finally:
            response.close()
        raise cleaned

    def cleaned(self, error: FetchError) -> FetchError:
        """Return an error without secrets. Raise it outside the handler, or its context will hold them."""
        return type(error)(self.redactor.clean(error.problem), retry_after=error.retry_after)

    def clean(self, action: Callable[[], Result]) -> Result:
        """Run an action; its error, if any, is raised without secrets, and without the
        causes that hold them.
        """
        try:
            return action()
        except FetchError as error:
            cleaned = self.cleaned(error)
        raise cleaned

    def _policy(self) -> tuple[RetryPolicy, Clock, Callable[[FetchError, float], None]]:
        return self.retry_policy, self.clock, lambda error, pause: self.on_retry(self.cleaned(error), pause)

    def _signed(self, request: requests.Request, tenant: str, expect: Callable[[Answer], object]) -> Answer:
        is_renewed = False

        def attempt() -> Answer:
            nonlocal is_renewed
            prepared = self._prepared(request)
            self.origins.check(prepared.url or "")
            self.auth.sign(prepared, self._token_endpoint, tenant)
            try:
                answer = self._answer(prepared)
            except CredentialsRefused:
                if is_renewed or not self.auth.renew(tenant):
                    raise
                is_renewed = True
                return attempt()
            expect(answer)
            return answer

        return retried(attempt, *self._policy())

    def _token(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        json: object = None,
        data: Mapping[str, str] | None = None,
    ) -> Answer:
        self.origins.check(url)
        request = requests.Request("POST", url, headers=dict(headers), json=json, data=data, auth=_untouched)
        return self._answer(self._prepared(request))

    def _prepared(self, request: requests.Request) -> requests.PreparedRequest:
        try:
            return self._session.prepare_request(request)
        except (requests.RequestException, UnicodeError, ValueError) as error:
            raise OutOfBounds(f"an address that no request can be sent to ({type(error).__name__})") from None

    def _answer(self, prepared: requests.PreparedRequest) -> Answer:
        url = prepared.url or ""
        response = self._response(prepared)
        try:
            body = b"".join(self._chunks(response, url, self.size_limits.page))
        finally:
            response.close()
        if not body.strip() and response.status_code == requests.codes.accepted:
            return Answer(url, response.headers, None)
        answer = Answer(url, response.headers, decoded(body, url))
        if refused := self.refusal(answer.body):
            raise refused(
                f"{prepared.method} {safe_url(url)} answered {response.status_code}{said(answer.body)}"
            )
        return answer

    def _response(self, prepared: requests.PreparedRequest) -> requests.Response:
        """Return a response of the 200s whose body is still to be read."""
        where = f"{prepared.method} {safe_url(prepared.url or '')}"
        try:
            with self._throttle.turn():
                response = self._session.send(
                    prepared, stream=True, allow_redirects=False, timeout=self.retry_policy.silence
                )
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError, ValueError) as error:
            raise not_answered(error, where, self.route) from None
        if has_failed(response.status_code):
            told = self._said(response) if response.status_code >= LOWEST_ERROR else ""
            response.close()
            raise failure(response.status_code, response.headers, where, told, self.clock.now())
        return response

    def _said(self, response: requests.Response) -> str:
        """Return the beginning of an error's body, in quotes: vendors state the problem there. More is read
        than shown: a secret that is cut in two would not be recognised.
        """
        body = b""
        try:
            for chunk in self._chunks(response, "", self.size_limits.page):
                body += chunk
                if len(body) >= _SAID:
                    break
        except FetchError:
            return ""
        text = " ".join(self.redactor.clean(body.decode("utf-8", "replace")).split())
        return f': "{text[:_SHOWN]}"' if text else ""

    def _chunks(self, response: requests.Response, url: str, most: int) -> Iterator[bytes]:
        """Yield the unpacked body as it arrives; too much of it, too late or cut off is an error.

        The time limit covers the vendor's part only, and each stretch of the download has its own: a large
        download may take long, but none may trickle.
        """
        received, stretch = 0, 0
        raw = cast(urllib3.HTTPResponse, response.raw)
        with Deadline(self.retry_policy.answer, raw.shutdown) as deadline:
            try:
                while chunk := raw.read1(MEGABYTE, decode_content=True):
                    received, stretch = received + len(chunk), stretch + len(chunk)
                    if received > most:
                        raise TooLarge(f"{safe_url(url)} sent more than {most // MEGABYTE or 1} MB")
                    deadline.pause()
                    yield chunk
                    deadline.go_on(afresh=stretch >= _STRETCH)
                    stretch %= _STRETCH
            except urllib3.exceptions.ReadTimeoutError:
                raise Unavailable(f"{safe_url(url)} stopped in the middle of its answer") from None
            except (urllib3.exceptions.HTTPError, OSError) as error:
                if not deadline.is_over:
                    raise Malformed(
                        f"{safe_url(url)} sent an answer that is cut off or damaged ({type(error).__name__})"
                    ) from None
            if deadline.is_over:  # the library may take a cut connection for a normal end
                raise Unavailable(
                    f"{safe_url(url)} did not finish its answer in {self.retry_policy.answer:.0f} s"
                )

    def _lines(self, response: requests.Response, is_packed: bool, url: str) -> Iterator[bytes]:
        body = io.BufferedReader(Stream(self._chunks(response, url, self.size_limits.download)))
        if is_packed and not body.peek(1):
            raise Malformed(f"{safe_url(url)} is empty, where a gzip file should be")
        stream = gzip.GzipFile(fileobj=body, mode="rb") if is_packed else body
        total = 0
        try:
            while line := stream.readline(self.size_limits.line + 1):
                total += len(line)
                if len(line) > self.size_limits.line or total > self.size_limits.download:
                    raise TooLarge(f"{safe_url(url)} holds a line or a file beyond all measure")
                yield line
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise Malformed(f"{safe_url(url)} is no whole gzip file ({type(error).__name__})") from None


def _untouched(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
