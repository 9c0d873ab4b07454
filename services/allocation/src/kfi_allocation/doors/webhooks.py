"""The towns' webhooks in the database: endpoints, their keys, who sends to them now, and the delivery log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, or_, select, update

from kfi_allocation.domain.doors.webhook import MOST_PER_TOWN, Ending, Endpoint, EndpointState, Next, TooManyWebhooks
from kfi_allocation.door_tables import FEED, FEED_ENTRY, WEBHOOK, WEBHOOK_ATTEMPT, WEBHOOK_KEY
from kfi_allocation.doors.sending import Attempt
from kfi_allocation.doors.signatures import Scheme, SigningKey
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "webhook"
SENDER: Final = "webhooks"
"""The worker's step that sends; woken when there may be something to send."""
OVERLAP: Final = timedelta(hours=24)
"""So long a replaced key still signs."""
_LEASE: Final = timedelta(seconds=90)
_PROGRESS: Final = ("state", "ending", "position", "failures", "due_at", "failing_since", "replay_next",
                    "replay_through")  # fmt: skip


class UnknownWebhook(LookupError):
    """The town has no such webhook."""


@dataclass(frozen=True)
class StoredKey:
    """A key of an endpoint."""

    id: UUID
    key: SigningKey
    created_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Logged:
    """One attempt of the delivery log."""

    number: int
    position: int
    event_id: UUID
    replay: bool
    outcome: str
    status: int | None
    milliseconds: int
    what_follows: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """How all endpoints stand together."""

    disabled: int
    oldest_waiting: datetime | None
    """When the oldest event happened that an active endpoint has not taken yet."""


