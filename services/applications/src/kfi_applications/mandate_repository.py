"""Mandates to stand in, and the caseworkers who have worked here, in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from kfi_applications.domain.mandate import Mandate
from kfi_applications.tables import CASEWORKER, MANDATE
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "mandate"


class UnknownMandate(LookupError):
    """There is no such mandate."""


class Mandates:
    """The mandates of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def represented_by(self, deputy: str, day: date) -> frozenset[str]:
        """The persons for whom the deputy stands in on a day."""
        of_deputy = select(MANDATE).where(
            MANDATE.c.deputy == deputy, MANDATE.c.valid_from <= day, MANDATE.c.valid_until >= day
        )
        found = [_mandate(row) for row in await self._work.connection.execute(of_deputy)]
        return frozenset(mandate.represented for mandate in found if mandate.in_force(day))

    async def page(
        self, *, person: str | None, on: date, after: tuple[date, UUID] | None, rows: int
    ) -> Sequence[Mandate]:
        """Mandates that have not ended by a day, of or for a person, in the order in which they end."""
        found = (
            select(MANDATE)
            .where(MANDATE.c.valid_until >= on, or_(MANDATE.c.revoked_on.is_(None), MANDATE.c.revoked_on > on))
            .order_by(MANDATE.c.valid_until, MANDATE.c.id)
            .limit(rows)
        )
        if person is not None:
            found = found.where(or_(MANDATE.c.represented == person, MANDATE.c.deputy == person))
        if after is not None:
            day, number = after
            later = MANDATE.c.valid_until > day
            found = found.where(or_(later, (MANDATE.c.valid_until == day) & (MANDATE.c.id > number)))
        return [_mandate(row) for row in await self._work.connection.execute(found)]

    async def get(self, mandate_id: UUID) -> Mandate:
        """The mandate. Raises UnknownMandate."""
        row = (await self._work.connection.execute(select(MANDATE).where(MANDATE.c.id == mandate_id))).one_or_none()
        if row is None:
            raise UnknownMandate
        return _mandate(row)

    async def add(self, mandate: Mandate) -> None:
        """Store a new mandate and its audit row."""
        mandate.version = 1
        await self._work.connection.execute(insert(MANDATE).values(**asdict(mandate)))
        self._record(mandate, "grant-mandate")

    async def revoked(self, mandate: Mandate, *, seen_version: int) -> None:
        """Store the revocation and its audit row. Raises VersionConflict when somebody was faster."""
        changed = await self._work.connection.execute(
            update(MANDATE)
            .where(MANDATE.c.id == mandate.id, MANDATE.c.version == seen_version)
            .values(revoked_on=mandate.revoked_on, version=seen_version + 1)
        )
        if changed.rowcount == 0:
            raise VersionConflict(retry=False)
        mandate.version = seen_version + 1
        self._record(mandate, "revoke-mandate")

    def _record(self, mandate: Mandate, action: str) -> None:
        named = ("represented", "deputy", "valid_from", "valid_until")
        details = {name: str(getattr(mandate, name)) for name in named}
        self._work.audit.add(
            aggregate=AGGREGATE, aggregate_id=mandate.id, version=mandate.version, action=action, details=details
        )


class Caseworkers:
    """Who has worked here as a caseworker; the identity provider knows who may, and tells nobody."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def seen(self, person: str) -> None:
        """Note that the person was at work today; once a day, whatever else it does."""
        today = self._work.calendar.today()
        first = insert_or_update(CASEWORKER).values(person=person, last_seen_on=today)
        again = first.on_conflict_do_update(
            index_elements=["person"],
            set_={"last_seen_on": first.excluded.last_seen_on},
            where=CASEWORKER.c.last_seen_on < first.excluded.last_seen_on,
        )
        await self._work.connection.execute(again)

    async def page(self, *, after: str, rows: int) -> Sequence[tuple[str, date]]:
        """Some persons behind a name in their order, each with the day it was last seen."""
        found = select(CASEWORKER).where(CASEWORKER.c.person > after).order_by(CASEWORKER.c.person).limit(rows)
        return [(row.person, row.last_seen_on) for row in await self._work.connection.execute(found)]

    async def know(self, person: str) -> bool:
        """Whether the person has worked here as a caseworker."""
        found = select(CASEWORKER.c.person).where(CASEWORKER.c.person == person)
        return (await self._work.connection.execute(found)).one_or_none() is not None


def _mandate(row: Row[Any]) -> Mandate:
    return Mandate(**row._asdict())
