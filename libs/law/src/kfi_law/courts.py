"""Which administrative court hears an action: the one of the addressee's seat (§ 52 VwGO, § 17 JustG NRW)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from kfi_law.dated import DatedRow, DatedTable
from kfi_law.errors import NoValueInForce
from kfi_law.municipalities import register
from kfi_law.packaged import rule_rows
from kfi_law.traces import Figure, Step

COURT = "court"
WITHOUT_SEAT = "without_seat_in_the_area"
_FILE = "courts.toml"
_DATED = ("valid_from", "valid_to", "paragraph", "source", "status")


@dataclass(frozen=True, slots=True)
class Court:
    """An administrative court: full German name, key and seat. Its postal address is configuration, not law."""

    name: str
    key: str
    seat: str


@dataclass(frozen=True, kw_only=True)
class CourtDistrict(DatedRow):
    """One Kreis or kreisfreie Stadt (key = its AGS, five digits) and the court whose district it belongs to."""

    court: Court


def court_for(ags: str | None, on: date | None = None) -> Court:
    """The court in whose district the addressee has seat or residence; None: neither lies in North Rhine-Westphalia.

    With a seat § 52 Nr. 3 S. 2 VwGO and § 17 JustG NRW decide, without one § 52 Nr. 5 VwGO (seat of the defendant,
    Arnsberg). Without a day the present districts count. Raises UnknownMunicipality for an AGS not in the register.
    """
    return court_figure(ags, on).value


def court_figure(ags: str | None, on: date | None = None) -> Figure[Court]:
    """As `court_for`, with its trace; the result of the step is the key of the court."""
    key = WITHOUT_SEAT if ags is None else register().get(ags).kreis_ags
    table = court_districts()
    row = table.newest(key) if on is None else table.decisive(key, on)
    return Figure(row.court, (court_step(row.version, {"seat": ags or "none"}),))


@cache
def courts() -> Mapping[str, Court]:
    """The seven administrative courts of North Rhine-Westphalia by key."""
    rows = rule_rows(_FILE, "court")
    return MappingProxyType({row["key"]: Court(row["name"], row["key"], row["seat"]) for row in rows})


@cache
def court_districts() -> DatedTable[CourtDistrict]:
    """The packaged table of court districts, by the AGS of Kreis or kreisfreie Stadt, and the rule without a seat."""
    return DatedTable("The table of court districts", (*_districts(), *_without_seat()))


def court_step(version: str, inputs: Mapping[str, str]) -> Step:
    """The step `court` of a trace, computed anew from the version of its rule and the seat."""
    row, seat = court_districts().of_version(version), inputs["seat"]
    key = WITHOUT_SEAT if seat == "none" else register().get(seat).kreis_ags
    if key != row.key:
        raise NoValueInForce(f"{version} is not the court district of {seat}.")
    return Step(COURT, version, row.paragraph, {"seat": seat}, row.court.key, row.source)


def _districts() -> Iterator[CourtDistrict]:
    for row in rule_rows(_FILE, "court"):
        dated = {name: row[name] for name in _DATED if name in row}
        for kreis in row["districts"]:
            yield CourtDistrict(key=kreis, court=courts()[row["key"]], **dated)


def _without_seat() -> Iterator[CourtDistrict]:
    for row in rule_rows(_FILE, WITHOUT_SEAT):
        yield CourtDistrict(**{**row, "key": WITHOUT_SEAT, "court": courts()[row["court"]]})
