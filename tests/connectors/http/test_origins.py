"""Where requests may go, and where no link leads them.

Belongs here: ``Origin``, ``Origins`` and ``next_address`` alone. Does not: what is sent there
(``test_client``, ``test_tokens``).
"""

from __future__ import annotations

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from connectors.http.errors import OutOfBounds
from connectors.http.origins import Origin, Origins, next_address

API = "https://api.good.example/v1"


@pytest.mark.parametrize(
    "same",
    [
        "https://api.good.example",
        "https://api.good.example:443/",
        "HTTPS://API.GOOD.EXAMPLE/x",
        "https://api.good.example/v1?a#b",
    ],
)
def test_scheme_host_and_port_make_an_origin(same: str) -> None:
    assert Origin.of(same) == Origin.of(API) == Origin("https", "api.good.example", 443)
    Origins((API,)).check(same)


@pytest.mark.parametrize(
    "stranger",
    [
        "https://evil.example/v1",
        "https://good.example/v1",
        "https://x.api.good.example/v1",
        "https://api.good.example.evil.example/v1",
        "https://api.good.example./v1",
        "https://api.good.example:8443/v1",
        "http://api.good.example/v1",
        "http://api.good.example:443/v1",
        "https://api.good.example@evil.example/v1",
        "https://user:word@api.good.example/v1",
        "https://@api.good.example/v1",
        "https://evil.example\\@api.good.example/v1",
        "https://evil.example#@api.good.example/v1",
        "https://127.0.0.1/v1",
        "http://2130706433/v1",
        "ftp://api.good.example/v1",
        "file:///etc/passwd",
        "//api.good.example/v1",
        "api.good.example/v1",
        "https:///v1",
        "https://[api.good.example/v1",
        "https://api.good.example:99999/v1",
        "https://api.good.example:x/v1",
        "",
    ],
)
def test_every_other_address_is_out_of_bounds(stranger: str) -> None:
    with pytest.raises(OutOfBounds):
        Origins((API,)).check(stranger)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://[::1]:8080", "http://localhost/x", "http://127.9.9.9"]
)
def test_plain_http_is_for_this_machine(url: str) -> None:
    Origins((url,)).check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.0.1",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0",
    ],
)
def test_plain_http_is_for_no_other_machine(url: str) -> None:
    with pytest.raises(OutOfBounds, match="use https"):
        Origins((url,))


def test_downloads_come_from_storage_hosts_and_nothing_else_does() -> None:
    origins = Origins((API,), (".blob.storage.example", "http://127.0.0.1:9"))
    origins.check_blob("https://account7.blob.storage.example/c/b.gz?sig=x")
    origins.check_blob("http://127.0.0.1:9/b.gz")
    for url in (
        "https://blob.storage.example.evil.example/b",
        "https://evilblob.storage.example/b",
        "https://account7.blob.storage.example:8443/b",
        "http://account7.blob.storage.example/b",
        "https://x@account7.blob.storage.example/b",
        "http://127.0.0.1:10/b",
        API,
    ):
        with pytest.raises(OutOfBounds):
            origins.check_blob(url)
    with pytest.raises(OutOfBounds):
        origins.check("https://account7.blob.storage.example/c/b.gz")


def test_without_storage_hosts_there_are_no_downloads() -> None:
    with pytest.raises(OutOfBounds):
        Origins((API,)).check_blob(API)


@pytest.mark.parametrize("suffix", ["", "blob.storage.example", "*"])
def test_a_suffix_of_hosts_begins_with_a_dot_or_it_would_fit_strangers(suffix: str) -> None:
    with pytest.raises(OutOfBounds):
        Origins((API,), (suffix,))


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://api.good.example/v1/items?page=2", "https://api.good.example/v1/items?page=2"),
        ("https://API.good.example:443/v1/items?page=2", "https://API.good.example:443/v1/items?page=2"),
        ("/v2/items?page=2", "https://api.good.example/v2/items?page=2"),
        ("?page=2", "https://api.good.example/v1/items?page=2"),
        ("more", "https://api.good.example/v1/more"),
        ("//api.good.example/x", "https://api.good.example/x"),
    ],
)
def test_a_link_is_followed_from_where_it_was_found(link: str, address: str) -> None:
    assert next_address("https://api.good.example/v1/items?page=1", link) == address


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1",
        "//evil.example/v1",
        "http://api.good.example/v1",
        "https://api.good.example:444/v1",
        "https://api.good.example@evil.example/",
        "\\\\evil.example/v1",
        "/\\evil.example",
        "https:\\\\evil.example",
        "javascript:alert(1)",
        "https://[evil",
        "https://evil.example:x/",
        "https://api.good.example:99999/",
    ],
)
def test_a_link_elsewhere_is_out_of_bounds(link: str) -> None:
    with pytest.raises(OutOfBounds):
        next_address("https://api.good.example/v1/items", link)


PIECES = (
    "https:",
    "http:",
    "//",
    "/",
    "\\",
    "@",
    ":",
    ":444",
    ":443",
    "evil.example",
    "api.good.example",
    ".",
    "..",
    "#",
    "?",
    "%2f",
    "%40",
    "%00",
    "[",
    "]",
    "::1",
    "127.0.0.1",
    "\t",
    "\n",
    "\r",
    " ",
    "\u2044",
    "\uff0f",
    "\u3002",
    "ß",
    "\u202e",
    "\ud800",
    "&",
    ";",
)


@given(
    st.text()
    | st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
    | st.lists(st.sampled_from(PIECES)).map(lambda p: API + "".join(p))
)
def test_no_link_whatever_leads_to_another_host(link: str) -> None:
    """The referee is the parser of the library that opens the connection, not the one that compared
    origins.
    """
    try:
        prepared = requests.Request("GET", next_address(API, link)).prepare().url or ""
        Origins((API,)).check(prepared)
    except (OutOfBounds, requests.RequestException, UnicodeError):
        return
    goes_to = parse_url(prepared)
    assert (goes_to.scheme, goes_to.host, goes_to.port or 443, goes_to.auth) == (
        "https",
        "api.good.example",
        443,
        None,
    )
