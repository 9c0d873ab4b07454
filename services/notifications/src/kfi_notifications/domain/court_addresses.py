"""Where an action is brought: the courts' postal addresses, each confirmed by a person before a letter names it.

A wrong address in the remedy notice turns the month into a year (§ 58 (2) VwGO), so a missing or unconfirmed one stops
the dispatch of a decision.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from kfi_law.courts import court_for
from kfi_law.errors import UnknownMunicipality

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CourtUnconfirmed(Exception):
    """No court can be named with certainty: seat unknown, address missing or confirmed by nobody; the letter waits."""


class CourtAddress(BaseModel):
    """The postal address of one administrative court."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    address: Line
    confirmed_by: Line | None = None
    confirmed_on: date | None = None

    @property
    def is_confirmed(self) -> bool:
        """A person stands for it, with a day."""
        return self.confirmed_by is not None and self.confirmed_on is not None


class CourtDirectory(BaseModel):
    """All court addresses of the configuration, by the court's key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fictitious: bool
    """Invented data for a demonstration; printed so, and refused by a production profile."""
    courts: Mapping[str, CourtAddress]

    def for_seat(self, ags: str | None) -> CourtAddress:
        """The court for an addressee with its seat or residence in this municipality (§ 52 Nr. 3 S. 2 VwGO), or with
        neither in the state (§ 52 Nr. 5 VwGO).

        Raises CourtUnconfirmed when the seat is in no register or the address is missing or unconfirmed.
        """
        try:
            address = self.courts.get(court_for(ags).key)
        except UnknownMunicipality:
            raise CourtUnconfirmed from None
        if address is None or not address.is_confirmed:
            raise CourtUnconfirmed
        return address
