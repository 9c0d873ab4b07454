"""What calls and budget titles show alike: their versions, and what this reader may do with them."""

from datetime import date
from typing import Any, Final

from pydantic import Field

from kfi_applications.api.views import View
from kfi_applications.domain.master_records import MasterRecord, ReturnedBecause, Standing, Step, Version
from kfi_applications.domain.states import Mover
from kfi_applications.stated import Statement
from kfi_chassis.identity import Principal

PROPOSERS: Final = (Mover.CASEWORKER, Mover.BUDGET_OFFICER)
APPROVERS: Final = (Mover.CASEWORKER, Mover.BUDGET_OFFICER, Mover.SIGNATORY)


class Returned(Statement):
    """Why a version is not approved."""

    reason: ReturnedBecause


class HistoryLine(View):
    """Who stands for a version, and when; persons as in the audit."""

    number: int
    standing: Standing
    proposed_by: str
    proposed_on: date
    decided_by: str | None
    decided_on: date | None
    returned_because: ReturnedBecause | None = Field(description="why it was not approved")

    @classmethod
    def told(cls, version: Version[Any]) -> dict[str, Any]:
        """The members of a line."""
        return {name: getattr(version, name) for name in HistoryLine.model_fields}


def numbers(record: MasterRecord[Any]) -> dict[str, int | None]:
    """Which version is in force, and which waits."""
    return {"in_force": _number(record.in_force), "pending": _number(record.pending)}


def _number(version: Version[Any] | None) -> int | None:
    return None if version is None else version.number


def open_to(reader: Principal, record: MasterRecord[Any]) -> tuple[Step, ...]:
    """The steps this reader may take now."""
    return record.allowed(
        person=reader.person, roles=reader.roles, proposers=frozenset(PROPOSERS), approvers=frozenset(APPROVERS)
    )
