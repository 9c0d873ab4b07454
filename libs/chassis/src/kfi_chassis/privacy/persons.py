"""The persons of one transaction: their keys, their search terms, and their end."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.privacy.blind_index import BlindIndex
from kfi_chassis.privacy.keys import ErasedPerson, KeyRing, PersonKey, WrappedKey
from kfi_chassis.problem import Problem, define

GONE: Final = ErasedPerson()
MANY: Final = 1000
"""Of a term that finds more, the count is not looked at any further."""

# A key is made beside no erasure of the same person: whoever comes second sees what the first one did.
_MADE_BESIDE_NO_ERASURE: Final = text("""
    SELECT pg_advisory_xact_lock_shared(lock) FROM (
        SELECT hashtextextended('person ' || person::text, 0) AS lock
        FROM unnest(CAST(:persons AS uuid[])) AS person ORDER BY lock
    ) AS locks
""")
_ERASED_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('person ' || CAST(:person AS text), 0))")
_ADDED: Final = text("""
    INSERT INTO person_key (person, kid, wrapped)
    SELECT person, kid, wrapped
    FROM unnest(CAST(:persons AS uuid[]), CAST(:kids AS text[]), CAST(:keys AS bytea[])) AS made (person, kid, wrapped)
    WHERE NOT EXISTS (SELECT FROM erased_person WHERE erased_person.person = made.person)
    ORDER BY person
    ON CONFLICT DO NOTHING
    RETURNING person
""")
_FOUND: Final = text("SELECT person, kid, wrapped FROM person_key WHERE person = ANY(CAST(:persons AS uuid[]))")
_INDEXED: Final = text("""
    INSERT INTO blind_index (token, person)
    SELECT token, CAST(:person AS uuid) FROM unnest(CAST(:tokens AS bytea[])) AS token
    WHERE EXISTS (SELECT FROM person_key WHERE person = CAST(:person AS uuid))
    ON CONFLICT DO NOTHING
""")
_FORGOTTEN: Final = text("""
    DELETE FROM blind_index WHERE person = :person AND NOT token = ANY(CAST(:tokens AS bytea[]))
""")
_RAREST_FIRST: Final = text("""
    SELECT token, (
        SELECT count(*) FROM (SELECT FROM blind_index AS found WHERE found.token = term.token LIMIT :many) AS counted
    ) AS hits
    FROM unnest(CAST(:tokens AS bytea[])) AS term (token) ORDER BY hits
""")
_WITH_ALL: Final = text("""
    SELECT first.person, first.number FROM blind_index AS first
    WHERE first.token = :rarest AND first.number < :before AND NOT EXISTS (
        SELECT FROM unnest(CAST(:others AS bytea[])) AS term (token)
        WHERE NOT EXISTS (
            SELECT FROM blind_index AS other WHERE other.token = term.token AND other.person = first.person))
    ORDER BY first.number DESC LIMIT :most
""")
_OTHERWISE_WRAPPED: Final = text("""
    SELECT person, kid, wrapped FROM person_key WHERE kid <> :current ORDER BY person LIMIT :most FOR UPDATE SKIP LOCKED
""")
_WRAPPED_ANEW: Final = text("""
    UPDATE person_key SET kid = made.kid, wrapped = made.wrapped
    FROM unnest(CAST(:persons AS uuid[]), CAST(:kids AS text[]), CAST(:keys AS bytea[])) AS made (person, kid, wrapped)
    WHERE person_key.person = made.person