class Webhooks:
    """The webhooks of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, endpoint: Endpoint, contact: str, scheme: Scheme) -> None:
        """Store a new endpoint with its first key. Raises TooManyWebhooks."""
        count = select(func.count()).where(WEBHOOK.c.ags == endpoint.ags)
        if (await self._work.connection.execute(count)).scalar_one() >= MOST_PER_TOWN:
            raise TooManyWebhooks("The town has ten webhooks.", fix="Delete one that is not needed any more.")
        key = await self._work.persons.new_key(endpoint.id)
        row = {name: getattr(endpoint, name) for name in ("id", "ags", "version", *_PROGRESS)}
        row |= {
            "url": key.encrypt(WEBHOOK.c.url, endpoint.id, endpoint.url),
            "contact": key.encrypt(WEBHOOK.c.contact, endpoint.id, contact),
            "created_on": self._work.calendar.today(),
        }
        await self._work.connection.execute(insert(WEBHOOK).values(row))
        await self.add_key(endpoint.id, scheme)
        self._record(endpoint, "add-webhook")

    async def get(self, webhook_id: UUID, ags: str) -> Endpoint:
        """An endpoint of the town. Raises UnknownWebhook."""
        return await self._one(select(WEBHOOK).where(WEBHOOK.c.id == webhook_id, WEBHOOK.c.ags == ags))

    async def get_to_change(self, webhook_id: UUID, ags: str, version: int) -> Endpoint:
        """The same, held until the transaction ends. Raises UnknownWebhook, VersionConflict."""
        found = select(WEBHOOK).where(WEBHOOK.c.id == webhook_id, WEBHOOK.c.ags == ags).with_for_update()
        endpoint = await self._one(found)
        if endpoint.version != version:
            raise VersionConflict(retry=False)
        return endpoint

    async def page(self, ags: str, *, after: int, rows: int) -> Sequence[tuple[int, Endpoint]]:
        """Some endpoints of the town behind a number, in the order in which they came."""
        found = select(WEBHOOK).where(WEBHOOK.c.ags == ags, WEBHOOK.c.number > after)
        read = (await self._work.connection.execute(found.order_by(WEBHOOK.c.number).limit(rows))).all()
        return [(row.number, await self._endpoint(row)) for row in read]

    async def changed(self, endpoint: Endpoint, action: str) -> None:
        """Store what a person did, or an ending, with its audit row."""
        endpoint.version += 1
        values = {name: getattr(endpoint, name) for name in ("version", *_PROGRESS)}
        await self._work.connection.execute(update(WEBHOOK).where(WEBHOOK.c.id == endpoint.id).values(values))
        self._record(endpoint, action)
        self._work.wake(SENDER)

    async def remove(self, endpoint: Endpoint) -> None:
        """Delete the endpoint, its keys and its log; the key under which its address lay goes as well."""
        await self._work.connection.execute(delete(WEBHOOK).where(WEBHOOK.c.id == endpoint.id))
        await self._work.persons.erase(endpoint.id)
        endpoint.version += 1
        self._record(endpoint, "delete-webhook")

    async def contact(self, webhook_id: UUID) -> str | None:
        """Who is told when it is disabled."""
        stored = await self._work.connection.execute(select(WEBHOOK.c.contact).where(WEBHOOK.c.id == webhook_id))
        key = (await self._work.persons.keys([webhook_id]))[webhook_id]
        return None if key.erased else key.text(WEBHOOK.c.contact, webhook_id, stored.scalar_one())

    async def add_key(self, webhook_id: UUID, scheme: Scheme) -> UUID:
        """A new key; those before it end after the overlap. Returns its id."""
        now, key_id, fresh = self._work.clock.now(), uuid4(), SigningKey.new(scheme)
        ending = update(WEBHOOK_KEY).where(WEBHOOK_KEY.c.webhook_id == webhook_id, WEBHOOK_KEY.c.ends_at.is_(None))
        await self._work.connection.execute(ending.values(ends_at=now + OVERLAP))
        key = await self._work.persons.key(webhook_id)
        row = {
            "id": key_id,
            "webhook_id": webhook_id,
            "scheme": scheme.value,
            "secret": key.encrypt(WEBHOOK_KEY.c.secret, key_id, fresh.secret),
            "created_at": now,
        }
        await self._work.connection.execute(insert(WEBHOOK_KEY).values(row))
        return key_id

    async def keys(self, webhook_id: UUID) -> Sequence[StoredKey]:
        """The keys that sign now, the newest first."""
        found = (
            select(WEBHOOK_KEY)
            .where(
                WEBHOOK_KEY.c.webhook_id == webhook_id,
                or_(WEBHOOK_KEY.c.ends_at.is_(None), WEBHOOK_KEY.c.ends_at > self._work.clock.now()),
            )
            .order_by(WEBHOOK_KEY.c.ends_at.desc().nulls_first(), WEBHOOK_KEY.c.created_at.desc())
        )
        rows = (await self._work.connection.execute(found)).all()
        key = (await self._work.persons.keys([webhook_id]))[webhook_id]
        opened = [(row, key.decrypt(WEBHOOK_KEY.c.secret, row.id, row.secret)) for row in rows]
        return [
            StoredKey(row.id, SigningKey(Scheme(row.scheme), secret), row.created_at, row.ends_at)
            for row, secret in opened
            if secret is not None
        ]

    async def claim(self, most: int) -> Sequence[tuple[UUID, UUID]]:
        """Take some endpoints that are due; nobody else sends to them meanwhile. Their ids, and the lease of each."""
        now, lease = self._work.clock.now(), uuid4()
        due = (
            select(WEBHOOK.c.id)
            .join(FEED, FEED.c.ags == WEBHOOK.c.ags)
            .where(
                WEBHOOK.c.state == EndpointState.ACTIVE.value,
                or_(WEBHOOK.c.due_at.is_(None), WEBHOOK.c.due_at <= now),
                or_(WEBHOOK.c.leased_until.is_(None), WEBHOOK.c.leased_until <= now),
                or_(WEBHOOK.c.replay_next.is_not(None), WEBHOOK.c.position < FEED.c.last_position),
            )
            .order_by(WEBHOOK.c.due_at.nulls_first(), WEBHOOK.c.number)
            .limit(most)
            .with_for_update(of=WEBHOOK, skip_locked=True)
        )
        ids = list((await self._work.connection.execute(due)).scalars())
        if ids:
            taken = update(WEBHOOK).where(WEBHOOK.c.id.in_(ids)).values(lease=lease, leased_until=now + _LEASE)
            await self._work.connection.execute(taken)
        return [(each, lease) for each in ids]

    async def held(self, webhook_id: UUID, lease: UUID) -> Endpoint | None:
        """The endpoint, while the lease is ours; None when it was deleted, or taken over by another process."""
        found = select(WEBHOOK).where(WEBHOOK.c.id == webhook_id, WEBHOOK.c.lease == lease).with_for_update()
        row = (await self._work.connection.execute(found)).one_or_none()
        return None if row is None else await self._endpoint(row)

    async def progressed(self, endpoint: Endpoint, *, go_on: bool) -> None:
        """Store where the endpoint stands now; without going on, its lease ends."""
        values: dict[str, Any] = {name: getattr(endpoint, name) for name in _PROGRESS}
        if go_on:
            values["leased_until"] = self._work.clock.now() + _LEASE
        else:
            values |= {"lease": None, "leased_until": None}
        await self._work.connection.execute(update(WEBHOOK).where(WEBHOOK.c.id == endpoint.id).values(values))

    async def log(self, before: Endpoint, event_id: UUID, attempt: Attempt, step: Next) -> None:
        """Add an attempt to the delivery log, to the endpoint as it was before it."""
        row = {
            "webhook_id": before.id,
            "position": before.next_position,
            "event_id": event_id,
            "replay": before.replay_next is not None,
            "failures": before.failures,
            "outcome": attempt.outcome.value,
            "status": attempt.status,
            "milliseconds": attempt.milliseconds,
            "what_follows": step.value,
            "at": self._work.clock.now(),
        }
        await self._work.connection.execute(insert(WEBHOOK_ATTEMPT).values(row))

    async def attempts(self, webhook_id: UUID, *, before: int, rows: int) -> Sequence[Logged]:
        """Some attempts before a number, the latest first."""
        columns = [WEBHOOK_ATTEMPT.c[name] for name in Logged.__dataclass_fields__]
        found = select(*columns).where(WEBHOOK_ATTEMPT.c.webhook_id == webhook_id, WEBHOOK_ATTEMPT.c.number < before)
        latest = found.order_by(WEBHOOK_ATTEMPT.c.number.desc()).limit(rows)
        return [Logged(**row._asdict()) for row in await self._work.connection.execute(latest)]

    async def standing(self) -> Standing:
        """How many endpoints are disabled, and for how long the others wait."""
        disabled = select(func.count()).where(WEBHOOK.c.state == EndpointState.DISABLED.value)
        oldest = (
            select(func.min(FEED_ENTRY.c.occurred_at))
            .join(WEBHOOK, (WEBHOOK.c.ags == FEED_ENTRY.c.ags) & (FEED_ENTRY.c.position == WEBHOOK.c.position + 1))
            .where(WEBHOOK.c.state == EndpointState.ACTIVE.value)
        )
        connection = self._work.connection
        return Standing(
            int((await connection.execute(disabled)).scalar_one()), (await connection.execute(oldest)).scalar_one()
        )

    async def drop_attempts_before(self, moment: datetime) -> None:
        """Shorten the delivery log, and forget keys that ended long ago."""
        await self._work.connection.execute(delete(WEBHOOK_ATTEMPT).where(WEBHOOK_ATTEMPT.c.at < moment))
        await self._work.connection.execute(delete(WEBHOOK_KEY).where(WEBHOOK_KEY.c.ends_at < moment))

    async def _one(self, found: Any) -> Endpoint:
        row = (await self._work.connection.execute(found)).one_or_none()
        if row is None:
            raise UnknownWebhook
        return await self._endpoint(row)

    async def _endpoint(self, row: Row[Any]) -> Endpoint:
        key = (await self._work.persons.keys([row.id]))[row.id]
        known = {name: getattr(row, name) for name in ("id", "ags", "version", *_PROGRESS)}
        known["state"], known["ending"] = EndpointState(row.state), None if row.ending is None else Ending(row.ending)
        return Endpoint(url=key.text(WEBHOOK.c.url, row.id, row.url), **known)

    def _record(self, endpoint: Endpoint, action: str) -> None:
        details = {"ags": endpoint.ags} | ({} if endpoint.ending is None else {"ending": endpoint.ending.value})
        self._work.audit.add(
            aggregate=AGGREGATE,
            aggregate_id=endpoint.id,
            version=endpoint.version,
            action=action,
            details=details,
        )
