from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kfi_law import municipalities
from kfi_law.errors import NoValueInForce, UnknownMunicipality
from kfi_law.municipalities import Basis, Kind, Register, area, attributions, population, register

ALL = tuple(register())


def test_there_are_396_municipalities_with_distinct_keys() -> None:
    assert len(register()) == len(ALL) == 396
    assert len({m.ags for m in ALL}) == len({m.ars for m in ALL}) == 396
    assert all(m.ars == m.ags[0:5] + "0" + m.ags[5:8] + m.ags[5:8] for m in ALL)
    assert [m.ags for m in ALL] == sorted(m.ags for m in ALL)


def test_keys_keep_their_leading_zero_and_nest() -> None:
    assert all(len(m.ags) == 8 and m.ags.startswith("05") and len(m.postcode) == 5 for m in ALL)
    assert all(m.ags.startswith(m.kreis_ags) and m.kreis_ags.startswith(m.bezirk_ags) for m in ALL)


def test_the_kinds() -> None:
    assert Counter(m.kind for m in ALL) == {Kind.KREISFREIE_STADT: 22, Kind.STADT: 250, Kind.GEMEINDE: 124}
    aachen = register().get("05334002")
    assert (aachen.kind, aachen.kreis_ags, aachen.kreis_name) == (Kind.STADT, "05334", "Städteregion Aachen")


def test_the_kind_is_never_taken_from_the_name() -> None:
    other_title = [m for m in ALL if ", " in m.name and not m.name.endswith(", Stadt")]
    assert len(other_title) == 28
    assert {m.kind for m in other_title} == set(Kind)


def test_the_regierungsbezirke() -> None:
    assert Counter(m.bezirk_name for m in ALL) == {
        "Düsseldorf": 66,
        "Köln": 99,
        "Münster": 78,
        "Detmold": 70,
        "Arnsberg": 83,
    }
    assert len({m.kreis_ags for m in ALL}) == len({(m.kreis_ags, m.kreis_name) for m in ALL}) == 53
    assert len({(m.bezirk_ags, m.bezirk_name) for m in ALL}) == 5


def test_population_and_area_add_up() -> None:
    assert sum(m.population for m in ALL) == 18_190_422
    assert sum((m.area_km2 for m in ALL), Decimal()) == Decimal("34112.56")
    assert {m.population_date for m in ALL} == {m.area_date for m in ALL} == {date(2023, 12, 31)}


def test_names_before_the_comma_and_short_names_are_unique() -> None:
    assert len({m.name.split(",")[0] for m in ALL}) == len({m.short_name for m in ALL}) == 396


def test_a_postcode_is_no_key() -> None:
    shared = Counter(m.postcode for m in ALL)
    assert (shared["52538"], shared["52525"]) == (2, 2)
    assert (register().get("05113000").postcode, register().get("05334002").postcode) == ("45121", "52058")


def test_every_town_hall_lies_in_the_state() -> None:
    assert all(Decimal("50.3") < m.latitude < Decimal("52.6") for m in ALL)
    assert all(Decimal("5.8") < m.longitude < Decimal("9.5") for m in ALL)


def test_both_population_series_count_the_same_municipalities() -> None:
    census, forward = population(Basis.CENSUS_2022), population(Basis.ROLLFORWARD_2011)
    assert (census.counted_on, census.total) == (date(2022, 5, 15), 17_890_489)
    assert (forward.counted_on, forward.total) == (date(2023, 12, 31), 18_190_422)
    assert set(census.by_ags) == set(forward.by_ags) == {m.ags for m in ALL}


@pytest.mark.parametrize(("ags", "percent"), [("05315000", "-6.4"), ("05974056", "-12.8")])
def test_the_basis_matters_for_a_distribution_key(ags: str, percent: str) -> None:
    census, forward = population(Basis.CENSUS_2022).by_ags[ags], population(Basis.ROLLFORWARD_2011).by_ags[ags]
    assert f"{100 * (census - forward) / forward:.1f}" == percent


def test_a_series_is_found_by_the_day_it_was_counted() -> None:
    assert population(Basis.CENSUS_2022, date(2022, 5, 15)).total == 17_890_489
    with pytest.raises(NoValueInForce, match="census_2022"):
        population(Basis.CENSUS_2022, date(2022, 5, 14))


def test_areas_are_a_series_of_a_day() -> None:
    assert sum(area(date(2026, 11, 23)).by_ags.values(), Decimal()) == Decimal("34112.56")
    assert area().measured_on == date(2023, 12, 31)
    with pytest.raises(NoValueInForce, match="2023-12-30"):
        area(date(2023, 12, 30))


def test_a_new_series_is_data_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = {"population.csv": {"basis": "census_2022", "population": "7"}, "area.csv": {"area_km2": "1.50"}}
    known = {name: municipalities.register_rows(name) for name in newer}
    rows = {
        name: [*known[name], *({"ags": m.ags, "date": "2027-12-31"} | more for m in ALL)]
        for name, more in newer.items()
    }
    monkeypatch.setattr(municipalities, "register_rows", rows.__getitem__)
    assert population.__wrapped__(Basis.CENSUS_2022, date(2028, 1, 1)).total == 7 * len(ALL)
    assert population.__wrapped__(Basis.CENSUS_2022, date(2027, 12, 30)).counted_on == date(2022, 5, 15)
    assert area.__wrapped__(date(2028, 1, 1)).by_ags["05914000"] == Decimal("1.50")


def test_the_register_of_a_day() -> None:
    assert len(register(date(2024, 12, 31))) == len(register(date(2026, 11, 23))) == 396
    with pytest.raises(NoValueInForce, match="2024-12-31"):
        register(date(2024, 12, 30))


def test_a_municipality_that_ended_is_found_on_the_days_it_existed() -> None:
    old = replace(ALL[0], name="old", valid_to=date(2025, 12, 31))
    new = replace(ALL[0], name="new", valid_from=date(2026, 1, 1))
    names = {
        on: [m.name for m in Register.of_day([new, old], on)] for on in (date(2025, 12, 31), date(2026, 1, 1), None)
    }
    assert list(names.values()) == [["old"], ["new"], ["new"]]


@pytest.mark.parametrize("ags", ["05334000", "5914000", "", "09162000", "05914000 "])
def test_an_unknown_key_is_told_without_repeating_it(ags: str) -> None:
    with pytest.raises(UnknownMunicipality, match="eight digits") as told:
        register().get(ags)
    assert not ags or ags not in str(told.value).replace("05914000 for Hagen", "")
    assert ags not in register()


def test_the_register_says_whose_data_it_is() -> None:
    assert register().attributions == attributions()
    texts = " ".join(a.text + a.licence for a in attributions())
    for named in ("© Statistisches Bundesamt (Destatis), 2025", "Zensus 2022", "BKG", "dl-de/by-2-0"):
        assert named in texts
