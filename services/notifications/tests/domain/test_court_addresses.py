from datetime import date

import pytest

from kfi_law.courts import courts as all_courts
from kfi_notifications.domain.court_addresses import CourtAddress, CourtDirectory, CourtUnconfirmed

CONFIRMED = {"confirmed_by": "Justiziariat", "confirmed_on": date(2026, 1, 2)}


def directory(**changes: object) -> CourtDirectory:
    address = CourtAddress(name="Verwaltungsgericht Köln", address="Hier 1, 50667 Köln", **(CONFIRMED | changes))
    return CourtDirectory(fictitious=False, courts={"koeln": address})


@pytest.mark.parametrize(
    ("ags", "court"), [("05315000", "Köln"), ("05913000", "Gelsenkirchen"), ("05914000", "Arnsberg")]
)
def test_the_court_follows_the_seat_of_the_addressee(courts: CourtDirectory, ags: str, court: str) -> None:
    assert courts.for_seat(ags).name == f"Verwaltungsgericht {court}"


def test_a_confirmed_address_is_given() -> None:
    assert directory().for_seat("05315000").address == "Hier 1, 50667 Köln"


@pytest.mark.parametrize("missing", ["confirmed_by", "confirmed_on"])
def test_an_address_nobody_confirmed_stops_the_letter(missing: str) -> None:
    with pytest.raises(CourtUnconfirmed):
        directory(**{missing: None}).for_seat("05315000")


@pytest.mark.parametrize("ags", ["05913000", "99999999"])
def test_a_missing_address_or_an_unknown_seat_stops_the_letter(ags: str) -> None:
    with pytest.raises(CourtUnconfirmed):
        directory().for_seat(ags)


def test_the_demonstration_has_an_address_for_each_court_and_calls_it_invented(courts: CourtDirectory) -> None:
    assert set(courts.courts) == set(all_courts())
    assert {key: entry.name for key, entry in courts.courts.items()} == {
        key: court.name for key, court in all_courts().items()
    }
    assert courts.fictitious
