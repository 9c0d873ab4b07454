"""`kfi dead-letters`, as an operator types it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.declaration import Service
from kfi_chassis.desk import command_line
from kfi_chassis.settings import ServiceSettings
from kfi_chassis.testkit.delivery import deliver, records_of
from kfi_chassis.testkit.events import Happened


class DeskSettings(ServiceSettings):
    service: str = "testkit"


@dataclass
class EntryPoint:
    name: str
    load: Callable[[], Any]


@pytest.fixture
def mended() -> list[bool]:
    return []


@pytest.fixture
def service(
    database: Any, happened: Any, mended: list[bool], monkeypatch: pytest.MonkeyPatch
) -> Service[DeskSettings, Any]:
    consumer = Consumer(f"group-{uuid4().hex[:8]}")

    @consumer.on(happened, hold_key=True)
    async def note(event: Happened, work: Any) -> None:
        if event.number < 0 and not mended:
            raise Unprocessable("negative_number")
        await work.note(event)

    work_class = database.transactions._work_class
    made = Service(
        name="testkit",
        package="kfi_testkit",
        settings_class=DeskSettings,
        work_class=work_class,
        build_routers=list,
        consumer=consumer,
    )
    environment = {"DATABASE_URL": database.url, "KAFKA_BOOTSTRAP": "127.0.0.1:9", "HTTP_PORT": "0"}
    for name, value in {**environment, "ISSUER": "i", "JWKS_URL": "http://127.0.0.1:9", "PROFILE": "test"}.items():
        monkeypatch.setenv(f"KFI_{name}", value)
    points = [EntryPoint("testkit", lambda: made)]
    monkeypatch.setattr(command_line, "entry_points", lambda group: points if group == "kfi.services" else [])
    return made


async def kfi(*arguments: str) -> int:
    return await asyncio.to_thread(command_line.main, ["dead-letters", *arguments])


async def park(database: Any, service: Service[Any, Any], event: Any) -> list[str]:
    subject = uuid4()
    records = records_of([event(subject_id=subject, number=number) for number in (-1, 2)])
    assert service.consumer is not None
    await deliver(service.consumer, database.transactions, records)
    return [str(letter.number) for letter in await database.letters(service.consumer.group)]


@pytest.mark.servers
async def test_an_operator_lists_shows_replays_and_discards(
    database: Any, happened: Any, service: Any, mended: list[bool], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = await park(database, service, happened)
    assert await kfi("list", "--service", "testkit") == 0
    assert "negative_number" in capsys.readouterr().out
    assert await kfi("show", first, "--service", "testkit") == 0
    assert happened.type in capsys.readouterr().out

    assert await kfi("replay", first, "--service", "testkit") == 1
    assert f"{first}: failed again, negative_number" in capsys.readouterr().out
    assert await kfi("replay", second, "--service", "testkit") == 1
    assert f"letter {first} holds the same key" in capsys.readouterr().err
    mended.append(True)
    assert await kfi("replay", first, "--service", "testkit") == 0
    assert capsys.readouterr().out == f"{first}: replayed\n{second}: replayed\n"
    assert await database.effects() == [-1, 2]

    mended.clear()
    third, _ = await park(database, service, happened)
    assert await kfi("discard", third, "--reason", "test_data", "--service", "testkit") == 0
    assert await kfi("discard", third, "--reason", "test_data", "--service", "testkit") == 1
    reason = await database.scalar("SELECT resolution_reason FROM dead_letter WHERE resolution = 'discarded'")
    assert reason == "test_data"


@pytest.mark.servers
async def test_a_mistake_is_one_sentence(service: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert await kfi("list", "--service", "nobody") == 2
    assert capsys.readouterr().err == "There is no service 'nobody' here; choose one of: testkit.\n"
    assert await kfi("show", "77", "--service", "testkit") == 1
    assert capsys.readouterr().err == "there is no letter 77\n"
    with pytest.raises(SystemExit) as refused:
        await kfi("discard", "1", "--reason", " ", "--service", "testkit")
    assert refused.value.code == 2


@pytest.mark.servers
async def test_a_database_that_is_away_is_one_sentence(
    service: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KFI_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:9/nothing")
    assert await kfi("list", "--service", "testkit") == 1
    assert capsys.readouterr().err == "The database cannot be reached or used just now; nothing was changed.\n"
