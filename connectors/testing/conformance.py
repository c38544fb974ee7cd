"""The suite that every source inherits: complete or a clear failure, never a short landing.

What belongs here: what is demanded of every source alike. A subclass names the declaration, its fake vendor
and the books; what is peculiar to a vendor it tests itself.
"""

from __future__ import annotations

import gzip
import logging
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.datasets import DATASETS
from connectors.http.errors import FetchError
from connectors.spec import SourceSpec
from connectors.testing.completeness import Completeness
from connectors.testing.fetching import Rows, fetch, ordered
from connectors.testing.hostile import BEHAVIOURS, COMPLETE, FAILS, Behaviour, Hostile
from connectors.testing.tampering import EVIL
from connectors.testing.vendor import Books, FakeVendor


class SourceConformance(Completeness):
    """What every source must pass.

    Attributes:
        spec: The declaration.
        vendor: Its fake vendor.
        books: Canonical records by dataset: what goes in must come out.
        hostile: The dataset that hostile behaviours are tried on: one of several pages.
        beside: See ``Completeness``.
        after: How many answers with data are honest before a hostile one: 0 where all comes in one answer.
        is_identified: Whether the vendor's records can be told apart; if not, equal ones of one answer are
            several, and none is a repetition.
    """

    spec: ClassVar[SourceSpec]
    vendor: ClassVar[type[FakeVendor]]
    books: ClassVar[Books]
    hostile: ClassVar[str]
    after: ClassVar[int] = 1
    is_identified: ClassVar[bool] = True

    def test_every_dataset_comes_out_as_it_stands_in_the_books(self, tmp_path: Path) -> None:
        """Schema, keys, types, several pages and the last one."""
        for dataset in self.spec.datasets:
            fetched, rows = fetch(self.spec, self.vendor(self.books), dataset, tmp_path)
            assert ordered(rows) == ordered(self.books[dataset]), dataset
            assert fetched.rows > 0
        is_paged = len(self.books[self.hostile]) > self.vendor.page
        assert is_paged or not self.after, "hostile pages need a walk of several pages"

    def test_the_columns_are_those_the_contract_requires(self) -> None:
        """Every required column of every dataset is in the books, so that the mapping is seen to fill it."""
        for dataset in self.spec.datasets:
            for row in self.books[dataset]:
                assert {name for name in DATASETS[dataset].required_columns if not row.get(name)} == set()

    def test_fetching_twice_gives_the_same_bytes(self, tmp_path: Path) -> None:
        """Equal records make equal bytes, so that landing them again changes nothing."""
        one, two = (fetch(self.spec, self.vendor(self.books), self.hostile, tmp_path)[0] for _ in range(2))
        assert one.sha256 == two.sha256

    def test_an_empty_system_gives_an_empty_file(self, tmp_path: Path) -> None:
        """No records are no error here: the gate will say SOURCE_EMPTY."""
        for dataset in self.spec.datasets:
            fetched, rows = fetch(self.spec, self.vendor({}), dataset, tmp_path)
            assert (fetched.rows, rows) == (0, [])

    def test_a_revoked_token_is_replaced_in_the_middle(self, tmp_path: Path) -> None:
        """401 in the middle of a walk: sources with tokens get a new one, others fail and say so."""
        vendor = self.vendor(self.books)
        tokens = getattr(vendor, "tokens", None)
        if tokens is None:
            behaviour = Behaviour(
                "401 in the middle", FAILS, lambda reply: type(reply)(401, b"{}"), lasts=1_000_000
            )
            with pytest.raises(FetchError, match="credentials"):
                fetch(self.spec, vendor, self.hostile, tmp_path, Hostile(vendor, behaviour, self.after))
            return
        seen = 0

        def app(asked: Any) -> Any:
            nonlocal seen
            seen += not vendor.is_token_request(asked)
            if seen == self.after + 1:  # the second request for data, if there is one
                tokens.revoke_all()
            return vendor(asked)

        _, rows = fetch(self.spec, vendor, self.hostile, tmp_path, app)
        assert ordered(rows) == ordered(self.books[self.hostile])
        assert len(tokens.given) > 1

    def test_wrong_credentials_are_named_and_not_shown(self, tmp_path: Path) -> None:
        """The vendor may repeat what it was sent: the error must not."""
        vendor = self.vendor(self.books)
        secrets = dict(vendor.credentials)
        echo = " and ".join(secrets.values()).encode()
        behaviour = Behaviour(
            "an echo",
            FAILS,
            lambda reply: type(reply)(400, b'{"error": "bad ' + echo + b'"}'),
            lasts=1_000_000,
        )
        with pytest.raises(FetchError) as caught:
            fetch(self.spec, vendor, self.hostile, tmp_path, Hostile(vendor, behaviour, 0))
        told = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
        assert not [name for name, value in secrets.items() if value in told]

    def test_no_secret_is_landed_or_logged(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """Credentials and tokens are in no file and in no log, however talkative: libraries
        write addresses into theirs.
        """
        vendor = self.vendor(self.books)
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "urllib3"):
            for dataset in self.spec.datasets:
                fetch(self.spec, vendor, dataset, tmp_path)
        given = getattr(getattr(vendor, "tokens", None), "given", [])
        texts = [
            caplog.text,
            *(gzip.decompress(path.read_bytes()).decode() for path in tmp_path.glob("*.gz")),
        ]
        assert "urllib3" in caplog.text
        secrets = [*vendor.credentials.values(), *vendor.signatures, *given]
        assert not [secret for secret in secrets if any(secret in text for text in texts)]

    @pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
    def test_hostile_answers_end_complete_or_in_a_clear_failure(
        self, behaviour: Behaviour, tmp_path: Path
    ) -> None:
        """Never a short landing, never a request to another host."""
        if behaviour.repeats and not self.is_identified:
            pytest.skip("equal records of one answer are several")
        after = 0 if behaviour.strikes == "token" else self.after
        vendor = self.vendor(self.books)
        hostile = Hostile(vendor, behaviour, after)
        failure = None
        rows: Rows = []
        try:
            _, rows = fetch(self.spec, vendor, self.hostile, tmp_path, hostile, behaviour.seconds)
        except FetchError as error:
            failure = error
        if failure is None:
            assert ordered(rows) == ordered(self.books[self.hostile]), "a short or a wrong landing"
            assert behaviour.outcome != FAILS or not hostile.struck, "a failure was expected"
        else:
            assert behaviour.outcome != COMPLETE, failure
            text = str(failure)
            assert "\n" not in text and text.isprintable() and ": " in text and len(text) < 600, text
            assert not [value for value in vendor.credentials.values() if value in text]
        assert hostile.struck or behaviour.strikes != "data", "the behaviour never struck"

    def test_nothing_is_sent_in_the_clear_or_to_strangers(self) -> None:
        """Addresses without encryption are refused, those of others as well."""
        known = self.spec.complete(self.vendor(self.books).settings("https://vendor.example"))
        origins = self.spec.origins(known)
        for stranger in (
            EVIL,
            "http://vendor.example",
            "https://vendor.example@collector.example",
            "https://vendor.example:444",
        ):
            with pytest.raises(FetchError):
                origins.check(stranger)
