"""The legal calendar of North Rhine-Westphalia: which days are working days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from types import MappingProxyType

from kfi_law.dated import DatedRow
from kfi_law.errors import InconsistentTable, NoValueInForce
from kfi_law.packaged import rule_rows

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class HolidayRule(DatedRow):
    """One statutory holiday: on a fixed day of the year, or so many days after Easter Sunday."""

    name: str
    month: int | None = None
    day: int | None = None
    days_from_easter: int | None = None

    def __post_init__(self) -> None:
        DatedRow.__post_init__(self)
        fixed, movable = self.month is not None and self.day is not None, self.days_from_easter is not None
        if fixed == movable:
            raise InconsistentTable(f"{self.version} needs month and day, or else its distance from Easter Sunday.")

    def on(self, year: int) -> date:
        """The day of this holiday in that year, whether the rule holds then or not."""
        if self.month is not None and self.day is not None:
            return date(year, self.month, self.day)
        return easter_sunday(year) + timedelta(days=self.days_from_easter or 0)


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (algorithm of Meeus, Jones and Butcher), years 1583 to 9999."""
    golden, century, of_century = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


@cache
def holiday_rules() -> tuple[HolidayRule, ...]:
    """Every holiday rule of the packaged table, with its paragraph and the days it holds."""
    return tuple(HolidayRule(**row) for row in rule_rows("holidays.toml", "holiday"))


@lru_cache(maxsize=512)
def holidays(year: int) -> Mapping[date, str]:
    """The statutory holidays of North Rhine-Westphalia in that year, day to German name, in order.

    Raises NoValueInForce for a year before 1995: the table does not cover it.
    """
    first_year = min(rule.valid_from for rule in holiday_rules()).year + 1
    if year < first_year:
        raise NoValueInForce(f"The holiday table starts with {first_year}; add the rows of {year} to it.")
    days = {rule.on(year): rule.name for rule in holiday_rules() if rule.covers(rule.on(year))}
    return MappingProxyType(dict(sorted(days.items())))


def is_working_day(day: date) -> bool:
    """Whether the day is Monday to Friday and no statutory holiday of North Rhine-Westphalia (§ 193 BGB)."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def next_working_day(day: date) -> date:
    """The day itself when it is a working day, else the first working day after it (§ 193 BGB)."""
    while not is_working_day(day):
        day += _ONE_DAY
    return day


def why_not_a_working_day(day: date) -> str | None:
    """The holiday's German name, else Samstag or Sonntag; None for a working day."""
    holiday = holidays(day.year).get(day)
    if holiday is not None:
        return holiday
    return ("Samstag", "Sonntag")[day.weekday() - _SATURDAY] if day.weekday() >= _SATURDAY else None
