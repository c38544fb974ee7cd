"""Secrets as they show themselves, and as they are taken out of texts.

Belongs here: ``Secret``, ``Redactor`` and ``safe_url`` alone. Does not: errors of requests (``test_client``).
"""

from __future__ import annotations

import base64
import copy
import html
import json
import logging
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.http.redaction import HIDDEN, Redactor, Secret, safe_url

CANARY = "canary ä/+=&?\\%'\"<1>~é"


def _dotnet(text: str) -> str:
    """How System.Text.Json writes a text: everything that HTML or a query could take amiss becomes \\uXXXX,
    in capitals.
    """
    units = text.encode("utf-16-be").hex().upper()
    codes = [units[at : at + 4] for at in range(0, len(units), 4)]
    return "".join(
        chr(int(code, 16)) if chr(int(code, 16)).isalnum() and int(code, 16) < 128 else f"\\u{code}"
        for code in codes
    )


FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "in a path": lambda text: quote(text, safe=""),
    "in a path that keeps slashes": quote,
    "in a form": quote_plus,
    "in a form, small letters": lambda text: (
        quote(text, safe="").lower() if text == text.lower() else quote(text, safe="")
    ),
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON that keeps umlauts": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "in JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "in JSON of .NET": _dotnet,
    "in HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64 of URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "as Python shows it": lambda text: repr(text)[1:-1],
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_hidden_in_every_form_it_travels_in(form: str) -> None:
    redactor = Redactor()
    redactor.add(CANARY)
    assert redactor.clean(f"bad: {FORMS[form](CANARY)}, sorry") == f"bad: {HIDDEN}, sorry"


@given(
    secrets=st.lists(
        st.text(st.characters(exclude_characters="[]", exclude_categories=("Cs",)), min_size=4),
        min_size=1,
        max_size=4,
    ),
    between=st.lists(st.text(max_size=6), min_size=5, max_size=5),
    data=st.data(),
)
def test_no_known_secret_is_left_in_any_text(
    secrets: list[str], between: list[str], data: st.DataObject
) -> None:
    redactor = Redactor()
    written = []
    for secret in secrets:
        redactor.add(secret)
        written.append(FORMS[data.draw(st.sampled_from(sorted(FORMS)))](secret))
    assume(not any(form in HIDDEN for form in written))
    cleaned = redactor.clean(
        "".join(before + form for before, form in zip(between, [*written, ""], strict=False))
    )
    assert [form for form in written if len(form) >= 4 and form in cleaned] == []


def test_of_two_secrets_the_longer_one_is_hidden_whole() -> None:
    redactor = Redactor()
    for secret in ("canary", "canary-and-more"):
        redactor.add(secret)
    assert redactor.clean("canary-and-more, canary") == f"{HIDDEN}, {HIDDEN}"


def test_a_text_without_secrets_stays_as_it_is() -> None:
    redactor = Redactor()
    redactor.add("canary.*")
    assert redactor.clean("canary-xyz, 100 %, \\u0041 &amp;") == "canary-xyz, 100 %, \\u0041 &amp;"


def test_a_secret_that_is_no_unicode_is_hidden_as_well() -> None:
    redactor = Redactor()
    redactor.add("canary\ud800tail")
    assert "tail" not in redactor.clean("said canary\ud800tail and canary\\ud800tail")


def test_what_is_shorter_than_four_characters_is_not_hidden_for_it_is_in_every_word() -> None:
    redactor = Redactor()
    redactor.add("and")
    assert redactor.clean("this and that") == "this and that"


def test_a_secret_shows_itself_to_nobody_who_does_not_ask() -> None:
    @dataclass
    class Holder:
        key: Secret

    secret = Secret("canary-shown")
    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret!r}",
        logging.LogRecord("x", logging.ERROR, "", 0, "%s %r", (secret, secret), None).getMessage(),
        str([secret]),
        str({1: secret}),
        str(Holder(secret)),
    ]
    assert [text for text in shown if "canary" in text] == []
    assert secret.reveal() == "canary-shown"
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize(
    "leave", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps], ids=["pickle", "copy", "deepcopy", "json"]
)
def test_a_secret_does_not_leave_the_process(leave: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        leave(Secret("canary-stored"))
    assert "canary" not in str(caught.value)


def test_what_knows_all_secrets_does_not_leave_the_process_either() -> None:
    redactor = Redactor()
    redactor.add("canary-known")
    assert "canary" not in repr(redactor)
    with pytest.raises(TypeError):
        pickle.dumps(redactor)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.example/v1/items", "https://api.example/v1/items"),
        ("https://api.example:8443/v1?sig=canary&x=1", "https://api.example:8443/v1?…"),
        ("https://user:canary@api.example/v1", "https://api.example/v1"),
        ("https://api.example/v1#canary", "https://api.example/v1"),
        ("https://[::1]:8443/v1", "https://[::1]:8443/v1"),
        ("/v1/items?sig=canary", "/v1/items?…"),
    ],
)
def test_an_address_is_shown_without_query_user_and_fragment(url: str, shown: str) -> None:
    assert safe_url(url) == shown


@given(st.text() | st.text("htps:/[]@?#.\\%1é", max_size=30).map(lambda rest: "https://" + rest))
def test_any_text_can_be_shown_as_an_address(url: str) -> None:
    assert "canary" not in safe_url(url + "?canary#canary")


@pytest.mark.parametrize(
    "url", ["https://[canary", "https://host.example:canary/", "https://host.example:99999/?canary"]
)
def test_an_address_that_cannot_be_read_is_not_shown(url: str) -> None:
    assert "canary" not in safe_url(url)


def test_an_endless_address_is_shown_in_part() -> None:
    assert len(safe_url("https://api.example/" + "x" * 10_000)) < 300
