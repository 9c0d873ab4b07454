"""A town is taken by its name or AGS when it is surely the one, and else asked back."""

import pytest

from kfi_allocation.domain.arrivals.places import NotOnePlace, Places
from kfi_law.municipalities import register

PLACES = Places(register())


@pytest.mark.parametrize(
    ("written", "ags"),
    [
        ("05914000", "05914000"),
        ("5914000", "05914000"),
        ("Hagen", "05914000"),
        ("Hagen, Stadt der FernUniversität", "05914000"),
        ("MÜNSTER", "05515000"),
        ("Muenster", "05515000"),
        ("Halle (Westfalen)", "05754012"),
        ("Langenfeld (Rheinland)", "05158020"),
        ("St. Augustin", "05382056"),
        ("Neunkirchen", "05970036"),
    ],
)
def test_a_town_is_known_by_its_ags_and_by_its_names(written: str, ags: str) -> None:
    assert PLACES.named(written) == ags


@pytest.mark.parametrize(
    ("written", "suggested"),
    [("Halle", "Halle (Westf.) (05754012)"), ("Mülheim", "Mülheim an der Ruhr (05117000)")],
)
def test_a_part_of_a_name_is_asked_back_because_another_place_can_be_meant(written: str, suggested: str) -> None:
    with pytest.raises(NotOnePlace) as doubt:
        PLACES.named(written)
    assert doubt.value.ambiguous
    assert suggested in doubt.value.suggestions


@pytest.mark.parametrize("written", ["05999000", "Berlin", "11000000", "?"])
def test_what_is_no_town_of_the_land_is_not_taken(written: str) -> None:
    with pytest.raises(NotOnePlace) as doubt:
        PLACES.named(written)
    assert not doubt.value.ambiguous
    assert doubt.value.suggestions == ()


def test_a_misspelt_name_brings_suggestions_and_is_never_taken() -> None:
    with pytest.raises(NotOnePlace) as doubt:
        PLACES.named("Dortmnud")
    assert "Dortmund (05913000)" in doubt.value.suggestions


def test_every_municipality_is_found_by_its_own_name_and_short_name() -> None:
    for town in register():
        assert PLACES.named(town.name) == PLACES.named(town.short_name) == town.ags
