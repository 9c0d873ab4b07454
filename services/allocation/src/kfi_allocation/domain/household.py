"""A household as it was announced: who comes, what they need, whom they want to be near. It is never divided."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from kfi_allocation.domain.groups import Group

MOST_PERSONS: Final = 39
"""The largest household the instance format takes; a larger one is a mistake in a list."""


class Kinship(StrEnum):
    """What a member is to the person the household is listed under."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the household; what a list does not say is empty."""

    last_name: str = ""
    first_name: str = ""
    born_on: date | None = None
    kinship: Kinship | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the household can be reached; what a list does not say is empty.

    ``residence`` is the AGS of the municipality in which that is, when it lies in the state; it decides on the court.
    """

    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    email: str = ""
    phone: str = ""
    residence: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is known."""
        return not any(getattr(self, field.name) for field in fields(self))


NO_CONTACT: Final = Contact()


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a list says about one household, checked as a whole.

    ``reference`` is its number at whoever sends the lists and names no person. ``needs`` are words that towns offer.
    ``must_join``: core family that goes to ``relatives_in`` and nowhere else. ``wishes`` are towns, the dearest first.
    """

    reference: str
    group: Group
    persons: int
    adults: int
    children: int
    school_children: int
    needs: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    relatives_in: str | None = None
    must_join: bool = False
    wishes: tuple[str, ...] = ()
    arrival_on: date | None = None
    charter: str | None = None
    members: tuple[Member, ...] = ()
    contact: Contact = NO_CONTACT


@dataclass(frozen=True, slots=True)
class Household:
    """A household that was announced; its placement has the same id.

    ``list_id`` is the list it was first announced on, whose corrections change it. Members and contact are personal.
    """

    id: UUID
    list_id: UUID
    source: str
    reference: str
    group: Group
    persons: int
    adults: int
    children: int
    school_children: int
    needs: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    relatives_in: str | None = None
    must_join: bool = False
    wishes: tuple[str, ...] = ()
    arrival_on: date | None = None
    charter: str | None = None
    members: tuple[Member, ...] = ()
    contact: Contact = NO_CONTACT
    announced_on: date | None = None
    cancelled_on: date | None = None
    erased_on: date | None = None
    version: int = 1

    @classmethod
    def announced(cls, household_id: UUID, said: Announcement, *, list_id: UUID, source: str, on: date) -> Self:
        """A household nobody knew before."""
        return cls(household_id, list_id, source, **_facts(said), announced_on=on)

    def differs_from(self, said: Announcement) -> tuple[str, ...]:
        """The names of what a list says otherwise, in the order of the fields; none when nothing changes."""
        return tuple(name for name in FACTS if getattr(self, name) != getattr(said, name))

    def amended(self, said: Announcement) -> Self:
        """The household as a later list describes it; whom it is and which list announced it stay."""
        return replace(self, **_facts(said), version=self.version + 1)

    def cancelled(self, on: date) -> Self:
        """The household that will not come."""
        return replace(self, cancelled_on=on, version=self.version + 1)

    def erased(self, on: date) -> Self:
        """What is left when its personal data goes: numbers and days, no need, no language, no place of relatives."""
        return replace(
            self, needs=frozenset(), languages=(), relatives_in=None, must_join=False, wishes=(), members=(),
            contact=NO_CONTACT, erased_on=on, version=self.version + 1,
        )  # fmt: skip


FACTS: Final = tuple(field.name for field in fields(Announcement))
"""What a list says of a household, in the order of its fields."""


def _facts(said: Announcement) -> Mapping[str, Any]:
    return {name: getattr(said, name) for name in FACTS}
