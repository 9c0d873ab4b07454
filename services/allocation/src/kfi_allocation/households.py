"""Households in the database: members and contact under a key of their own, everything in few statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, bindparam, insert, select, update

from kfi_allocation.arrival_tables import ARRIVAL_ENTRY, HOUSEHOLD
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.household import NO_CONTACT, Contact, Household, Member
from kfi_allocation.domain.placement_states import State
from kfi_allocation.placement_tables import PLACEMENT
from kfi_allocation.tables import PERSONS
from kfi_chassis.among import among
from kfi_chassis.privacy.keys import PersonKey
from kfi_chassis.privacy.persons import Key
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "household"
_MEMBERS: Final = TypeAdapter(tuple[Member, ...])
_CONTACT: Final = TypeAdapter(Contact)
_PERSONAL: Final = frozenset({"members", "contact"})
_PLAIN: Final = tuple(field.name for field in fields(Household) if field.name not in {*_PERSONAL, "group"})
_SETS: Final = {"needs": frozenset, "languages": tuple, "wishes": tuple}
_KEY: Final = PERSONS.person_key
_ROWS: Final = select(HOUSEHOLD, _KEY.c.kid, _KEY.c.wrapped).outerjoin_from(
    HOUSEHOLD, _KEY, _KEY.c.person == HOUSEHOLD.c.id
)
_LIVE: Final = (HOUSEHOLD.c.cancelled_on.is_(None), HOUSEHOLD.c.erased_on.is_(None))
_CHANGED: Final = update(HOUSEHOLD).where(
    HOUSEHOLD.c.id == bindparam("wanted"), HOUSEHOLD.c.version == bindparam("loaded")
)

_FORGOTTEN: Final = update(ARRIVAL_ENTRY).where(ARRIVAL_ENTRY.c.household_id == bindparam("wanted")).values(changes={})


class UnknownHousehold(LookupError):
    """There is no such household, or none this reader may know of."""


class Households:
    """The households of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def get(self, household_id: UUID) -> Household:
        """The household to read. Raises UnknownHousehold."""
        found = await self._all(_ROWS.where(HOUSEHOLD.c.id == household_id))
        if not found:
            raise UnknownHousehold
        return found[0]

    async def get_to_change(self, household_id: UUID, version: int | None = None) -> Household:
        """The household, locked until the transaction ends.

        Raises UnknownHousehold, and VersionConflict at once when somebody saved it since ``version``.
        """
        found = await self._all(_ROWS.where(HOUSEHOLD.c.id == household_id).with_for_update(of=HOUSEHOLD))
        if not found:
            raise UnknownHousehold
        if version is not None and found[0].version != version:
            raise VersionConflict(retry=False)
        return found[0]

    async def many(self, ids: Collection[UUID]) -> Sequence[Household]:
        """Those of these ids that there are, in the order of receipt."""
        return await self._all(_ROWS.where(among(HOUSEHOLD.c.id, ids)).order_by(HOUSEHOLD.c.position))

    async def waiting(self, list_ids: Collection[UUID] | None = None) -> Sequence[Household]:
        """All whose placement waits for a first town, as they were received; with ``list_ids`` only of these."""
        asked = _ROWS.join(PLACEMENT, PLACEMENT.c.id == HOUSEHOLD.c.id).where(
            PLACEMENT.c.state == State.ANNOUNCED.value, *_LIVE
        )
        if list_ids is not None:
            asked = asked.where(among(HOUSEHOLD.c.list_id, list_ids))
        return await self._all(asked.order_by(HOUSEHOLD.c.position))

    async def page(self, *, list_id: UUID | None, after: int | None, rows: int) -> Sequence[tuple[int, Household]]:
        """Some households with their place in the order of receipt."""
        asked = _ROWS.order_by(HOUSEHOLD.c.position).limit(rows)
        if list_id is not None:
            asked = asked.where(HOUSEHOLD.c.list_id == list_id)
        if after is not None:
            asked = asked.where(HOUSEHOLD.c.position > after)
        return [(row.position, self._household(row)) for row in await self._work.connection.execute(asked)]

    async def live(self, source: str, references: Collection[str], *, locked: bool = False) -> Mapping[str, Household]:
        """Those of a source that are announced and neither cancelled nor erased, by reference."""
        asked = _ROWS.where(HOUSEHOLD.c.source == source, among(HOUSEHOLD.c.reference, references), *_LIVE)
        asked = asked.order_by(HOUSEHOLD.c.id)
        found = await self._all(asked.with_for_update(of=HOUSEHOLD) if locked else asked)
        return {each.reference: each for each in found}

    async def add(self, household: Household) -> None:
        """Store a new household under a key of its own."""
        await self.add_all([household])

    async def add_all(self, households: Sequence[Household]) -> None:
        """Store new households, as many as a portion of a list has, in one statement."""
        if households:
            keys = await self._work.persons.keys_to_write(each.id for each in households)
            rows = [_values(each, keys[each.id]) for each in households]
            await self._work.connection.execute(insert(HOUSEHOLD), rows)

    async def save(self, household: Household) -> None:
        """Store what changed since it was loaded with the version before. Raises VersionConflict, PersonErased.

        With an erased household goes what lists changed of it.
        """
        key = None if household.erased_on is not None else await self._work.persons.key(household.id)
        changed = await self._work.connection.execute(_CHANGED, _change(household, key))
        if changed.rowcount == 0:
            raise VersionConflict
        if key is None:
            await self._work.connection.execute(_FORGOTTEN, {"wanted": household.id})

    async def save_all(self, locked: Sequence[Household]) -> None:
        """Store what changed in households that were locked when they were loaded, in one statement.

        Raises PersonErased; an erased household is stored by `save`.
        """
        if locked:
            keys = await self._work.persons.keys_to_write(each.id for each in locked)
            await self._work.connection.execute(_CHANGED, [_change(each, keys[each.id]) for each in locked])

    async def _all(self, asked: Select[Any]) -> Sequence[Household]:
        return [self._household(row) for row in await self._work.connection.execute(asked)]

    def _household(self, row: Row[Any]) -> Household:
        plain = {name: getattr(row, name) for name in _PLAIN}
        plain |= {name: kind(plain[name]) for name, kind in _SETS.items()}
        key = self._work.persons.opened(row.id, row.kid, row.wrapped)
        members, contact = _personal(row, key)
        return Household(**plain, group=Group(row.group_code), members=members, contact=contact)


