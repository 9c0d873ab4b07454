"""Households come whole or not at all; whatever is wrong names its line and field and holds up no other household."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.allocation.tests.arrival_lists import HOUSEHOLDS, PERSONS, csv_of, household, person, read

from kfi_allocation.domain.arrivals.describing import Described
from kfi_allocation.domain.arrivals.gathering import Said, totals_disagree
from kfi_allocation.domain.arrivals.mistakes import Fault
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.household import Announcement

SPOILT: dict[str, tuple[str, Fault]] = {
    "Geburtsdatum": ("31.02.1990", Fault.NOT_A_DAY),
    "Name": ("", Fault.MISSING),
    "Verwandtschaft": ("Nachbar", Fault.NOT_IN_TABLE),
    "Rollstuhl": ("vielleicht", Fault.NOT_IN_TABLE),
    "Vorname": ("x" * 300, Fault.TOO_LONG),
}


def one(rows: list[dict[str, str]], said: Said | None = None) -> Described:
    _, (home,) = read(csv_of(rows), said=said)
    return home


def announced(rows: list[dict[str, str]], said: Said | None = None) -> Announcement:
    home = one(rows, said)
    assert home.announced is not None, home.mistakes
    return home.announced


def mistakes(rows: list[dict[str, str]], **more: Any) -> list[tuple[int, str, Fault]]:
    return [(each.line, each.field, each.fault) for each in one(rows, **more).mistakes]


def rows_of_household(**said: str) -> list[tuple[int, str, Fault]]:
    _, homes = read(csv_of([household(**said)]), mapping=HOUSEHOLDS)
    return [(each.line, each.field, each.fault) for each in homes[0].mistakes]


@given(st.data())
def test_any_mix_of_good_and_bad_rows_lets_exactly_the_good_households_in_and_each_whole(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=8))
    rows = [person(f"F-{family}", Vorname=f"P{number}") for family, size in enumerate(sizes) for number in range(size)]
    rows = data.draw(st.permutations(rows))
    spoilt = data.draw(st.dictionaries(st.integers(0, len(rows) - 1), st.sampled_from(sorted(SPOILT)), max_size=6))
    for at, heading in spoilt.items():
        rows[at] = rows[at] | {heading: SPOILT[heading][0]}
    bad = {rows[at]["Familiennummer"] for at in spoilt}
    _, homes = read(csv_of(rows))
    for home in homes:
        size = sizes[int(home.reference.removeprefix("F-"))]
        assert (home.announced is None) == (home.reference in bad)
        assert home.announced is None or home.announced.persons == len(home.announced.members) == size
    told = {(mistake.line, mistake.fault) for home in homes for mistake in home.mistakes}
    assert {(at + 2, SPOILT[heading][1]) for at, heading in spoilt.items()} <= told


@given(st.permutations([person("F-1", Vorname=f"P{n}") for n in range(3)] + [person("F-2", Vorname="Q")]))
def test_the_order_of_the_rows_makes_no_household(rows: list[dict[str, str]]) -> None:
    _, homes = read(csv_of(rows))
    assert {home.reference: home.announced.persons for home in homes if home.announced} == {"F-1": 3, "F-2": 1}


def test_a_row_without_a_household_keeps_those_beside_it_outside() -> None:
    rows = [person("F-1"), person("F-2"), person("", Vorname="B"), person("F-3"), person("F-4")]
    found, homes = read(csv_of(rows))
    assert (found.unnamed, found.whole) == (1, False)
    assert [(each.line, each.field, each.fault) for each in found.mistakes] == [(4, "reference", Fault.MISSING)]
    assert [home.reference for home in homes if home.announced] == ["F-1", "F-4"]


def test_a_reference_that_could_be_a_name_is_not_taken() -> None:
    found, homes = read(csv_of([person("Ada Muster")]))
    assert ([each.fault for each in found.mistakes], homes) == ([Fault.NOT_READABLE], [])


def test_what_is_said_once_holds_for_the_household_and_may_not_disagree() -> None:
    rows = [person(Charter="C-7"), person(Vorname="B", Ankunft="01.12.2026")]
    home = announced(rows)
    assert (home.charter, home.arrival_on) == ("C-7", date(2026, 12, 1))
    rows[1]["Charter"] = "C-8"
    assert mistakes(rows) == [(3, "charter", Fault.ROWS_DISAGREE)]


def test_needs_and_languages_are_those_of_any_person() -> None:
    home = announced([person(Rollstuhl="ja", Sprachen="Dari, Englisch"), person(Vorname="B", Sprachen="Dari,Paschtu")])
    assert home.needs == {"accessible"}
    assert home.languages == ("prs", "en", "ps")


def test_so_many_persons_need_a_large_home_where_the_mapping_says_so() -> None:
    assert PERSONS.large_home_from == 6
    assert "large_home" in announced([person(Vorname=f"P{n}") for n in range(6)]).needs
    assert "large_home" not in announced([person(Vorname=f"P{n}") for n in range(5)]).needs


def test_relatives_and_wishes_are_towns_of_the_register() -> None:
    home = announced([person(**{"Angehörige in": "Münster", "Wunschort 1": "5914000", "Wunschort 2": "Hagen"})])
    assert (home.relatives_in, home.wishes, home.must_join) == ("05515000", ("05914000",), False)


@pytest.mark.parametrize(
    ("town", "fault"),
    [("Berlin", Fault.PLACE_UNKNOWN), ("05999000", Fault.PLACE_UNKNOWN), ("Halle", Fault.PLACE_AMBIGUOUS)],
)
def test_relatives_in_a_town_that_is_not_surely_one_are_told(town: str, fault: Fault) -> None:
    assert mistakes([person(**{"Angehörige in": town})]) == [(2, "relatives_in", fault)]
    assert mistakes([person(**{"Wunschort 2": town})]) == [(2, "wishes", fault)]


def test_a_core_family_names_the_town_it_joins() -> None:
    assert announced([person(Kernfamilie="ja", **{"Angehörige in": "Hagen"})]).must_join
    assert mistakes([person(Kernfamilie="ja")]) == [(2, "relatives_in", Fault.PLACE_WITHOUT_RELATIVES)]


@pytest.mark.parametrize(("persons", "fault"), [("0", Fault.PERSONS_OUT_OF_RANGE), ("40", Fault.PERSONS_OUT_OF_RANGE)])
def test_a_household_of_0_or_40_persons_is_told(persons: str, fault: Fault) -> None:
    assert rows_of_household(persons=persons) == [(2, "persons", fault)]


@pytest.mark.parametrize("persons", ["-1", "two", "2.5", "99999"])
def test_a_number_that_is_none_is_told(persons: str) -> None:
    assert rows_of_household(persons=persons) == [(2, "persons", Fault.NOT_A_NUMBER)]


def test_forty_rows_are_no_household() -> None:
    rows = [person(Vorname=f"P{number}") for number in range(40)]
    assert mistakes(rows) == [(2, "persons", Fault.PERSONS_OUT_OF_RANGE)]


def test_numbers_of_a_household_add_up() -> None:
    assert rows_of_household(persons="3", adults="1", children="2", school_children="1") == []
    assert rows_of_household(persons="3", adults="1", children="1") == [(2, "adults", Fault.PERSONS_DISAGREE)]


def test_a_household_that_stands_twice_comes_in_by_neither_row() -> None:
    _, homes = read(csv_of([household("H-1"), household("H-2"), household("H-1")]), mapping=HOUSEHOLDS)
    assert {home.reference: home.announced is not None for home in homes} == {"H-1": False, "H-2": True}
    assert [(each.line, each.fault) for each in homes[0].mistakes] == [
        (2, Fault.HOUSEHOLD_TWICE),
        (4, Fault.HOUSEHOLD_TWICE),
    ]


def test_the_same_person_twice_is_told() -> None:
    assert mistakes([person(), person()]) == [(3, "last_name", Fault.PERSON_TWICE)]


def test_the_group_is_one_of_the_law_of_that_day() -> None:
    assert mistakes([person(Rechtsgrundlage="§ 24 AufenthG")]) == [(2, "group", Fault.NOT_IN_TABLE)]
    assert mistakes([person(Rechtsgrundlage="")]) == [(2, "group", Fault.MISSING)]
    said = Said(group=Group.LATE_REPATRIATES, arrival_on=date(2026, 12, 3), charter="C-1")
    home = announced([person(Rechtsgrundlage="")], said)
    assert (home.group, home.arrival_on, home.charter) == (Group.LATE_REPATRIATES, date(2026, 12, 3), "C-1")


@pytest.mark.parametrize(("field", "heading"), [("born_on", "Geburtsdatum"), ("arrival_on", "Ankunft")])
def test_a_day_far_away_is_told(field: str, heading: str) -> None:
    assert mistakes([person(**{heading: "01.01.2098"})]) == [(2, field, Fault.DAY_NOT_POSSIBLE)]


def test_a_cancelled_row_cancels_its_household() -> None:
    home = one([person(Status="storniert", Geburtsdatum="unbekannt")])
    assert (home.cancelled, home.announced, home.mistakes) == (True, None, ())


def test_control_totals_tell_half_a_list() -> None:
    assert totals_disagree(Said(households=2, persons=5), 2, 5) == []
    assert [each.field for each in totals_disagree(Said(households=2, persons=5), 1, 3)] == ["households", "persons"]


def test_every_fault_says_what_to_do() -> None:
    for fault in Fault:
        assert fault.remedy.endswith(".")
