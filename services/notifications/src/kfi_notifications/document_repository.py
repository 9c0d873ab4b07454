"""The very files that leave the house, in PostgreSQL under the key of the person they name; nothing here commits."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.privacy.keys import PersonKey
from kfi_chassis.privacy.persons import PersonErased, Persons
from kfi_notifications import tables
from kfi_notifications.domain.document import StoredDocument

_DOCUMENT: Final = tables.document.c
_KEY: Final = tables.persons.person_key.c
_PERSON: Final = tables.notification.c.concerns

_KEPT: Final = insert(tables.document)
_ENCRYPTED: Final = (
    update(tables.document)
    .where(_DOCUMENT.notification_id == bindparam("one"))
    .values(content=None, encrypted=bindparam("bytes"))
)
_ROWS: Final = (
    select(tables.document, _PERSON, _KEY.kid, _KEY.wrapped)
    .join(tables.notification, tables.notification.c.id == _DOCUMENT.notification_id)
    .outerjoin(tables.persons.person_key, _KEY.person == _PERSON)
)
_DOCUMENTS: Final = _ROWS.where(_DOCUMENT.notification_id.in_(bindparam("ids", expanding=True)))
_PERSONS: Final = select(tables.notification.c.id, _PERSON).where(
    tables.notification.c.id.in_(bindparam("ids", expanding=True))
)
_IN_THE_OPEN: Final = (
    _ROWS.where(_DOCUMENT.content.is_not(None))
    .order_by(_DOCUMENT.notification_id)
    .with_for_update(of=tables.document, skip_locked=True)
)


class Documents:
    """The files of notifications; written once. Of an erased person there is none any more."""

    def __init__(self, connection: AsyncConnection, persons: Persons, *, encrypted: bool) -> None:
        self._connection = connection
        self._persons = persons
        self._encrypted = encrypted

    async def keep(self, documents: Mapping[UUID, StoredDocument]) -> None:
        """Store the files that will leave the house, by notification. Raises PersonErased."""
        contents = await self._contents({one: document.content for one, document in documents.items()})
        rows = [vars(document) | {"notification_id": one} | contents[one] for one, document in documents.items()]
        await self._connection.execute(_KEPT, rows)

    async def get(self, notification_id: UUID) -> StoredDocument | None:
        """The file of a notification, once it is prepared. Raises PersonErased."""
        found = list(await self._connection.execute(_DOCUMENTS, {"ids": [notification_id]}))
        if not found:
            return None
        document = self._document(found[0])
        if document is None:
            raise PersonErased
        return document

    async def get_all(self, ids: Sequence[UUID]) -> Mapping[UUID, StoredDocument]:
        """The files of those of the notifications that are prepared."""
        rows = {row.notification_id: row for row in await self._connection.execute(_DOCUMENTS, {"ids": ids})}
        read = {one: self._document(row) for one, row in rows.items()}
        return {one: document for one, document in read.items() if document is not None}

    async def digests(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The digests of the files of several notifications."""
        found = select(_DOCUMENT.notification_id, _DOCUMENT.sha256).where(_DOCUMENT.notification_id.in_(ids))
        return {row.notification_id: row.sha256 for row in await self._connection.execute(found)}

    async def encrypt(self, most: int) -> int:
        """Encrypt some files that an older release stored in the open; how many."""
        rows = {row.notification_id: row.content for row in await self._connection.execute(_IN_THE_OPEN.limit(most))}
        for one, bytes_ in (await self._sealed(rows)).items():
            await self._connection.execute(_ENCRYPTED, {"one": one, "bytes": bytes_})
        return len(rows)

    async def _contents(self, contents: Mapping[UUID, bytes]) -> Mapping[UUID, dict[str, bytes | None]]:
        if not self._encrypted:
            return {one: {"content": content, "encrypted": None} for one, content in contents.items()}
        sealed = await self._sealed(contents)
        return {one: {"content": None, "encrypted": bytes_} for one, bytes_ in sealed.items()}

    async def _sealed(self, contents: Mapping[UUID, bytes]) -> Mapping[UUID, bytes]:
        persons = {row.id: row.concerns for row in await self._connection.execute(_PERSONS, {"ids": list(contents)})}
        keys = await self._persons.keys_to_write(persons.values())
        return {one: keys[persons[one]].encrypt(_DOCUMENT.encrypted, one, content) for one, content in contents.items()}

    def _document(self, row: Row[Any]) -> StoredDocument | None:
        content = row.content
        if content is None:
            key = self._persons.opened(row.concerns, row.kid, row.wrapped)
            if not isinstance(key, PersonKey):
                return None
            content = key.decrypt(_DOCUMENT.encrypted, row.notification_id, row.encrypted)
        return StoredDocument(row.media_type, content, row.sha256, row.pages, row.dated_on)
