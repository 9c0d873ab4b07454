"""Persons in a database: one key each, found without being read, gone for good when they are erased."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncEngine

from kfi_chassis.database import create_engine
from kfi_chassis.privacy import persons as persons_module
from kfi_chassis.privacy.blind_index import BlindIndex
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.privacy.keys import ERASED, KeyRing, PersonKey
from kfi_chassis.privacy.persons import PersonErased, Persons
from kfi_chassis.privacy.tables import create_person_tables_v1, person_tables

pytestmark = pytest.mark.servers
T = TypeVar("T")
NOTE = Table("note", MetaData(), Column("text", LargeBinary))


class Registry:
    """A database with persons, one transaction at a time."""

    def __init__(self, engine: AsyncEngine, ring: KeyRing) -> None:
        self.engine, self.ring = engine, ring

    async def __call__(self, use: Callable[[Persons], Awaitable[T]]) -> T:
        async with self.engine.begin() as connection:
            return await use(Persons(connection, self.ring))

    async def key(self, person: UUID) -> PersonKey:
        return await self(lambda persons: persons.key(person))

    async def erase(self, person: UUID) -> bool:
        return await self(lambda persons: persons.erase(person))

    async def remember(self, person: UUID, *terms: str) -> None:
        await self(lambda persons: persons.remember(person, self.tokens(*terms)))

    async def found(self, *terms: str, **where: int) -> list[UUID]:
        return [person for _, person in await self(lambda persons: persons.found(self.tokens(*terms), **where))]

    def tokens(self, *terms: str) -> set[bytes]:
        return BlindIndex(self.ring.index_key).tokens("word", *terms)

    async def count(self, table: str) -> int:
        async with self.engine.connect() as connection:
            return int(await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 - ours


@pytest.fixture
async def registry(fresh_database: Any, tmp_path: Path) -> AsyncIterator[Registry]:
    KeyFile.with_a_new_key(tmp_path / "person-keys.json")

    async def create(url: str) -> None:
        engine = create_engine(url)
        async with engine.begin() as connection:
            statements: list[str] = []
            create_person_tables_v1(type("Recorded", (), {"execute": lambda _, sql: statements.append(sql)})())
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    engine = create_engine(fresh_database("persons", create).owner_url)
    yield Registry(engine, KeyRing(tmp_path / "person-keys.json"))
    await engine.dispose()


async def test_a_person_has_one_key_for_all_that_is_stored(registry: Registry) -> None:
    person = uuid4()
    sealed = (await registry.key(person)).encrypt(NOTE.c.text, 1, "Frau Beispiel")
    again = await registry.key(person)
    read = (await registry(lambda persons: persons.keys([person])))[person]
    assert again.text(NOTE.c.text, 1, sealed) == read.text(NOTE.c.text, 1, sealed) == "Frau Beispiel"
    assert await registry.count("person_key") == 1


async def test_two_who_make_a_persons_key_at_once_get_the_same(registry: Registry) -> None:
    person = uuid4()
    keys = await asyncio.gather(*(registry.key(person) for _ in range(5)))
    sealed = keys[0].encrypt(NOTE.c.text, 1, "x")
    assert {key.text(NOTE.c.text, 1, sealed) for key in keys} == {"x"}


async def test_after_the_erasure_nothing_opens_and_nobody_is_found(registry: Registry) -> None:
    person = uuid4()
    sealed = (await registry.key(person)).encrypt(NOTE.c.text, 1, "x")
    await registry.remember(person, "Beispiel")
    assert await registry.erase(person)
    assert (await registry(lambda persons: persons.keys([person])))[person].text(NOTE.c.text, 1, sealed) == ERASED
    assert await registry.found("Beispiel") == []
    assert (await registry.count("blind_index"), await registry.count("person_key")) == (0, 0)
    assert not await registry.erase(person)


async def test_who_was_erased_gets_no_second_key_and_no_search_terms(registry: Registry) -> None:
    person = uuid4()
    await registry.erase(person)
    with pytest.raises(PersonErased):
        await registry.key(person)
    await registry.remember(person, "Beispiel")
    assert await registry.count("blind_index") == 0


@pytest.mark.parametrize("_", range(10))
async def test_an_erasure_beside_the_first_key_leaves_no_key(registry: Registry, _: int) -> None:
    person = uuid4()
    await asyncio.gather(registry.key(person), registry.erase(person), return_exceptions=True)
    assert await registry.count("person_key") == 0


async def test_a_search_wants_all_words_and_shows_the_latest_first(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persons_module, "MANY", 3)
    everybody = [uuid4() for _ in range(9)]
    for number, person in enumerate(everybody):
        await registry.key(person)
        await registry.remember(person, "Verein bunt" if number % 2 else "Verein")
    assert await registry.found("bunt verein") == everybody[7:0:-2]
    assert await registry.found("bunt", most=1) == [everybody[7]]
    [(place, _)] = await registry(lambda persons: persons.found(registry.tokens("bunt"), most=1))
    assert await registry.found("bunt", before=place) == everybody[5:0:-2]
    assert await registry.found("verein unbekannt") == await registry.found() == []


async def test_who_is_remembered_anew_is_not_found_by_what_was_said_before(registry: Registry) -> None:
    person = uuid4()
    await registry.key(person)
    await registry.remember(person, "before")
    await registry.remember(person, "now")
    assert await registry.found("before") == []
    assert await registry.found("now") == [person]


async def test_the_tables_are_those_that_are_declared(registry: Registry) -> None:
    async with registry.engine.connect() as connection:
        for table in vars(person_tables(MetaData())).values():
            await connection.execute(table.select())
