"""One platform for all flows, on the session's servers: its people, its gateway, its topics."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from tests.harness.allocation import with_policy
from tests.harness.bus import PATIENCE_SECONDS, Bus, Place, accounts_in, balanced
from tests.harness.cases import BUDGET
from tests.harness.door import Door
from tests.harness.office import Office
from tests.harness.size import size
from tests.harness.told import told_by_kafka_since, told_since, without_own_clients

from kfi_stack.databases import service_roles
from kfi_stack.demo.allocating import Allocating
from kfi_stack.demo.observer import Observer
from kfi_stack.demo.people import People, programs_of_towns
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.servers import Servers
from kfi_stack.session_servers import SessionServers
from kfi_stack.supervisor import Supervisor

FOLDERS = pytest.StashKey[tuple[Path, Path]]()
"""Where the platform and the servers of the session keep their logs."""
pytest.register_assert_rewrite("tests.harness.aftermath", "tests.harness.load", "tests.harness.stream")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is marked nightly runs in that size alone; the restore drill, which accounts for all topics, comes first."""
    left_out = [item for item in items if size(short=True, nightly=False) and item.get_closest_marker("nightly")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.path.name != "test_restore.py")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails on the platform shows what the services logged meanwhile."""
    report = yield
    folders = item.config.stash.get(FOLDERS, None)
    if report.failed and folders is not None and item.get_closest_marker("stack"):
        of_platform, of_servers = folders
        report.sections = [(name, without_own_clients(text)) for name, text in report.sections]
        report.sections.append(("What the services logged", told_since(of_platform / "logs", call.start)))
        report.sections.append(("What Kafka logged", told_by_kafka_since(of_servers, call.start)))
    return report


@pytest.fixture(scope="session")
def platform(
    postgres: Any,
    kafka: Any,
    session_servers: SessionServers,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("platform")
    pytestconfig.stash[FOLDERS] = (folder, session_servers.folder)
    passwords = {}
    for name in SERVICES:  # the same passwords as for other tests of the session: roles belong to the whole server
        urls = postgres.create_database(f"kfi_{name}", *service_roles(name))
        for url in (urls.owner_url, urls.runtime_url):
            account = urlsplit(url)
            passwords[account.username] = unquote(account.password or "")
    (folder / "passwords.json").write_text(json.dumps(passwords))
    with Supervisor() as supervisor:
        platform = Platform(folder, Servers(postgres.admin_url, kafka), supervisor, say=lambda _: None)
        platform.start(budget=BUDGET)
        yield platform
        for service in platform.services.values():  # promised to hold at the end, whatever the tests did
            assert _unbalanced(service.url) == {}, f"the accounts of {service.name} do not add up"


def _unbalanced(url: str) -> dict[Place, Counter[str]]:
    """The accounts that do not add up, once no batch is in flight any more; a batch may take some seconds."""
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        accounts = accounts_in(httpx2.get(f"{url}/metrics", timeout=10).raise_for_status().text)
        wrong = {place: account for place, account in accounts.items() if not balanced(account)}
        if not wrong or monotonic() > deadline:
            return wrong
        sleep(0.1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bus(platform: Platform) -> AsyncIterator[Bus]:
    settings = platform.servers.kafka.client_settings()
    admin = AIOKafkaAdminClient(**settings)
    reader = AIOKafkaConsumer(**settings)
    await asyncio.gather(admin.start(), reader.start())
    yield Bus(platform, admin, reader)
    await asyncio.gather(admin.close(), reader.stop())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def people(platform: Platform) -> AsyncIterator[People]:
    async with People.at(platform) as people:
        yield people


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def office(platform: Platform, people: People) -> AsyncIterator[Office]:
    consumer = AIOKafkaConsumer(**platform.servers.kafka.client_settings(), auto_offset_reset="earliest")
    async with Observer(consumer) as observer:
        yield Office(people, observer, platform.calendar)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def steps(platform: Platform, office: Office) -> AsyncIterator[Allocating]:
    async with programs_of_towns(platform) as towns:
        yield await with_policy(Allocating(office.people, towns), office.calendar.today().isoformat())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def door(platform: Platform) -> AsyncIterator[Door]:
    async with httpx2.AsyncClient(base_url=platform.gateway_url, timeout=20) as http:
        yield Door(platform, http)