def _personal(row: Row[Any], key: Key) -> tuple[tuple[Member, ...], Contact]:
    if not isinstance(key, PersonKey):
        return (), NO_CONTACT
    return (
        _MEMBERS.validate_json(key.decrypt(HOUSEHOLD.c.members, row.id, row.members)),
        _CONTACT.validate_json(key.decrypt(HOUSEHOLD.c.contact, row.id, row.contact)),
    )


def _change(household: Household, key: PersonKey | None) -> dict[str, Any]:
    """The row, for a household that was loaded with the version before."""
    return _values(household, key) | {"wanted": household.id, "loaded": household.version - 1}


def _values(household: Household, key: PersonKey | None) -> dict[str, Any]:
    """The row; of an erased household nothing personal is left to encrypt."""
    plain = {name: getattr(household, name) for name in _PLAIN}
    plain |= {"needs": sorted(household.needs), "languages": list(household.languages), "group_code": household.group}
    plain |= {"wishes": list(household.wishes), "members": b"", "contact": b""}
    if key is not None:
        members, contact = _MEMBERS.dump_json(household.members), _CONTACT.dump_json(household.contact)
        plain["members"] = key.encrypt(HOUSEHOLD.c.members, household.id, members)
        plain["contact"] = key.encrypt(HOUSEHOLD.c.contact, household.id, contact)
    return plain
