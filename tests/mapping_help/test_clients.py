"""Which client a customer may be: what must be found, what must never be, and what is left to a person.

Belongs here: ``clients`` by examples. Does not: how often it is right (``bench.mapping``).
"""

from __future__ import annotations

import pytest

from mbr_pipeline.mapping_help.match_clients import Clients
from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD, Alias, Answer, Candidate, Unmapped, answer

NAMES = {
    "C1": "Miller Dental East",
    "C2": "Miller Dental West",
    "C3": "Müller Maschinenbau GmbH & Co. KG",
    "C4": "Fenwick & Lyle Solicitors LLP",
    "C5": "Contoso Foods",
    "C6": "Zentrova Systems, Inc.",
    "C7": "Pier 17 Seafood",
    "C8": "Greenwood Dental",
    "C9": "Alder Architects",
    "C10": "Harbour Managed Print",
    "C11": "Bluewater Dental Group",
    "C12": "Kestrel Freight & Logistics AG",
    "C13": "Four Seasons Landscaping",
    "C14": "Driftwood Mesa Water Treatment North",
}
CLIENTS = Clients(Candidate(client_id, name) for client_id, name in NAMES.items())


def _asked(
    *names: str, vendor_id: str = "4711", clients: Clients = CLIENTS, threshold: int = DEFAULT_THRESHOLD
) -> Answer:
    return answer(clients.score(Unmapped("pax8", vendor_id, names)), threshold, "client")


def _found(*names: str, vendor_id: str = "4711") -> str | None:
    suggestions = _asked(*names, vendor_id=vendor_id).suggestions
    return suggestions[0].id if suggestions else None


SAME = {
    "the same": ("Miller Dental East", "C1"),
    "in parentheses": ("MILLER DENTAL (EAST)", "C1"),
    "no legal form": ("Zentrova Systems", "C6"),
    "legal form in another spelling": ("Zentrova Systems Incorporated", "C6"),
    "umlaut spelled out": ("Mueller Maschinenbau", "C3"),
    "damaged encoding": ("MÃ¼ller Maschinenbau GmbH & Co KG", "C3"),
    "a lost letter": ("M?ller Maschinenbau", "C3"),
    "a slip": ("Zentrvoa Systems", "C6"),
    "words in another order": ("Systems Zentrova", "C6"),
    "words written together": ("Blue Water Dental Group", "C11"),
    "the trade shortened": ("Bluewater Dental Grp", "C11"),
    "cut off": ("Fenwick & Lyle Solic", "C4"),
    "trading as": ("Old Street Holdings Ltd t/a Alder Architects", "C9"),
    "a domain": ("fenwicklylesolicitors.onmicrosoft.com", "C4"),
    "a domain with its umlaut spelled out": ("muellermaschinenbau.de", "C3"),
    "a domain with its conjunction": ("fenwickandlylesolicitors.co.uk", "C4"),
    "a portal's remark": ("Zentrova Systems Tenant", "C6"),
    "a number in words": ("4 Seasons Landscaping", "C13"),
    "the number as it is": ("Pier 17 Seafood Ltd", "C7"),
}


@pytest.mark.parametrize("case", SAME)
def test_another_spelling_of_the_name_is_the_client(case: str) -> None:
    said, client_id = SAME[case]
    assert _found(said) == client_id


