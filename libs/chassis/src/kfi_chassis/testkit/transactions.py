"""Transactions on a test's own database; there is no other kind than the real one."""

from datetime import UTC, date, datetime
from typing import TypeVar

from kfi_chassis.clock import BusinessCalendar, Clock, SystemClock
from kfi_chassis.database import create_engine
from kfi_chassis.work import Transactions, Work

W = TypeVar("W", bound=Work)


class Calendar:
    """A business calendar that shows the day it was set to."""

    def __init__(self, day: date | None = None) -> None:
        self.day = day or datetime.now(UTC).date()

    def today(self) -> date:
        """The day it was set to."""
        return self.day


def transactions_on(
    url: str,
    work_class: type[W],
    *,
    clock: Clock | None = None,
    calendar: BusinessCalendar | None = None,
    statement_seconds: float = 10.0,
) -> Transactions[W]:
    """Open a service's transactions on a database; dispose of `.engine` in the end."""
    engine = create_engine(url, pool_size=5, connect_seconds=2.0, statement_seconds=statement_seconds)
    return Transactions(engine, work_class, clock=clock or SystemClock(), calendar=calendar or Calendar())