""")
_COUNTED: Final = text("SELECT kid, count(*) AS persons FROM person_key GROUP BY kid ORDER BY kid")
_KEY_DELETED: Final = text("DELETE FROM person_key WHERE person = :person")
_INDEX_DELETED: Final = text("DELETE FROM blind_index WHERE person = :person")
_ERASED: Final = text("INSERT INTO erased_person (person) VALUES (:person) ON CONFLICT DO NOTHING")
_INDEX_OF_ERASED: Final = text("DELETE FROM blind_index WHERE person IN (SELECT person FROM erased_person)")
_KEYS_OF_ERASED: Final = text("DELETE FROM person_key WHERE person IN (SELECT person FROM erased_person)")
_ERASED_AMONG: Final = text("SELECT person FROM erased_person WHERE person = ANY(CAST(:persons AS uuid[]))")
_LAST: Final = 2**63 - 1

Key = PersonKey | ErasedPerson


class PersonErased(Problem):
    """The person was erased: nothing about it is stored or shown any more."""

    kind = define(
        "person-erased", 410, "The personal data was erased",
        "What was asked for named a person whose data was erased when its time was over.",
        "Nothing can bring it back; what remains of the case can still be read.",
    )  # fmt: skip


class Persons:
    """Keys and search terms of persons, within one transaction."""

    def __init__(self, connection: AsyncConnection, ring: KeyRing) -> None:
        self._connection, self._ring = connection, ring

    @cached_property
    def index(self) -> BlindIndex:
        """Makes the search tokens."""
        return BlindIndex(self._ring.index_key)

    async def key(self, person: UUID) -> PersonKey:
        """The key to encrypt with; made when the person has none yet. Raises PersonErased."""
        return (await self.keys_to_write([person]))[person]

    async def keys_to_write(self, persons: Iterable[UUID]) -> Mapping[UUID, PersonKey]:
        """The keys of several persons, made where there is none. Raises PersonErased when one of them was erased."""
        wanted = set(persons)
        known = {person: key for person, key in (await self.keys(wanted)).items() if isinstance(key, PersonKey)}
        missing = sorted(wanted - known.keys())
        return known if not missing else known | await self._made(missing)

    async def new_key(self, person: UUID) -> PersonKey:
        """The key of a person nobody has heard of before. Raises PersonErased."""
        return (await self._made([person]))[person]

    async def keys(self, persons: Iterable[UUID]) -> Mapping[UUID, Key]:
        """The keys to read with, in one statement; of those who were erased, what says so."""
        wanted = set(persons)
        rows = await self._connection.execute(_FOUND, {"persons": list(wanted)})
        return dict.fromkeys(wanted, GONE) | {
            row.person: self._ring.open(row.person, WrappedKey(row.kid, row.wrapped)) for row in rows
        }

    def opened(self, person: UUID, kid: str | None, wrapped: bytes | None) -> Key:
        """The key that was read beside a row, by an outer join of `person_key`."""
        return GONE if kid is None or wrapped is None else self._ring.open(person, WrappedKey(kid, wrapped))

    async def remember(self, person: UUID, tokens: set[bytes]) -> None:
        """From now on the person is found by these tokens and by no others."""
        asked = {"person": person, "tokens": sorted(tokens)}
        await self._connection.execute(_FORGOTTEN, asked)
        await self._connection.execute(_INDEXED, asked)

    async def found(
        self, tokens: set[bytes], *, before: int | None = None, most: int = 100
    ) -> Sequence[tuple[int, UUID]]:
        """Persons with all of the tokens, the latest first, each with its place to go on after."""
        if not tokens:
            return []
        rarest, *others = await self._rarest_first(tokens) if len(tokens) > 1 else tokens
        which = {"rarest": rarest, "others": others, "before": _LAST if before is None else before, "most": most}
        return [(row.number, row.person) for row in await self._connection.execute(_WITH_ALL, which)]

    async def _rarest_first(self, tokens: set[bytes]) -> list[bytes]:
        terms = await self._connection.execute(_RAREST_FIRST, {"tokens": sorted(tokens), "many": MANY})
        return [term.token for term in terms]

    async def erase(self, person: UUID) -> bool:
        """Delete the key and the search terms for good; False when the person had no key any more."""
        await self._connection.execute(_ERASED_ALONE, {"person": str(person)})
        await self._connection.execute(_ERASED, {"person": person})
        await self._connection.execute(_INDEX_DELETED, {"person": person})
        return bool((await self._connection.execute(_KEY_DELETED, {"person": person})).rowcount)

    async def forget_erased(self) -> int:
        """Delete what a restored backup brought back of persons who were erased; how many had a key again."""
        await self._connection.execute(_INDEX_OF_ERASED)
        return (await self._connection.execute(_KEYS_OF_ERASED)).rowcount

    async def erased_among(self, persons: Iterable[UUID]) -> frozenset[UUID]:
        """Those of the persons who were erased."""
        rows = await self._connection.execute(_ERASED_AMONG, {"persons": list(set(persons))})
        return frozenset(row.person for row in rows)

    async def rewrap(self, most: int) -> int:
        """Wrap some keys with the current key that are wrapped with another; how many. Raises WrappingKeyUnknown."""
        asked = {"current": self._ring.current, "most": most}
        rows = (await self._connection.execute(_OTHERWISE_WRAPPED, asked)).all()
        anew = {row.person: self._ring.rewrap(row.person, WrappedKey(row.kid, row.wrapped)) for row in rows}
        if anew:
            await self._connection.execute(_WRAPPED_ANEW, _columns(anew))
        return len(anew)

    async def count_by_key(self) -> dict[str, int]:
        """How many persons' keys are wrapped with which key."""
        return {row.kid: row.persons for row in await self._connection.execute(_COUNTED)}

    async def _made(self, persons: Sequence[UUID]) -> dict[UUID, PersonKey]:
        await self._connection.execute(_MADE_BESIDE_NO_ERASURE, {"persons": persons})
        made = {person: self._ring.new_key(person) for person in persons}
        columns = _columns({person: wrapped for person, (_, wrapped) in made.items()})
        ours = {row.person for row in await self._connection.execute(_ADDED, columns)}
        theirs = await self.keys(set(made) - ours) if len(ours) < len(made) else {}  # made by another just now
        if any(isinstance(key, ErasedPerson) for key in theirs.values()):
            raise PersonErased
        return {person: made[person][0] for person in ours} | {
            person: key for person, key in theirs.items() if isinstance(key, PersonKey)
        }


def _columns(wrapped: Mapping[UUID, WrappedKey]) -> dict[str, list[object]]:
    return {
        "persons": list(wrapped),
        "kids": [each.kid for each in wrapped.values()],
        "keys": [each.wrapped for each in wrapped.values()],
    }
