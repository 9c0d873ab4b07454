"""Policies in the database: the one in force on a day, and each with who stands for it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from kfi_allocation.domain.policy import AllocationPolicy
from kfi_allocation.domain.policy_document import policy_from
from kfi_allocation.domain.policy_record import PolicyRecord, ReturnedBecause, Standing
from kfi_allocation.domain.refusals import NoPolicyInForce, TakenName
from kfi_allocation.policy_tables import POLICY
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "policy"
_IN_FORCE: Final = (POLICY.c.standing == Standing.IN_FORCE.value, POLICY.c.valid_from <= bindparam("day"))
_HOLDING: Final = (
    select(POLICY.c.content).where(*_IN_FORCE).order_by(POLICY.c.valid_from.desc(), POLICY.c.position.desc()).limit(1)
)
_ANY_HOLDS: Final = select(exists().where(*_IN_FORCE))
_NAMED: Final = select(POLICY).where(POLICY.c.name == bindparam("wanted"))
_OF_ID: Final = select(POLICY).where(POLICY.c.id == bindparam("wanted"))
_LOCKED: Final = _NAMED.with_for_update()
_SAVED: Final = update(POLICY).where(POLICY.c.id == bindparam("wanted"))


class UnknownPolicy(LookupError):
    """There is no such policy."""


class Policies:
    """The policies of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def in_force(self, on: date) -> AllocationPolicy:
        """The policy that holds on the day. Raises NoPolicyInForce."""
        content = (await self._work.connection.execute(_HOLDING, {"day": on})).scalar_one_or_none()
        if content is None:
            raise NoPolicyInForce(
                f"No policy is in force on {on}.", fix="Have one drafted, and put into force by another person."
            )
        return policy_from(content)

    async def any_holds(self, on: date) -> bool:
        """Whether some policy holds on the day."""
        return bool((await self._work.connection.execute(_ANY_HOLDS, {"day": on})).scalar_one())

    async def get(self, name: str) -> PolicyRecord:
        """The policy to read. Raises UnknownPolicy."""
        return await self._one(_NAMED, name)

    async def get_by_id(self, policy_id: UUID) -> PolicyRecord:
        """The policy to read. Raises UnknownPolicy."""
        return await self._one(_OF_ID, policy_id)

    async def get_to_change(self, name: str, seen_version: int) -> PolicyRecord:
        """The policy, locked until the transaction ends. Raises UnknownPolicy, VersionConflict at once."""
        record = await self._one(_LOCKED, name)
        if record.version != seen_version:
            raise VersionConflict(retry=False)
        return record

    async def page(self, *, before: int | None, rows: int) -> Sequence[tuple[int, PolicyRecord]]:
        """Some policies with their place, the last drafted first."""
        found = select(POLICY).order_by(POLICY.c.position.desc()).limit(rows)
        if before is not None:
            found = found.where(POLICY.c.position < before)
        return [(row.position, _record(row)) for row in await self._work.connection.execute(found)]

    async def add(self, record: PolicyRecord) -> None:
        """Store a new draft. Raises TakenName."""
        values = _values(record) | {
            "id": record.id, "name": record.policy.version, "valid_from": record.policy.valid_from,
            "content": record.document, "drafted_by": record.drafted_by, "drafted_on": record.drafted_on,
        }  # fmt: skip
        added = insert(POLICY).on_conflict_do_nothing(index_elements=["name"])
        if (await self._work.connection.execute(added, values)).rowcount == 0:
            raise TakenName("There is a policy of this version already.", fix="Choose another name.", field="version")
        self._note(record)

    async def save(self, record: PolicyRecord) -> None:
        """Store the step of a policy that was read to change."""
        await self._work.connection.execute(_SAVED, _values(record) | {"wanted": record.id})
        self._note(record)

    async def _one(self, found: Any, wanted: object) -> PolicyRecord:
        row = (await self._work.connection.execute(found, {"wanted": wanted})).one_or_none()
        if row is None:
            raise UnknownPolicy
        return _record(row)

    def _note(self, record: PolicyRecord) -> None:
        for step in record.steps:
            self._work.audit.add(
                aggregate=AGGREGATE, aggregate_id=record.id, version=record.version, action=step,
                reason=record.returned_because, details={"policy": record.policy.version},
            )  # fmt: skip
        record.steps.clear()


def _values(record: PolicyRecord) -> dict[str, Any]:
    return {
        "standing": record.standing.value,
        "decided_by": record.decided_by,
        "decided_on": record.decided_on,
        "returned_because": record.returned_because and record.returned_because.value,
        "version": record.version,
    }


def _record(row: Row[Any]) -> PolicyRecord:
    return PolicyRecord(
        row.id, policy_from(row.content), row.content, row.drafted_by, row.drafted_on, Standing(row.standing),
        row.decided_by, row.decided_on, row.returned_because and ReturnedBecause(row.returned_because), row.version,
    )  # fmt: skip
