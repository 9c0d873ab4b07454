"""Applications in the database: read with the version that was seen, saved with audit rows and events."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from kfi_applications.domain.application import Application
from kfi_applications.domain.assessment import Assessment
from kfi_applications.domain.case import Addressee, Applicant, FinancePlan, Project
from kfi_applications.domain.decision import Decision, Proposal
from kfi_applications.domain.due_dates import OfficePeriods, set_due_date
from kfi_applications.domain.early_start import EarlyStart
from kfi_applications.domain.information_request import InformationRequest
from kfi_applications.domain.remedies import FailedNotification, Remedies
from kfi_applications.domain.states import State
from kfi_applications.personal_texts import stored, whole
from kfi_applications.published import events_of
from kfi_applications.search_terms import search_terms
from kfi_applications.tables import APPLICATION, FILE_NUMBER, PERSONS
from kfi_chassis.privacy.persons import Key
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "application"
_OFFICE: Final = "36"
_PLAIN: Final = (
    "organisation", "programme", "call", "call_version", "filed_on", "late", "file_number",
    "assignee", "waits_for", "due_on",
    "erased_on", "withdrawn_on", "bank_account_on",
)  # fmt: skip
_DOCUMENTS: Final[dict[str, TypeAdapter[Any]]] = {
    "applicant": TypeAdapter(Applicant),
    "addressee": TypeAdapter(Addressee),
    "project": TypeAdapter(Project),
    "finance_plan": TypeAdapter(FinancePlan),
    "assessment": TypeAdapter(Assessment | None),
    "proposal": TypeAdapter(Proposal | None),
    "decision": TypeAdapter(Decision | None),
    "remedies": TypeAdapter(Remedies),
    "early_start": TypeAdapter(EarlyStart | None),
    "information_requests": TypeAdapter(tuple[InformationRequest, ...]),
    "failed_notifications": TypeAdapter(tuple[FailedNotification, ...]),
}

# Built once: making a statement of twenty columns anew for each request costs as much as running it.
_KEY: Final = PERSONS.person_key
_ROWS: Final = select(APPLICATION, _KEY.c.kid, _KEY.c.wrapped).outerjoin_from(
    APPLICATION, _KEY, _KEY.c.person == APPLICATION.c.id
)
_FOUND: Final = _ROWS.where(APPLICATION.c.id == bindparam("wanted"))
_FOUND_OF: Final = _FOUND.where(APPLICATION.c.organisation == bindparam("owner"))
_ADDED: Final = insert(APPLICATION)
_LOCKED: Final = _FOUND.with_for_update(of=APPLICATION)
_LOCKED_OF: Final = _FOUND_OF.with_for_update(of=APPLICATION)
_IN_THE_OPEN: Final = (
    _ROWS.where(APPLICATION.c.texts.is_(None))
    .order_by(APPLICATION.c.position)
    .with_for_update(of=APPLICATION, skip_locked=True)
)
_CHANGED: Final = update(APPLICATION).where(
    APPLICATION.c.id == bindparam("wanted"), APPLICATION.c.version == bindparam("loaded")
)


class UnknownApplication(LookupError):
    """There is no such application, or none this reader may know of."""


class Applications:
    """The applications of one transaction."""

    def __init__(self, work: Work, periods: OfficePeriods, *, encrypted: bool = True) -> None:
        self._work = work
        self._periods = periods
        self._encrypted = encrypted
        self._keys: dict[UUID, Key] = {}
        self._named: dict[UUID, tuple[str, Addressee]] = {}

    async def get(self, application_id: UUID, *, organisation: str | None = None) -> Application:
        """The application to read; with ``organisation`` only one of its own. Raises UnknownApplication."""
        return await self._one(application_id, organisation, locked=False)

    async def get_to_change(
        self, application_id: UUID, *, seen_version: int | None = None, organisation: str | None = None
    ) -> Application:
        """The application, locked until the transaction ends, so that a second actor is told before anything else.

        Raises UnknownApplication, and VersionConflict at once when somebody saved it since ``seen_version``.
        """
        application = await self._one(application_id, organisation, locked=True)
        if seen_version is not None and application.version != seen_version:
            raise VersionConflict(retry=False)
        return application

    async def _one(self, application_id: UUID, organisation: str | None, *, locked: bool) -> Application:
        any_of, own = (_LOCKED, _LOCKED_OF) if locked else (_FOUND, _FOUND_OF)
        asked: dict[str, object] = {"wanted": application_id} | (
            {} if organisation is None else {"owner": organisation}
        )
        row = (await self._work.connection.execute(any_of if organisation is None else own, asked)).one_or_none()
        if row is None:
            raise UnknownApplication
        return self._application(row)

    async def page(
        self, *, organisation: str | None, state: State | None, before: int | None, rows: int
    ) -> Sequence[tuple[int, Application]]:
        """Some applications with their place in the order of receipt, the newest first."""
        found = _ROWS.order_by(APPLICATION.c.position.desc()).limit(rows)
        if organisation is not None:
            found = found.where(APPLICATION.c.organisation == organisation)
        if state is not None:
            found = found.where(APPLICATION.c.state == state)
        if before is not None:
            found = found.where(APPLICATION.c.position < before)
        return await self._lines(found)

    async def of(self, ids: Sequence[UUID]) -> Sequence[Application]:
        """The applications of these ids that there are, in their order."""
        found = {each.id: each for _, each in await self._lines(_ROWS.where(APPLICATION.c.id.in_(ids)))}
        return [found[each] for each in ids if each in found]

    async def _lines(self, found: Select[Any]) -> Sequence[tuple[int, Application]]:
        return [(row.position, self._application(row)) for row in await self._work.connection.execute(found)]

    async def next_file_number(self, year: int) -> str:
        """The next Aktenzeichen of the year, without gaps: given back when the transaction is rolled back."""
        first = insert_or_update(FILE_NUMBER).values(year=year, last=1)
        counted = first.on_conflict_do_update(index_elements=["year"], set_={"last": FILE_NUMBER.c.last + 1})
        last = (await self._work.connection.execute(counted.returning(FILE_NUMBER.c.last))).scalar_one()
        return f"{_OFFICE}-{year}-{last:04d}"

    async def file_number_was_given(self, file_number: str) -> None:
        """Never give this number again, nor one before it."""
        _, year, number = file_number.split("-")
        first = insert_or_update(FILE_NUMBER).values(year=int(year), last=int(number))
        counted = func.greatest(FILE_NUMBER.c.last, first.excluded.last)
        await self._work.connection.execute(
            first.on_conflict_do_update(index_elements=["year"], set_={"last": counted})
        )

    async def add(self, application: Application) -> None:
        """Store a new application, its audit rows and its events."""
        set_due_date(application, self._work.calendar.today(), self._periods)
        application.version = 1
        first_sequence = application.sequence
        application.sequence += len(application.happened)
        key = self._keys[application.id] = await self._work.persons.new_key(application.id)
        values = _values(application, key, encrypted=self._encrypted)
        await self._work.connection.execute(_ADDED, values | {"id": application.id})
        await self._index(application)
        self._record(application, first_sequence)

    async def save(self, application: Application) -> None:
        """Store what changed, its audit rows and its events. Raises VersionConflict when somebody was faster."""
        set_due_date(application, self._work.calendar.today(), self._periods)
        loaded, first_sequence = application.version, application.sequence
        application.version += 1
        application.sequence += len(application.happened)
        seen = {"wanted": application.id, "loaded": loaded}
        encrypted = self._encrypted or application.erased_on is not None
        values = _values(application, self._keys[application.id], encrypted=encrypted)
        changed = await self._work.connection.execute(_CHANGED, values | seen)
        if changed.rowcount == 0:
            raise VersionConflict
        if self._named[application.id] != _names(application) and application.erased_on is None:
            await self._index(application)
        self._record(application, first_sequence)

    async def encrypt(self, most: int) -> int:
        """Encrypt the texts of some cases that an older release stored in the open; how many. Versions stay."""
        rows = await self._work.connection.execute(_IN_THE_OPEN.limit(most))
        found = [self._application(row) for row in rows]
        self._keys |= await self._work.persons.keys_to_write(each.id for each in found)
        for each in found:
            texts = stored(each.id, documents_of(each), self._keys[each.id])
            await self._work.connection.execute(_CHANGED, texts | {"wanted": each.id, "loaded": each.version})
            await self._index(each)
        return len(found)

    async def index_anew(self, after: int, most: int) -> int | None:
        """Make the search terms of some cases anew, in the order of receipt; the place of the last, None for none."""
        asked = _ROWS.where(APPLICATION.c.position > after).order_by(APPLICATION.c.position).limit(most)
        asked = asked.with_for_update(of=APPLICATION)
        found = await self._lines(asked)
        for _, each in found:
            if each.erased_on is None and not self._keys[each.id].erased:
                await self._index(each)
        return found[-1][0] if found else None

    async def _index(self, application: Application) -> None:
        """From now on it is found by what it says now."""
        self._named[application.id] = _names(application)
        await self._work.persons.remember(application.id, search_terms(application, self._work.persons.index))

    def _application(self, row: Row[Any]) -> Application:
        plain = {name: getattr(row, name) for name in _PLAIN}
        key = self._keys[row.id] = self._work.persons.opened(row.id, row.kid, row.wrapped)
        read = whole(row, {name: getattr(row, name) for name in _DOCUMENTS}, key)
        documents = {name: adapter.validate_python(read[name]) for name, adapter in _DOCUMENTS.items()}
        application = Application(
            id=row.id, state=State(row.state), version=row.version, sequence=row.sequence, **plain, **documents
        )
        self._named[row.id] = _names(application)
        return application

    def _record(self, application: Application, first_sequence: int) -> None:
        for step in application.steps:
            self._work.audit.add(
                aggregate=AGGREGATE,
                aggregate_id=application.id,
                version=application.version,
                action=step.action,
                reason=step.reason,
                details={"from": step.source or "", "to": step.target, **step.details},
            )
        for sequence, event in enumerate(events_of(application), start=first_sequence + 1):
            self._work.outbox.add(event, sequence=sequence)
        application.steps.clear()
        application.happened.clear()


def _values(application: Application, key: Key, *, encrypted: bool) -> dict[str, Any]:
    plain = {name: getattr(application, name) for name in _PLAIN}
    counters = {"version": application.version, "sequence": application.sequence, "state": application.state.value}
    return plain | stored(application.id, documents_of(application), key if encrypted else None) | counters


def _names(application: Application) -> tuple[str, Addressee]:
    """What a case is found by, apart from what never changes."""
    return application.applicant.name, application.addressee


def documents_of(application: Application) -> dict[str, Any]:
    """The documents of a case as JSON, by the columns that hold them."""
    return {name: adapter.dump_python(getattr(application, name), mode="json") for name, adapter in _DOCUMENTS.items()}
