"""Published accounts in the database: what was published stays as it was, known by its digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select

from kfi_allocation.policy_tables import QUOTA_PUBLICATION
from kfi_chassis.work import Work
from kfi_contracts.allocation import QuotaPublished

AGGREGATE: Final = "quota-publication"


class UnknownPublication(LookupError):
    """There is no such publication."""


@dataclass(frozen=True)
class Publication:
    """The account of all towns as it was published; `digest` is the SHA-256 of the document in canonical JSON."""

    id: UUID
    as_of: date
    policy_version: str
    digest: str
    document: Mapping[str, Any]
    published_on: date


class Publications:
    """The publications of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, one: Publication) -> None:
        """Store a publication and tell of it."""
        values = {
            "id": one.id, "as_of": one.as_of, "policy_version": one.policy_version, "digest": one.digest,
            "document": dict(one.document), "published_by": self._work.actor.person,
            "published_on": one.published_on,
        }  # fmt: skip
        await self._work.connection.execute(insert(QUOTA_PUBLICATION).values(values))
        details = {"as_of": one.as_of.isoformat(), "digest": one.digest}
        self._work.audit.add(aggregate=AGGREGATE, aggregate_id=one.id, version=1, action="publish", details=details)
        event = QuotaPublished(
            publication_id=one.id, as_of=one.as_of, policy_version=one.policy_version, digest=one.digest
        )
        self._work.outbox.add(event, sequence=1)

    async def get(self, publication_id: UUID) -> Publication:
        """The publication. Raises UnknownPublication."""
        found = select(QUOTA_PUBLICATION).where(QUOTA_PUBLICATION.c.id == publication_id)
        row = (await self._work.connection.execute(found)).one_or_none()
        if row is None:
            raise UnknownPublication
        return _publication(row)

    async def page(self, *, before: int | None, rows: int) -> Sequence[tuple[int, Publication]]:
        """Some publications with their place, the last first."""
        found = select(QUOTA_PUBLICATION).order_by(QUOTA_PUBLICATION.c.position.desc()).limit(rows)
        if before is not None:
            found = found.where(QUOTA_PUBLICATION.c.position < before)
        return [(row.position, _publication(row)) for row in await self._work.connection.execute(found)]


def _publication(row: Row[Any]) -> Publication:
    return Publication(row.id, row.as_of, row.policy_version, row.digest, row.document, row.published_on)