DIFFERENT = {
    "a sibling that is not there": "Miller Dental North",
    "the part that siblings share": "Miller Dental",
    "another side of a side": "Driftwood Mesa Water Treatment Northeast",
    "another line of business": "Contoso Media",
    "a word that only begins with the client's": "Zentrovapharm. Systems",
    "the brand alone": "Contoso Ltd",
    "another number": "Pier 71 Seafood",
    "another legal form": "Kestrel Freight & Logistics GmbH",
    "a longer first word": "Green Dental",
    "another first letter": "Killer Dental East",
    "a common trade": "Dental Group",
    "a stranger": "Summit Trail Outfitters",
    "initials": "HMP",
    "nothing": "",
    "no words": "***",
    "a domain that siblings share": "millerdental.onmicrosoft.com",
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_nothing_is_suggested_rather_than_the_wrong_client(case: str) -> None:
    answered = _asked(DIFFERENT[case])
    assert answered.suggestions == ()
    assert answered.doubt


def test_two_that_fit_equally_are_named_and_neither_is_suggested() -> None:
    doubt = _asked("Miller Dental", threshold=30).doubt
    assert "Miller Dental East" in doubt
    assert "Miller Dental West" in doubt


def test_the_same_name_beats_one_a_letter_away() -> None:
    clients = Clients([Candidate("1", "Hansen Legal"), Candidate("2", "Hanson Legal")])
    assert [s.id for s in _asked("Hanson Legal", clients=clients).suggestions] == ["2", "1"]
    assert _asked("Hanson Legal", clients=clients).suggestions[0].margin >= 4


def test_a_short_domain_spells_umlauts_out() -> None:
    clients = Clients([Candidate("1", "Nyström Oy"), Candidate("2", "Contoso")])
    assert [s.id for s in _asked("nystroem.org", clients=clients).suggestions] == ["1"]


def test_initials_are_no_more_than_a_hint() -> None:
    assert _asked("HMP").suggestions == ()
    [hint] = _asked("HMP", threshold=70).suggestions
    assert (hint.id, hint.because) == ("C10", "“hmp” are its initials")


def test_a_slip_in_a_long_name_is_still_behind_the_same_name() -> None:
    long = "Property Management and Legal Services of Northern Lancashire"
    clients = Clients([Candidate("1", f"Hansen {long}"), Candidate("2", f"Hanson {long}")])
    [first, second] = _asked(f"Hanson {long}", clients=clients).suggestions
    assert (first.id, first.score, second.score) == ("2", 100, 95)


def test_a_side_of_town_counts_however_common_it_is() -> None:
    words = (
        "Alder Finch",
        "Birch Wren",
        "Cedar Hawk",
        "Fern Robin",
        "Hazel Owl",
        "Ivy Crane",
        "Larch Swift",
        "Miller Lane",
        "Oak Heron",
    )
    clients = Clients(Candidate(f"{two} Dental East", f"{two} Dental East") for two in words)
    assert _asked("Miller Lane Dental", clients=clients).suggestions == ()
    assert _asked("Miller Lane Dental East", clients=clients).suggestions[0].id == "Miller Lane Dental East"


def test_the_legal_form_decides_between_two_of_one_name() -> None:
    clients = Clients([Candidate("1", "Contoso GmbH"), Candidate("2", "Contoso AG")])
    assert _asked("Contoso AG", clients=clients).suggestions[0].id == "2"
    assert _asked("Contoso", clients=clients).suggestions == ()


def test_the_reason_names_what_differs() -> None:
    [suggestion] = _asked("Zentrvoa Systems").suggestions
    assert (suggestion.id, suggestion.name, suggestion.margin) == ("C6", "Zentrova Systems, Inc.", 100)
    assert "“zentrvoa” for “zentrova”" in suggestion.because


def test_a_client_that_the_psa_calls_inactive_gives_way_to_an_active_one() -> None:
    clients = Clients([Candidate("1", "Contoso", is_active=False), Candidate("2", "Contoso")])
    assert [s.id for s in _asked("Contoso", clients=clients).suggestions] == ["2", "1"]
    alone = _asked("Contoso", clients=Clients([Candidate("1", "Contoso", is_active=False)]))
    assert "inactive" in alone.suggestions[0].because


def test_without_a_name_an_id_that_says_something_is_read_as_one() -> None:
    assert _found(vendor_id="fenwick-lyle-solicitors") == "C4"
    assert _found(vendor_id="zentrovasystems.onmicrosoft.com") == "C6"
    assert _found(vendor_id="90b8474f-46c2-573e-870d-f189928ca1b2") is None
    assert _found(vendor_id="38294") is None


def _known_by(alias: Alias) -> Clients:
    return Clients([Candidate("1", "Alder Architects", ids=(alias,)), Candidate("2", "Contoso")])


GUID = "90b8474f-46c2-573e-870d-f189928ca1b2"


def test_an_id_in_a_rule_tells_the_client_whatever_the_name() -> None:
    alias = Alias(GUID, "line 5 maps it", "huntress")
    [suggestion] = _asked("Something Else", vendor_id=GUID.upper(), clients=_known_by(alias)).suggestions
    assert (suggestion.id, suggestion.because) == ("1", "line 5 maps it")


@pytest.mark.parametrize("vendor_id", ["4711", "100000123"])
def test_a_number_at_another_vendor_is_another_customer(vendor_id: str) -> None:
    assert _asked(vendor_id=vendor_id, clients=_known_by(Alias(vendor_id, "", "huntress"))).suggestions == ()
    assert (
        _asked(vendor_id=vendor_id, clients=_known_by(Alias(vendor_id, "", "pax8"))).suggestions[0].id == "1"
    )


def test_an_ended_rule_counts_only_while_the_name_agrees() -> None:
    ended = _known_by(Alias("4711", "line 5 mapped it", "pax8", has_ended=True))
    assert _asked("Alder Arch.", clients=ended).suggestions[0].id == "1"
    assert _asked(clients=ended).suggestions[0].id == "1"
    assert _asked("Quarry Road Brewing", clients=ended).suggestions == ()


def test_an_id_and_a_name_that_say_different_clients_are_left_to_a_person() -> None:
    clients = _known_by(Alias(GUID, "", "huntress"))
    assert _asked("Contoso", vendor_id=GUID, clients=clients).suggestions == ()


def test_a_name_that_another_vendor_uses_is_learned_and_said() -> None:
    alias = Alias("Finch Group", "line 9 maps “Finch Group”")
    clients = Clients([Candidate("1", "Alder Architects", names=(alias,)), Candidate("2", "Contoso")])
    [suggestion] = _asked("Finch Group", clients=clients).suggestions
    assert (suggestion.id, suggestion.score) == ("1", 99)
    assert "line 9 maps “Finch Group”" in suggestion.because
