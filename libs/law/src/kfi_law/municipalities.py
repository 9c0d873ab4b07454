"""The municipalities of North Rhine-Westphalia as a dated register, with dated series of population and area."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Self

from kfi_law.errors import NoValueInForce, UnknownMunicipality
from kfi_law.packaged import register_notice, register_rows


class Kind(StrEnum):
    """The municipality's kind in law; a title in its name (Hansestadt, Universitätsstadt) says nothing about it."""

    KREISFREIE_STADT = "kreisfreie Stadt"
    STADT = "Stadt"
    GEMEINDE = "Gemeinde"


class Basis(StrEnum):
    """What a population series rests on; a distribution key must name its basis."""

    ROLLFORWARD_2011 = "rollforward_2011"
    CENSUS_2022 = "census_2022"


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality as the register knows it from `valid_from` on.

    `population` is the newest roll-forward on the 2011 census, `area_km2` the newest area in square kilometres.
    `postcode`, `latitude` and `longitude` (WGS 84, degrees) are those of the town hall; a postcode is no key, several
    town halls share one.
    """

    ags: str
    ars: str
    name: str
    short_name: str
    kind: Kind
    kreis_ags: str
    kreis_name: str
    bezirk_ags: str
    bezirk_name: str
    population: int
    population_date: date
    area_km2: Decimal
    area_date: date
    postcode: str
    latitude: Decimal
    longitude: Decimal
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose data a register holds, of which state, under which licence; shown wherever the data is shown."""

    register: str
    state: str
    text: str
    licence: str


@dataclass(frozen=True, slots=True)
class PopulationSeries:
    """The inhabitants of every municipality on one day, by AGS, on one basis."""

    basis: Basis
    counted_on: date
    by_ags: Mapping[str, int]

    @property
    def total(self) -> int:
        """The inhabitants of all municipalities together."""
        return sum(self.by_ags.values())


@dataclass(frozen=True, slots=True)
class AreaSeries:
    """The area of every municipality on one day, by AGS, in square kilometres."""

    measured_on: date
    by_ags: Mapping[str, Decimal]


class Register:
    """The municipalities of one day, in the order of their AGS."""

    def __init__(self, municipalities: Iterable[Municipality]) -> None:
        self._by_ags = {m.ags: m for m in sorted(municipalities, key=lambda m: m.ags)}

    @classmethod
    def of_day(cls, rows: Iterable[Municipality], on: date | None) -> Self:
        """Of all rows ever, those that hold on that day; without a day, those without an end."""
        return cls(m for m in rows if (m.valid_to is None if on is None else _holds(m, on)))

    @property
    def attributions(self) -> tuple[Attribution, ...]:
        """Whose data this is; to be shown with it."""
        return attributions()

    def get(self, ags: str) -> Municipality:
        """The municipality of that AGS (eight digits, text); raises UnknownMunicipality."""
        try:
            return self._by_ags[ags]
        except KeyError:
            raise UnknownMunicipality(
                "No municipality of North Rhine-Westphalia has this AGS;"
                " give its eight digits with the leading zero, such as 05914000 for Hagen."
            ) from None

    def __iter__(self) -> Iterator[Municipality]:
        return iter(self._by_ags.values())

    def __len__(self) -> int:
        return len(self._by_ags)

    def __contains__(self, ags: object) -> bool:
        return ags in self._by_ags


@lru_cache(maxsize=32)
def register(on: date | None = None) -> Register:
    """The register of that day, without a day the newest one.

    Raises NoValueInForce for a day before the register starts to vouch for its rows.
    """
    found = Register.of_day(_all(), on)
    if not len(found):
        first = min(m.valid_from for m in _all())
        raise NoValueInForce(f"The register of municipalities starts with {first}; it says nothing about {on}.")
    return found


@lru_cache(maxsize=32)
def population(basis: Basis, on: date | None = None) -> PopulationSeries:
    """The newest series of that basis, or the newest one counted on that day or before it.

    Raises NoValueInForce when there is none.
    """
    rows = [row for row in register_rows("population.csv") if row["basis"] == basis]
    days = {date.fromisoformat(row["date"]) for row in rows}
    counted_on = max((day for day in days if on is None or day <= on), default=None)
    if counted_on is None:
        raise NoValueInForce(f"No population series on the basis {basis} was counted by {on}; take a later day.")
    by_ags = {row["ags"]: int(row["population"]) for row in rows if row["date"] == counted_on.isoformat()}
    return PopulationSeries(basis, counted_on, by_ags)


@lru_cache(maxsize=32)
def area(on: date | None = None) -> AreaSeries:
    """The newest series of areas, or the newest one measured on that day or before it.

    Raises NoValueInForce when there is none.
    """
    rows = register_rows("area.csv")
    days = {date.fromisoformat(row["date"]) for row in rows}
    measured_on = max((day for day in days if on is None or day <= on), default=None)
    if measured_on is None:
        raise NoValueInForce(f"No series of areas was measured by {on}; take a later day.")
    by_ags = {row["ags"]: Decimal(row["area_km2"]) for row in rows if row["date"] == measured_on.isoformat()}
    return AreaSeries(measured_on, by_ags)


@cache
def attributions() -> tuple[Attribution, ...]:
    """Whose data the registers hold, of which state, under which licence."""
    return tuple(Attribution(**source) for source in register_notice("attribution.toml")["source"])


def _holds(municipality: Municipality, on: date) -> bool:
    return municipality.valid_from <= on and (municipality.valid_to is None or on <= municipality.valid_to)


@cache
def _all() -> tuple[Municipality, ...]:
    newest_area = {row["ags"]: row for row in sorted(register_rows("area.csv"), key=lambda row: row["date"])}
    return tuple(_municipality(row, newest_area[row["ags"]]) for row in register_rows("municipalities.csv"))


def _municipality(row: Mapping[str, str], area: Mapping[str, str]) -> Municipality:
    inhabitants = population(Basis.ROLLFORWARD_2011)
    return Municipality(
        ags=row["ags"],
        ars=row["ars"],
        name=row["name"],
        short_name=row["short_name"],
        kind=Kind(row["kind"]),
        kreis_ags=row["kreis_ags"],
        kreis_name=row["kreis_name"],
        bezirk_ags=row["bezirk_ags"],
        bezirk_name=row["bezirk_name"],
        population=inhabitants.by_ags[row["ags"]],
        population_date=inhabitants.counted_on,
        area_km2=Decimal(area["area_km2"]),
        area_date=date.fromisoformat(area["date"]),
        postcode=row["postcode"],
        latitude=Decimal(row["latitude"]),
        longitude=Decimal(row["longitude"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )
