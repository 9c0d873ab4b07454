"""The alerts of the allocation service are seen to fire by the real faults they are for, and to fall silent after."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from tests.harness.allocation import Home, announced, list_of
from tests.harness.bus import until
from tests.harness.office import Office
from tests.harness.outages import family_of, frozen
from tests.harness.watch import Watch, needs_prometheus, watch_at

from kfi_stack.databases import connection_to
from kfi_stack.demo.allocating import TOWNS, Allocating, run_path
from kfi_stack.demo.people import DORTMUND, MUENSTER
from kfi_stack.demo.person import Answer
from kfi_stack.doorkeeper import NAME as DOORKEEPER
from kfi_stack.ports import LOOPBACK, free_port
from kfi_stack.running_platform import Platform

pytestmark = [
    pytest.mark.stack,
    pytest.mark.servers,
    pytest.mark.nightly,
    needs_prometheus,
    pytest.mark.asyncio(loop_scope="session"),
]
THRESHOLDS = {
    "ArrivalListStuck": ("> 900", "> 2"),
    "PlanRunStuck": ("> 900", "> 2"),
    "ObjectionsOld": ("> 7", "> 0"),
    "FeedOld": ("> 300", "> 2"),
    "WebhookOld": ("> 86400", "> 2"),
    "DoorkeeperBehind": ("> 300", "> 2"),
}
OVERLOADED = {"reason": "overloaded", "explanation": "Die Stadt hat keinen Platz."}
UPHELD = {"upheld": False, "explanation": "Das trifft nicht zu."}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watch(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watch]:
    async with watch_at(platform, tmp_path_factory.mktemp("prometheus"), THRESHOLDS) as watch:
        yield watch


async def test_a_solver_stands_still_and_dies(watch: Watch, steps: Allocating, platform: Platform) -> None:
    stuck, failed = {"name": "PlanRunStuck"}, {"name": "PlanRunFailed"}
    await watch.all_fall_silent(stuck, failed)
    listed, _ = await announced(steps, [Home()])
    solvers = await waiting_solvers(platform)
    sent_to(solvers, signal.SIGSTOP)
    run = await steps.started(await steps.frozen(listed))
    await watch.fires(**stuck)
    sent_to(solvers, signal.SIGKILL)
    ended = await steps.ended(run)
    assert ended.document["state"] == "failed"
    await watch.fires(**failed)
    assert (await steps.ended(await steps.started(ended))).document["state"] == "proved"
    await watch.all_fall_silent(stuck, failed)


async def test_a_list_cannot_be_imported(watch: Watch, steps: Allocating, platform: Platform) -> None:
    alert = {"name": "ArrivalListStuck"}
    await watch.falls_silent(**alert)
    read = await steps.listed(list_of([Home()]))
    async with held_by_somebody(platform, "household"):
        importing = asyncio.create_task(steps.imported(read))
        await watch.fires(**alert)
    await importing
    await watch.falls_silent(**alert)


async def test_nobody_gives_positions(watch: Watch, steps: Allocating, platform: Platform) -> None:
    alert = {"name": "FeedOld"}
    await watch.falls_silent(**alert)
    async with held_by_somebody(platform, "feed"):
        await steps.towns[DORTMUND].create(f"{TOWNS}/{DORTMUND}/feed/test-events", {})
        await watch.fires(**alert)
    await watch.falls_silent(**alert)


async def test_an_endpoint_of_a_town_is_away_and_then_gone_for_good(watch: Watch, steps: Allocating) -> None:
    old, disabled = {"name": "WebhookOld"}, {"name": "WebhookDisabled"}
    await watch.all_fall_silent(old, disabled)
    town, port = steps.towns[DORTMUND], free_port()
    asked = {"url": f"http://{LOOPBACK}:{port}/hook", "contact": "it@stadt.example"}
    path = f"{TOWNS}/{DORTMUND}/webhooks/{(await town.create(f'{TOWNS}/{DORTMUND}/webhooks', asked)).document['id']}"
    await town.create(f"{TOWNS}/{DORTMUND}/feed/test-events", {})
    await watch.fires(**old)
    async with answering(port, "410 Gone"):
        await town.act(f"{path}/activation", (await town.get(path)).etag)
        await watch.fires(**disabled)
        await watch.falls_silent(**old)
    async with answering(port, "204 No Content"):
        await town.act(f"{path}/activation", (await town.get(path)).etag)
        await watch.all_fall_silent(old, disabled)


async def test_the_doorkeeper_stands_still(watch: Watch, steps: Allocating, platform: Platform) -> None:
    alert = {"name": "DoorkeeperBehind"}
    await watch.falls_silent(**alert)
    async with frozen(platform.running[DOORKEEPER]):
        await steps.towns[MUENSTER].create(f"{TOWNS}/{MUENSTER}/kafka-door", {})
        await watch.fires(**alert)
    await watch.falls_silent(**alert)


async def test_nobody_decides_about_an_objection(watch: Watch, steps: Allocating, office: Office) -> None:
    alert, planner = {"name": "ObjectionsOld"}, steps.people.planner
    await watch.falls_silent(**alert)
    listed, (household,) = await announced(steps, [Home()])
    await steps.accepted(await proved(steps, listed))
    await steps.act(planner, household, "objection", OVERLOADED)
    office.calendar.move_to(office.calendar.today() + timedelta(days=1))
    await watch.fires(**alert)
    await steps.act(planner, household, "objection-ruling", UPHELD)
    await watch.falls_silent(**alert)


async def proved(steps: Allocating, listed: Answer) -> Answer:
    """A proven plan for the households of the list."""
    ended = await steps.ended(await steps.started(await steps.frozen(listed)))
    assert ended.document["state"] == "proved", ended.document
    return await steps.people.planner.get(run_path(ended))


async def waiting_solvers(platform: Platform) -> list[int]:
    """The solver that is loaded and waits for the next run; the service makes one soon after its start."""

    async def solvers() -> list[int]:
        return family_of(platform.running["allocation"])[1:]

    return await until(solvers, "a solver waits")


def sent_to(processes: Sequence[int], what: signal.Signals) -> None:
    """A signal for each of them."""
    for process in processes:
        os.kill(process, what)


@asynccontextmanager
async def held_by_somebody(platform: Platform, table: str) -> AsyncIterator[None]:
    """Nobody else can write the table within the block."""
    async with connection_to(platform.databases["allocation"].owner_url) as owner, owner.transaction():
        await owner.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield


@asynccontextmanager
async def answering(port: int, status: str) -> AsyncIterator[None]:
    """Whoever asks at this port is answered so."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, LOOPBACK, port):
        yield
