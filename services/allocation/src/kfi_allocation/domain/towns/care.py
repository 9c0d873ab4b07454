"""Care and advice a town has for those who need it: a word of the needs, from a day on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfi_allocation.domain.refusals import SettledAlready
from kfi_allocation.domain.towns.capacity import days_must_follow


@dataclass
class CareOffer:
    """`offers` is the word households need it by, such as `specialist_medicine` or `language:uk`."""

    id: UUID
    ags: str
    offers: str
    first_day: date
    last_day: date | None
    stated_on: date
    withdrawn_on: date | None = None
    version: int = 1

    def __post_init__(self) -> None:
        days_must_follow(self.first_day, self.last_day, "last_day")

    def withdraw(self, on: date) -> None:
        """It is lost from this day on. Raises SettledAlready."""
        if self.withdrawn_on is not None:
            raise SettledAlready("The offer was withdrawn already.", fix="State a new one where there is one.")
        self.withdrawn_on = on
        self.version += 1

    def holds_on(self, day: date) -> bool:
        """Whether it can be counted on that day."""
        until = self.last_day is None or day <= self.last_day
        return self.first_day <= day and until and (self.withdrawn_on is None or day < self.withdrawn_on)
