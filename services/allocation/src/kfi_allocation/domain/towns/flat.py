"""A flat a town offers: free from a day on, then reserved for a household, taken or withdrawn."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from kfi_allocation.domain.refusals import OfferNotFree


class FlatState(StrEnum):
    """Where the offer of a flat stands."""

    FREE = "free"
    RESERVED = "reserved"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


class FlatStep(StrEnum):
    """What is done to it; the last part of its address, and the action of its audit row."""

    OFFER = "offer"
    CORRECT = "correction"
    RESERVE = "reservation"
    RELEASE = "release"
    TAKE = "occupation"
    WITHDRAW = "withdrawal"


_STEPS = {
    FlatState.FREE: (FlatStep.CORRECT, FlatStep.RESERVE, FlatStep.WITHDRAW),
    FlatState.RESERVED: (FlatStep.RELEASE, FlatStep.TAKE, FlatStep.WITHDRAW),
    FlatState.TAKEN: (),
    FlatState.WITHDRAWN: (),
}


@dataclass(frozen=True, slots=True)
class Size:
    """For how many persons, on how many square metres, without steps or not, and from which day on."""

    persons: int
    square_metres: int
    barrier_free: bool
    free_from: date


@dataclass
class Flat:
    """One flat; `household_id` is whose it is, once it is reserved."""

    id: UUID
    ags: str
    size: Size
    offered_on: date
    state: FlatState = FlatState.FREE
    household_id: UUID | None = None
    version: int = 0
    steps: list[FlatStep] = field(default_factory=list)

    @classmethod
    def offer(cls, flat_id: UUID, ags: str, size: Size, on: date) -> "Flat":
        """The town offers it."""
        flat = cls(flat_id, ags, size, on)
        flat._note(FlatStep.OFFER)
        return flat

    def correct(self, size: Size) -> None:
        """It is another size, or free from another day. Raises OfferNotFree."""
        self._must_allow(FlatStep.CORRECT)
        self.size = size
        self._note(FlatStep.CORRECT)

    def reserve(self, household_id: UUID) -> None:
        """It is kept for a household. Raises OfferNotFree."""
        self._must_allow(FlatStep.RESERVE)
        self.state, self.household_id = FlatState.RESERVED, household_id
        self._note(FlatStep.RESERVE)

    def release(self) -> None:
        """The household needs it no more. Raises OfferNotFree."""
        self._must_allow(FlatStep.RELEASE)
        self.state, self.household_id = FlatState.FREE, None
        self._note(FlatStep.RELEASE)

    def take(self) -> None:
        """The household lives there. Raises OfferNotFree."""
        self._must_allow(FlatStep.TAKE)
        self.state = FlatState.TAKEN
        self._note(FlatStep.TAKE)

    def withdraw(self) -> None:
        """It is lost; a household it was reserved for stays named. Raises OfferNotFree."""
        self._must_allow(FlatStep.WITHDRAW)
        self.state = FlatState.WITHDRAWN
        self._note(FlatStep.WITHDRAW)

    def allowed(self) -> tuple[FlatStep, ...]:
        """The steps open now."""
        return _STEPS[self.state]

    def _must_allow(self, step: FlatStep) -> None:
        if step not in _STEPS[self.state]:
            raise OfferNotFree(f"The flat is {self.state}.", fix="Read it again; it lists the actions allowed now.")

    def _note(self, step: FlatStep) -> None:
        self.version += 1
        self.steps.append(step)
