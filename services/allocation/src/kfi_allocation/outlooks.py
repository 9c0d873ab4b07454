"""Outlooks in the database: computed for all towns at once, stored where a town is told otherwise than before."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, select, text, true
from sqlalchemy.dialects.postgresql import insert

from kfi_allocation.domain.outlook.expected import Figures
from kfi_allocation.domain.outlook.forecast import Span, TownOutlook, last_day
from kfi_allocation.domain.outlook.ranges import Range
from kfi_allocation.outlook_tables import OUTLOOK, OUTLOOK_BASIS
from kfi_chassis.work import Work

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('outlook', 0))")


_WITH_BASIS: Final = select(OUTLOOK, *(column for column in OUTLOOK_BASIS.c if column.name != "single")).join_from(
    OUTLOOK, OUTLOOK_BASIS, true()
)


class NoOutlookYet(LookupError):
    """Nothing was computed yet for this town."""


@dataclass(frozen=True, slots=True)
class Basis:
    """From what all outlooks were computed; the digest is that of all that went in."""

    as_of: date
    computed_at: datetime
    policy_version: str
    method: str
    digest: str


@dataclass(frozen=True, slots=True)
class StoredOutlook:
    """What a town is told, since when, and from what it was computed last."""

    outlook: TownOutlook
    version: int
    changed_at: datetime
    basis: Basis


class Outlooks:
    """The outlooks of one transaction."""

    def __init__(self, work: Work) -> None:
        self._connection = work.connection

    async def basis(self) -> Basis | None:
        """From what the stored ones were computed; None before the first time."""
        row = (await self._connection.execute(select(OUTLOOK_BASIS))).one_or_none()
        if row is None:
            return None
        return Basis(row.as_of, row.computed_at, row.policy_version, row.method, row.digest)

    async def of_town(self, ags: str) -> StoredOutlook:
        """The outlook of a town. Raises NoOutlookYet."""
        found = await self._stored(OUTLOOK.c.ags == ags, limit=1)
        if not found:
            raise NoOutlookYet
        return found[0]

    async def page(self, after: str, limit: int) -> Sequence[StoredOutlook]:
        """The outlooks of the next towns by AGS."""
        return await self._stored(OUTLOOK.c.ags > after, limit=limit)

    async def store(self, computed: Sequence[TownOutlook], basis: Basis) -> int:
        """Put them in the place of the earlier ones; how many towns are told otherwise than before."""
        await self._connection.execute(_ONE_AT_A_TIME)
        told = {row.ags: row for row in await self._connection.execute(select(OUTLOOK))}
        rows = [
            {
                "ags": one.ags,
                "version": told[one.ags].version + 1 if one.ags in told else 1,
                "changed_at": basis.computed_at,
                "spans": [_document(span) for span in one.spans],
            }
            for one in computed
        ]
        changed = [row for row in rows if row["ags"] not in told or told[row["ags"]].spans != row["spans"]]
        if changed:
            await self._connection.execute(_replacing(OUTLOOK, "ags"), changed)
        await self._connection.execute(_replacing(OUTLOOK_BASIS, "single"), [asdict(basis) | {"single": True}])
        return len(changed)

    async def _stored(self, which: Any, *, limit: int) -> list[StoredOutlook]:
        rows = await self._connection.execute(_WITH_BASIS.where(which).order_by(OUTLOOK.c.ags).limit(limit))
        return [_outlook_of(row) for row in rows]


def _replacing(table: Any, key: str) -> Any:
    """Add rows, or replace those that are there."""
    adding = insert(table)
    return adding.on_conflict_do_update(
        index_elements=[key],
        set_={column.name: adding.excluded[column.name] for column in table.c if column.name != key},
    )


def _outlook_of(row: Row[Any]) -> StoredOutlook:
    basis = Basis(row.as_of, row.computed_at, row.policy_version, row.method, row.digest)
    spans = tuple(_span(document, basis.as_of) for document in row.spans)
    return StoredOutlook(TownOutlook(row.ags, spans), row.version, row.changed_at, basis)


def _document(span: Span) -> dict[str, Any]:
    """Without its last day, which moves on by itself: a town is told nothing else by that."""
    ranges = {measure: [held.least, held.most] for measure, held in span.ranges.items()}
    return {"weeks": span.weeks, "certain": asdict(span.certain), "ranges": ranges}


def _span(document: Mapping[str, Any], as_of: date) -> Span:
    ranges = {measure: Range(*ends) for measure, ends in document["ranges"].items()}
    return Span(document["weeks"], last_day(as_of, document["weeks"]), Figures(**document["certain"]), ranges)
