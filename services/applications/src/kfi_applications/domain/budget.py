"""The budget ledger: titles with an appropriation and a commitment authorisation (VE) for each year.

What is reserved and committed in a year never exceeds appropriation plus commitment authorisation of that year
(§§ 34, 38 LHO). A reservation covers all its years or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from kfi_applications.domain.errors import BudgetExceeded, NotInBudget
from kfi_applications.domain.money import NOTHING


class Booking(StrEnum):
    """How firm a booking is: set aside for a proposal, or promised by a signed decision."""

    RESERVED = "reserved"
    COMMITTED = "committed"


@dataclass
class BudgetYear:
    """One year of a title, in euro."""

    appropriation: Decimal
    commitment_authorisation: Decimal = NOTHING
    reserved: Decimal = NOTHING
    committed: Decimal = NOTHING

    @property
    def limit(self) -> Decimal:
        """What may be reserved and committed together."""
        return self.appropriation + self.commitment_authorisation

    @property
    def free(self) -> Decimal:
        """What is left to reserve."""
        return self.limit - self.reserved - self.committed


@dataclass(frozen=True)
class PlannedYear:
    """What one year of a title may hold, in euro."""

    year: int
    appropriation: Decimal
    commitment_authorisation: Decimal = NOTHING


@dataclass(frozen=True)
class BudgetPlan:
    """What a title is called and what some of its years may hold; a year that is not named stays as it is.

    ``source`` says where the amounts stand, e.g. the Haushaltsplan of the year.
    """

    name: str
    years: tuple[PlannedYear, ...]
    source: str


@dataclass
class CaseBooking:
    """What one case holds of a title, by year."""

    booking: Booking
    amounts: dict[int, Decimal]


@dataclass
class BudgetTitle:
    """A line of the budget; ``cases`` holds the bookings of the cases at hand."""

    id: UUID
    key: str
    name: str
    years: dict[int, BudgetYear]
    cases: dict[UUID, CaseBooking] = field(default_factory=dict)
    version: int = 0

    def must_hold_what_is_booked(self, plan: BudgetPlan) -> None:
        """Raises BudgetExceeded when a year would hold less than what is reserved and committed in it."""
        for planned in plan.years:
            now = self.years.get(planned.year, BudgetYear(NOTHING))
            limit, booked = planned.appropriation + planned.commitment_authorisation, now.reserved + now.committed
            if limit < booked:
                raise BudgetExceeded(
                    f"The title {self.key} has {booked:.2f} EUR booked in {planned.year} already"
                    f" ({now.reserved:.2f} reserved, {now.committed:.2f} committed); the plan has {limit:.2f} EUR.",
                    fix="Plan at least what is booked, or have reservations released first.",
                )

    def plan(self, plan: BudgetPlan) -> None:
        """Take over what its years may hold, all or none. Raises BudgetExceeded."""
        self.must_hold_what_is_booked(plan)
        for planned in plan.years:
            self.years[planned.year] = replace(
                self.years.get(planned.year, BudgetYear(NOTHING)),
                appropriation=planned.appropriation,
                commitment_authorisation=planned.commitment_authorisation,
            )

    def reserve(self, case: UUID, amounts: Mapping[int, Decimal]) -> None:
        """Set the amounts of all years aside for a case, or none of them.

        Raises BudgetExceeded when one year has not enough free, NotInBudget for a year the title does not have or a
        case that holds a booking already.
        """
        if case in self.cases:
            raise NotInBudget("The case holds a booking of this title already.", fix="Release it before.")
        for year, amount in amounts.items():
            self._must_hold(year, amount)
        for year, amount in amounts.items():
            self.years[year].reserved += amount
        self.cases[case] = CaseBooking(Booking.RESERVED, dict(amounts))

    def commit(self, case: UUID) -> None:
        """Turn the reservation of a case into a commitment. Raises NotInBudget without a reservation."""
        booked = self._reservation(case)
        for year, amount in booked.amounts.items():
            self.years[year].reserved -= amount
            self.years[year].committed += amount
        booked.booking = Booking.COMMITTED

    def release(self, case: UUID) -> None:
        """Give the reservation of a case back. Raises NotInBudget without one; a commitment is never given back."""
        for year, amount in self._reservation(case).amounts.items():
            self.years[year].reserved -= amount
        del self.cases[case]

    def _must_hold(self, year: int, amount: Decimal) -> None:
        if year not in self.years:
            raise NotInBudget(
                f"The title {self.key} has no year {year}.", fix="Choose other years or have the budget completed."
            )
        free = self.years[year].free
        if amount > free:
            raise BudgetExceeded(
                f"The title {self.key} has {free:.2f} EUR free in {year}; no year was booked.",
                fix="Propose less, other years, or wait until the title has more.",
            )

    def _reservation(self, case: UUID) -> CaseBooking:
        booked = self.cases.get(case)
        if booked is None or booked.booking is not Booking.RESERVED:
            raise NotInBudget("The case holds no reservation of this title.", fix="Reserve the money first.")
        return booked
