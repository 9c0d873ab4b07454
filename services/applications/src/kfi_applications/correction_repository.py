"""Corrections of decisions; what they say lies under the key of the case's person."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, func, insert, select, update

from kfi_applications.domain.correction import Correction, CorrectionState, CorrectionText
from kfi_applications.tables import CORRECTION
from kfi_chassis.privacy.persons import PersonErased
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "correction"
_TEXT: Final = TypeAdapter(CorrectionText)
_PLAIN: Final = tuple(column.name for column in CORRECTION.c if column.name not in {"state", "text"})


class UnknownCorrection(LookupError):
    """There is no such correction."""


class Corrections:
    """The corrections of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def next_number(self, application_id: UUID) -> int:
        """The number of the next correction of a case, from 1; the case is locked by who asks."""
        counted = select(func.count()).select_from(CORRECTION).where(CORRECTION.c.application_id == application_id)
        return int((await self._work.connection.execute(counted)).scalar_one()) + 1

    async def add(self, correction: Correction) -> None:
        """Store a new correction. Raises PersonErased when the personal data of the case is gone."""
        await self._work.connection.execute(insert(CORRECTION), await self._values(correction))
        self._record(correction, "propose")

    async def get(self, correction_id: UUID) -> Correction:
        """The correction to read. Raises UnknownCorrection, PersonErased."""
        return await self._one(select(CORRECTION).where(CORRECTION.c.id == correction_id))

    async def get_to_change(
        self, application_id: UUID, correction_id: UUID, *, seen_version: int | None = None
    ) -> Correction:
        """The correction of a case, locked. Raises UnknownCorrection, PersonErased, VersionConflict."""
        found = select(CORRECTION).where(
            CORRECTION.c.id == correction_id, CORRECTION.c.application_id == application_id
        )
        correction = await self._one(found.with_for_update())
        if seen_version is not None and correction.version != seen_version:
            raise VersionConflict(retry=False)
        return correction

    async def of_case(self, application_id: UUID) -> Sequence[Correction]:
        """All corrections of a case, the first first."""
        found = select(CORRECTION).where(CORRECTION.c.application_id == application_id).order_by(CORRECTION.c.number)
        return [await self._read(row) for row in await self._work.connection.execute(found)]

    async def save(self, correction: Correction) -> None:
        """Store what changed, with an audit row for each step."""
        correction.version += 1
        changed = update(CORRECTION).where(CORRECTION.c.id == correction.id)
        await self._work.connection.execute(changed.values(await self._values(correction)))
        for step in correction.steps:
            self._record(correction, step)
        correction.steps.clear()

    async def _one(self, found: Select[Any]) -> Correction:
        row = (await self._work.connection.execute(found)).one_or_none()
        if row is None:
            raise UnknownCorrection
        return await self._read(row)

    async def _read(self, row: Row[Any]) -> Correction:
        keys = await self._work.persons.keys({row.application_id})
        text = keys[row.application_id].decrypt(CORRECTION.c.text, row.id, row.text)
        if text is None:
            raise PersonErased
        plain = {name: getattr(row, name) for name in _PLAIN}
        return Correction(**plain, state=CorrectionState(row.state), text=_TEXT.validate_json(text))

    async def _values(self, correction: Correction) -> dict[str, Any]:
        key = await self._work.persons.key(correction.application_id)
        text = key.encrypt(CORRECTION.c.text, correction.id, _TEXT.dump_json(correction.text))
        plain = {name: getattr(correction, name) for name in _PLAIN}
        return plain | {"state": correction.state.value, "text": text}

    def _record(self, correction: Correction, action: str) -> None:
        self._work.audit.add(
            aggregate=AGGREGATE, aggregate_id=correction.id, version=correction.version, action=action,
            reason=correction.failure, details={"application_id": str(correction.application_id)},
        )  # fmt: skip
