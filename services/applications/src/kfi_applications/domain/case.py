"""What an applicant states: who applies, for which project, with which finance plan."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kfi_applications.domain.calls import Call
from kfi_applications.domain.errors import PlanDoesNotAddUp
from kfi_applications.domain.money import NOTHING


class LegalForm(StrEnum):
    """The legal form of an applicant."""

    REGISTERED_ASSOCIATION = "registered-association"
    DISTRICT = "district"
    INDEPENDENT_CITY = "independent-city"
    OTHER = "other"


@dataclass(frozen=True)
class Applicant:
    """The facts about the applicant on which eligibility depends; ``seat_ags`` is the AGS of its seat.

    What only some programmes ask for is None where it was not stated: a district has no members, and not every
    association need be young.
    """

    name: str
    legal_form: LegalForm
    seat_ags: str
    charitable: bool | None = None
    share_with_migration_history: Decimal | None = None
    independent_of_states_and_parties: bool | None = None
    founded_on: date | None = None


@dataclass(frozen=True)
class Project:
    """What is to be funded, and whether it has begun (``begun_on``) with or without permission."""

    title: str
    period_from: date
    period_to: date
    begun_on: date | None = None
    early_start_permitted: bool = False
    recurs_yearly: bool = False

    @property
    def calendar_years(self) -> range:
        """The calendar years in which the project runs."""
        return range(self.period_from.year, self.period_to.year + 1)


@dataclass(frozen=True)
class CostItem:
    """One line of planned expenditure in euro."""

    label: str
    amount: Decimal


@dataclass(frozen=True)
class Measure:
    """A measure for which a lump sum is asked: its kind is a code of the programme, ``count`` its units.

    What only some kinds ask for is None elsewhere: the period, the costs of one unit in euro, and how many of the hours
    in which a room is used are for the purpose of the programme.
    """

    kind: str
    label: str
    count: int = 1
    period_from: date | None = None
    period_to: date | None = None
    planned_costs: Decimal | None = None
    hours_for_purpose: Decimal | None = None
    hours_in_use: Decimal | None = None


@dataclass(frozen=True)
class FinancePlan:
    """Planned expenditure and income in euro, whole cents, and the measures of a programme of lump sums.

    Civic work stands on both sides: as the value of the work done and as a part of the own share.
    """

    costs: tuple[CostItem, ...]
    civic_work: Decimal
    own_money: Decimal
    third_party_money: Decimal
    requested_grant: Decimal
    measures: tuple[Measure, ...] = ()

    @property
    def cash_costs(self) -> Decimal:
        """All lines of expenditure together, without civic work."""
        return sum((item.amount for item in self.costs), NOTHING)

    @property
    def stated_total(self) -> Decimal:
        """Cash costs and civic work together."""
        return self.cash_costs + self.civic_work

    @property
    def stated_income(self) -> Decimal:
        """Own money, civic work, third-party money and the requested grant together."""
        return self.own_money + self.civic_work + self.third_party_money + self.requested_grant

    def must_add_up(self) -> None:
        """Income covers expenditure to the cent. Raises PlanDoesNotAddUp."""
        gap = self.stated_total - self.stated_income
        if gap:
            side = "income is less than expenditure" if gap > 0 else "income is more than expenditure"
            raise PlanDoesNotAddUp(
                f"The {side} by {abs(gap):.2f} EUR.",
                fix="Change costs or income until own money, civic work, third-party money and grant are the total.",
                field="finance_plan",
            )


@dataclass(frozen=True)
class Addressee:
    """Where letters and e-mails go. Personal data: kept in this one place of a case.

    ``summary_language`` is the code of the language in which letters are to be summarised as well.
    """

    attention: str | None
    street: str
    house_number: str
    postcode: str
    city: str
    email: str
    summary_language: str | None = None


@dataclass(frozen=True)
class Case:
    """All that the rules look at: what was stated, for which call, filed and assessed on which business dates."""

    call: Call
    applicant: Applicant
    project: Project
    finance_plan: FinancePlan
    filed_on: date
    assessed_on: date
