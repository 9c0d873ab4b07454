"""Where a family lives decides on the court, so a list says it by its key or its name and nothing guesses it."""

from dataclasses import replace

import pytest
from services.allocation.tests.arrival_lists import PERSONS, csv_of, person, read

from kfi_allocation.domain.arrivals.mistakes import Mistake

WITH_RESIDENCE = replace(PERSONS, columns={**PERSONS.columns, "residence": ("Wohnsitz in NRW",)})


def residence_of(written: str) -> tuple[str | None, list[Mistake]]:
    _, (home,) = read(csv_of([person(**{"Wohnsitz in NRW": written})]), mapping=WITH_RESIDENCE)
    return (None if home.announced is None else home.announced.contact.residence), list(home.mistakes)


@pytest.mark.parametrize(("written", "ags"), [("05913000", "05913000"), ("Dortmund", "05913000"), ("", "")])
def test_a_residence_is_read_as_the_key_of_its_municipality(written: str, ags: str) -> None:
    assert residence_of(written) == (ags, [])


def test_a_residence_that_is_no_municipality_names_its_line_and_field() -> None:
    announced, mistakes = residence_of("Entenhausen")
    assert announced is None
    assert [(each.line, each.field) for each in mistakes] == [(2, "residence")]


def test_a_postcode_says_nothing_of_the_residence() -> None:
    _, (home,) = read(csv_of([person(PLZ="44135", Ort="Dortmund")]))
    assert home.announced is not None
    assert home.announced.contact.residence == ""
