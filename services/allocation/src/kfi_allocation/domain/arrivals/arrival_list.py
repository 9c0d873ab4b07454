"""A list of arrivals (Ankunftsliste): uploaded, read and compared, imported by a person's word, or discarded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from kfi_allocation.domain.arrivals.difference import Difference, Outcome
from kfi_allocation.domain.arrivals.gathering import Said
from kfi_allocation.domain.arrivals.mapping import Encoding, Separator
from kfi_allocation.domain.errors import NotInThisState, RuleBroken


class ListState(StrEnum):
    """Where a list stands. ``received`` and ``importing`` are the service's turn, ``read`` is a planner's."""

    RECEIVED = "received"
    READ = "read"
    UNREADABLE = "unreadable"
    IMPORTING = "importing"
    IMPORTED = "imported"
    DISCARDED = "discarded"


class ListAction(StrEnum):
    """What a planner can do with a list."""

    IMPORT = "import"
    DISCARD = "discard"
    CORRECT = "correct"


class UnknownArrivalList(LookupError):
    """There is no such list."""


class ReadByAnother(Exception):
    """The list was discarded meanwhile, or reading began anew elsewhere; whoever reads it stops."""


class ListNotReadAsSaid(RuleBroken):
    """How the list is to be read was not said, or not in a way the service knows."""

    code = "arrival-list-not-read-as-said"
    title = "It is not said how to read the list"


class ListNotCorrectable(RuleBroken):
    """Only the newest imported list of a chain can be corrected, by a list of the same source."""

    code = "arrival-list-not-correctable"
    title = "This list cannot be corrected"


class CancellationsNotConfirmed(RuleBroken):
    """Importing the list cancels another number of households than was confirmed."""

    code = "cancellations-not-confirmed"
    title = "The number of cancellations was not confirmed"


class ListNotWhole(RuleBroken):
    """The list is surely or perhaps not the whole list."""

    code = "arrival-list-not-whole"
    title = "The list is not whole"


@dataclass(frozen=True, slots=True)
class Found:
    """What reading found: rows and households, mistakes, and the difference to what was known at that moment.

    ``held``: households that are missing on a list that is not whole, so nobody can say that they will not come.
    ``attempt`` counts how often reading began: only the newest one may go on.
    """

    rows: int = 0
    households: int = 0
    persons: int = 0
    errors: int = 0
    warnings: int = 0
    added: int = 0
    amended: int = 0
    cancelled: int = 0
    unchanged: int = 0
    bad: int = 0
    held: int = 0
    attempt: int = 0

    def counting(self, **more: int) -> Self:
        """With so many more."""
        return replace(self, **{name: getattr(self, name) + count for name, count in more.items()})

    def counting_difference(self, difference: Difference) -> Self:
        """With one more household of this difference."""
        return self.counting(**{difference.value: 1})


@dataclass(frozen=True, slots=True)
class Done:
    """What importing did so far, by outcome."""

    added: int = 0
    amended: int = 0
    cancelled: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """Households that are dealt with."""
        return self.added + self.amended + self.cancelled + self.unchanged + self.refused

    def counting(self, outcome: Outcome) -> Self:
        """With one more of this outcome."""
        return replace(self, **{outcome.value: getattr(self, outcome.value) + 1})


@dataclass(frozen=True, slots=True)
class ArrivalList:
    """One list. ``root_id`` is the first list of a chain of corrections; households belong to it.

    ``asked`` is the digest of the file and of all that was said with it: the same again is the same list.
    """

    id: UUID
    root_id: UUID
    source: str
    mapping: str
    mapping_document: Mapping[str, Any]
    kind: str
    encoding: Encoding
    separator: Separator
    said: Said
    size: int
    sha256: str
    asked: str
    uploaded_by: str
    uploaded_on: date
    corrects: UUID | None = None
    state: ListState = ListState.RECEIVED
    version: int = 1
    whole: bool = True
    found: Found = field(default_factory=Found)
    done: Done = field(default_factory=Done)
    ended_on: date | None = None
    file_deleted_on: date | None = None

    def must_be_read_by(self, attempt: int) -> None:
        """Raises ReadByAnother for any attempt to read it but the newest."""
        if (self.state, self.found.attempt) != (ListState.RECEIVED, attempt):
            raise ReadByAnother

    def read(self, *, whole: bool) -> Self:
        """All rows were read; without a household there is nothing to import."""
        self._must_be("read", ListState.RECEIVED)
        state = ListState.READ if self.found.households or self.found.cancelled else ListState.UNREADABLE
        return replace(self, state=state, whole=whole, version=self.version + 1)

    def ordered(self, *, cancellations: int, although_not_whole: bool) -> Self:
        """A planner saw the difference and wants it. Raises NotInThisState, CancellationsNotConfirmed, ListNotWhole."""
        self._must_be("import", ListState.READ)
        if cancellations != self.found.cancelled:
            raise CancellationsNotConfirmed(
                f"Importing this list cancels {self.found.cancelled} households.",
                fix="Look at the changes, and confirm their number.", field="cancellations",
            )  # fmt: skip
        if not self.whole and not although_not_whole:
            raise ListNotWhole(
                "Rows are missing or name no household; see the mistakes.",
                fix="Ask for the whole list, or say that what is there shall come in.", field="although_not_whole",
            )  # fmt: skip
        return replace(self, state=ListState.IMPORTING, version=self.version + 1)

    def imported(self, on: date) -> Self:
        """All households are dealt with."""
        self._must_be("import", ListState.IMPORTING)
        return replace(self, state=ListState.IMPORTED, ended_on=on, version=self.version + 1)

    def discarded(self, on: date) -> Self:
        """Nothing of it comes in. Raises NotInThisState once it was imported."""
        self._must_be("discard", ListState.RECEIVED, ListState.READ, ListState.UNREADABLE)
        return replace(self, state=ListState.DISCARDED, ended_on=on, file_deleted_on=on, version=self.version + 1)

    def without_file(self, on: date) -> Self:
        """The uploaded file and what was read of it are gone; numbers and references stay."""
        return replace(self, file_deleted_on=on, version=self.version + 1)

    @property
    def actions(self) -> tuple[ListAction, ...]:
        """What a planner may do now."""
        if self.state is ListState.READ:
            return (ListAction.IMPORT, ListAction.DISCARD)
        if self.state in (ListState.RECEIVED, ListState.UNREADABLE):
            return (ListAction.DISCARD,)
        return (ListAction.CORRECT,) if self.state is ListState.IMPORTED else ()

    def _must_be(self, action: str, *states: ListState) -> None:
        if self.state not in states:
            raise NotInThisState(
                f"The list is {self.state.value}: {action} is not possible.", fix="Read the list again."
            )
