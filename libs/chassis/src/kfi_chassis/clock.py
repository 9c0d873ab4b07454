"""The two sources of time, both injected: real time for machines, the business date for law.

`Clock` is real UTC and never moved: tokens, event times, leases, retries. `BusinessCalendar` is the date in Berlin that
periods and deadlines are counted by; demo and tests may move it for all services at once, production refuses to.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from kfi_chassis.settings import ConfigurationError, Profile

BERLIN: Final = ZoneInfo("Europe/Berlin")


class Clock(Protocol):
    """Real time."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock for tests that stands still until it is advanced."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it was set to, aware, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward; raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("time does not go back")
        self._now += by


class BusinessCalendar(Protocol):
    """The date of law."""

    def today(self) -> date:
        """The date in Europe/Berlin."""


class BerlinCalendar:
    """The date in Berlin by a real clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def today(self) -> date:
        """The date in Europe/Berlin, which changes an hour or two before the date in UTC."""
        return self._clock.now().astimezone(BERLIN).date()


class MovableCalendar:
    """A date read from a file at each call, so that one write moves it for every service of a demo or test."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._berlin = BerlinCalendar(clock)

    def today(self) -> date:
        """The ISO date in the file; the date in Berlin while there is none. Raises ValueError for anything else."""
        try:
            written = self._file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return self._berlin.today()
        return date.fromisoformat(written)


class CalendarSettings(Protocol):
    """What decides which calendar a process goes by; every ServiceSettings has it."""

    @property
    def profile(self) -> Profile:
        """What the process runs for."""

    @property
    def business_date_file(self) -> Path | None:
        """The file that moves the business date."""


def calendar_for(settings: CalendarSettings, clock: Clock) -> BusinessCalendar:
    """Choose the calendar. Raises ConfigurationError when production is told to move the date."""
    if settings.business_date_file is None:
        return BerlinCalendar(clock)
    if settings.profile is Profile.PRODUCTION:
        raise ConfigurationError("Unset KFI_BUSINESS_DATE_FILE: the production profile never moves the business date.")
    return MovableCalendar(settings.business_date_file, clock)
