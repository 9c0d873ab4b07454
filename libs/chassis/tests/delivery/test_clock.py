"""Two times: real ones that never move, and a business date that production never moves."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kfi_chassis.clock import BerlinCalendar, FixedClock, MovableCalendar, SystemClock, calendar_for
from kfi_chassis.settings import ConfigurationError, Profile


@dataclass
class Settings:
    profile: Profile
    business_date_file: Path | None


def test_the_system_clock_is_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_fixed_clock_moves_only_forward() -> None:
    clock = FixedClock(datetime(2026, 3, 9, 12, tzinfo=UTC))
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2026, 3, 9, 13, tzinfo=UTC)
    with pytest.raises(ValueError, match="back"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 3, 9))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 1, 22, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 1, 23, 0, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_the_business_date_changes_at_midnight_in_berlin(instant: datetime, day: date) -> None:
    assert BerlinCalendar(FixedClock(instant)).today() == day


def test_one_write_moves_the_date_for_everybody_who_reads_the_file(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 3, 9, 12, tzinfo=UTC))
    calendars = [MovableCalendar(tmp_path / "date", clock) for _ in range(2)]
    assert [calendar.today() for calendar in calendars] == [date(2026, 3, 9)] * 2
    (tmp_path / "date").write_text("2026-04-01\n")
    assert [calendar.today() for calendar in calendars] == [date(2026, 4, 1)] * 2
    (tmp_path / "date").write_text("tomorrow")
    with pytest.raises(ValueError, match="tomorrow"):
        calendars[0].today()


def test_production_refuses_to_move_the_date(tmp_path: Path) -> None:
    file = tmp_path / "date"
    file.write_text("2026-04-01")
    assert calendar_for(Settings(Profile.DEMO, file), SystemClock()).today() == date(2026, 4, 1)
    assert isinstance(calendar_for(Settings(Profile.PRODUCTION, None), SystemClock()), BerlinCalendar)
    with pytest.raises(ConfigurationError):
        calendar_for(Settings(Profile.PRODUCTION, file), SystemClock())
