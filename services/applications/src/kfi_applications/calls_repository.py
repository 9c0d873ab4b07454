"""Calls in the database: the one in force for who applies now, and the one a case was filed under."""

from dataclasses import replace
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, bindparam, select

from kfi_applications.domain.application import Application
from kfi_applications.domain.calls import Call
from kfi_applications.domain.errors import CallNotAccepting, WrongState
from kfi_applications.domain.master_records import Standing, Version
from kfi_applications.domain.programmes.catalogue import Catalogue
from kfi_applications.master_record_repository import MasterRecords
from kfi_applications.tables import MASTER_VERSION
from kfi_chassis.work import Work

KIND: Final = "call"
_CONTENT: Final = TypeAdapter(Call)

_OF_RECORD: Final = select(MASTER_VERSION.c.number, MASTER_VERSION.c.content).where(
    MASTER_VERSION.c.record == bindparam("wanted"), MASTER_VERSION.c.standing == Standing.APPROVED.value
)
_IN_FORCE: Final = _OF_RECORD.order_by(MASTER_VERSION.c.number.desc()).limit(1)
_OF_NUMBER: Final = _OF_RECORD.where(MASTER_VERSION.c.number == bindparam("numbered"))


class Calls:
    """The calls of one transaction."""

    def __init__(self, work: Work, catalogue: Catalogue) -> None:
        self._work = work
        self._catalogue = catalogue
        self.records: MasterRecords[Call] = MasterRecords(work, KIND, _CONTENT)

    async def in_force(self, key: str) -> Call:
        """The call as it holds for who applies now.

        Raises CallNotAccepting for an unknown one, a closed programme, and a closed programme's name.
        """
        self._catalogue.must_not_be_closed(key)
        row = await self._one(_IN_FORCE, key)
        if row is None:
            raise CallNotAccepting("There is no such call.", fix="Choose the key of an open call.", field="call")
        call = _call(row)
        self._catalogue.must_not_be_closed(call.programme)
        return call

    async def of(self, application: Application) -> Call:
        """The call as it held when the application was filed. Raises WrongState for a case of the archive."""
        call = await self.found_of(application)
        if call is None:
            raise WrongState(
                "The call of this case is not here: it is an archive, or its call was not brought in.",
                fix="Read the case; where it is no archive, have the call brought in.",
            )
        return call

    async def found_of(self, application: Application) -> Call | None:
        """The same to read; None for a case of the archive."""
        row = await self._one(_OF_NUMBER, application.call, numbered=application.call_version)
        return None if row is None else _call(row)

    async def _one(self, statement: Any, key: str, **more: object) -> Row[Any] | None:
        asked = {"wanted": self.records.id_of(key), **more}
        return (await self._work.connection.execute(statement, asked)).one_or_none()


def told(version: Version[Call]) -> Call:
    """What a version says, with its number."""
    return replace(version.content, version=version.number)


def _call(row: Row[Any]) -> Call:
    return replace(_CONTENT.validate_python(row.content), version=row.number)
