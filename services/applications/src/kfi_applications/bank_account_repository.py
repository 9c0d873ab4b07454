"""The bank account of a case in the database, under the case's person key."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from kfi_applications.domain.bank_account import BankAccount
from kfi_applications.tables import BANK_ACCOUNT
from kfi_chassis.privacy.keys import PersonKey
from kfi_chassis.privacy.persons import PersonErased
from kfi_chassis.work import Work

_FOUND: Final = select(BANK_ACCOUNT).where(BANK_ACCOUNT.c.application_id == bindparam("wanted"))
_WRITTEN: Final = insert(BANK_ACCOUNT)
_CHANGED: Final = _WRITTEN.on_conflict_do_update(
    index_elements=["application_id"], set_={name: _WRITTEN.excluded[name] for name in ("iban", "owner")}
)


class BankAccounts:
    """The bank accounts of one transaction; a case has one, the last that was stated."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def get(self, application_id: UUID) -> BankAccount | None:
        """The account of a case, None before one was stated. Raises PersonErased."""
        row = (await self._work.connection.execute(_FOUND, {"wanted": application_id})).one_or_none()
        if row is None:
            return None
        key = (await self._work.persons.keys([application_id]))[application_id]
        if not isinstance(key, PersonKey):
            raise PersonErased
        columns = BANK_ACCOUNT.c
        return BankAccount(
            key.text(columns.iban, application_id, row.iban), key.text(columns.owner, application_id, row.owner)
        )

    async def put(self, application_id: UUID, account: BankAccount) -> None:
        """Keep this account and forget the one before. Raises PersonErased."""
        key, columns = await self._work.persons.key(application_id), BANK_ACCOUNT.c
        row = {
            "application_id": application_id,
            "iban": key.encrypt(columns.iban, application_id, account.iban),
            "owner": key.encrypt(columns.owner, application_id, account.owner),
        }
        await self._work.connection.execute(_CHANGED, row)
