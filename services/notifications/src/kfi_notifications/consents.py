"""Who wants to be told by its inbox: the consent of each organisation, with everything it said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.transient import VersionConflict
from kfi_notifications import tables
from kfi_notifications.domain.consent import Consent

AGGREGATE: Final = "consent"
_OF: Final = select(tables.consent).where(tables.consent.c.organisation == bindparam("asked"))
_OF_LOCKED: Final = _OF.with_for_update()


@dataclass(frozen=True)
class Said:
    """What an organisation once said, through whom and when."""

    given: bool
    changed_on: date
    changed_at: datetime
    account: str
    person: str


class Consents:
    """The consents of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, organisation: str, *, locked: bool = False) -> Consent:
        """What the organisation says now; as long as it said nothing, it has not consented."""
        row = (await self._connection.execute(_OF_LOCKED if locked else _OF, {"asked": organisation})).one_or_none()
        if row is None:
            return Consent(uuid4(), organisation)
        return Consent(row.id, row.organisation, row.given, row.since, row.version)

    async def history(self, consent_id: UUID) -> Sequence[Said]:
        """All it ever said, the first first."""
        table = tables.consent_change.c
        columns = table.given, table.changed_on, table.changed_at, table.account, table.person
        found = select(*columns).where(table.consent_id == consent_id).order_by(table.version)
        return [Said(*row) for row in await self._connection.execute(found)]

    async def save(self, consent: Consent, said: Said) -> None:
        """Store what was said now, beside all that was said before. Raises VersionConflict when another was faster."""
        table, values = tables.consent, vars(consent)
        changed = update(table).where(table.c.id == consent.id, table.c.version == consent.version - 1)
        statement = changed.values(values) if consent.version > 1 else insert_unless(table).on_conflict_do_nothing()
        parameters = None if consent.version > 1 else values
        if (await self._connection.execute(statement, parameters)).rowcount == 0:
            raise VersionConflict(retry=False)
        row = vars(said) | {"consent_id": consent.id, "version": consent.version}
        await self._connection.execute(insert(tables.consent_change), row)
