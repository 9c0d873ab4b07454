from collections import Counter
from datetime import date

import pytest

from kfi_law.courts import WITHOUT_SEAT, court_districts, court_figure, court_for, courts
from kfi_law.errors import NoValueInForce, UnknownMunicipality
from kfi_law.municipalities import register

SECTION_17 = {
    "Aachen": "Städteregion Aachen, Düren, Euskirchen, Heinsberg",
    "Arnsberg": "Hagen, Hamm, Ennepe-Ruhr-Kreis, Hochsauerlandkreis, Märkischer Kreis, Olpe, Siegen-Wittgenstein,"
    " Soest",
    "Düsseldorf": "Düsseldorf, Duisburg, Krefeld, Mönchengladbach, Mülheim an der Ruhr, Oberhausen, Remscheid,"
    " Solingen, Wuppertal, Kleve, Mettmann, Rhein-Kreis Neuss, Viersen, Wesel",
    "Gelsenkirchen": "Bochum, Bottrop, Dortmund, Essen, Gelsenkirchen, Herne, Recklinghausen, Unna",
    "Köln": "Bonn, Köln, Leverkusen, Oberbergischer Kreis, Rhein-Erft-Kreis, Rheinisch-Bergischer Kreis,"
    " Rhein-Sieg-Kreis",
    "Minden": "Bielefeld, Gütersloh, Herford, Höxter, Lippe, Minden-Lübbecke, Paderborn",
    "Münster": "Münster, Borken, Coesfeld, Steinfurt, Warendorf",
}
TODAY = date(2026, 11, 23)


def test_the_court_table_covers_each_of_the_396_municipalities_exactly_once() -> None:
    kreise = court_districts().keys() - {WITHOUT_SEAT}
    covered = Counter(m.ags for m in register() for kreis in kreise if m.ags.startswith(kreis))
    assert len(covered) == 396
    assert set(covered.values()) == {1}
    assert all(len([r for r in court_districts().rows(kreis) if r.covers(TODAY)]) == 1 for kreis in kreise)


def test_the_table_names_no_kreis_that_does_not_exist() -> None:
    assert court_districts().keys() - {WITHOUT_SEAT} == {m.kreis_ags for m in register()}


@pytest.mark.parametrize("seat", SECTION_17)
def test_every_district_of_section_17_by_its_name(seat: str) -> None:
    named = {m.kreis_name.split(",")[0] for m in register() if court_for(m.ags).seat == seat}
    assert named == set(SECTION_17[seat].split(", "))


@pytest.mark.parametrize(
    ("ags", "seat"),
    [
        ("05914000", "Arnsberg"),  # Hagen
        ("05911000", "Gelsenkirchen"),  # Bochum, though in the Regierungsbezirk Arnsberg
        ("05978004", "Gelsenkirchen"),  # Bergkamen, Kreis Unna
        ("05113000", "Gelsenkirchen"),  # Essen, though in the Regierungsbezirk Düsseldorf
        ("05334002", "Aachen"),
        ("05374004", "Köln"),
        (None, "Arnsberg"),
    ],
)
def test_the_court_follows_the_addressee(ags: str | None, seat: str) -> None:
    for court in (court_for(ags), court_for(ags, TODAY)):
        assert (court.seat, court.name) == (seat, f"Verwaltungsgericht {seat}")


def test_each_court_has_its_own_key() -> None:
    assert {court.seat for court in courts().values()} == set(SECTION_17)
    assert all(court.key == key for key, court in courts().items())


def test_the_trace_names_the_paragraph_the_court_rests_on() -> None:
    assert "Nr. 3 S. 2" in court_figure("05914000").step.paragraph
    assert "Nr. 5" in court_figure(None).step.paragraph


def test_an_unknown_seat_has_no_court() -> None:
    with pytest.raises(UnknownMunicipality):
        court_for("09162000")


def test_a_day_before_the_act_has_no_court() -> None:
    with pytest.raises(NoValueInForce):
        court_for("05914000", date(2010, 12, 31))
