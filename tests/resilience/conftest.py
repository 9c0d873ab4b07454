"""What the proofs share beside the platform."""

from collections.abc import AsyncIterator

import pytest_asyncio
from tests.harness.bus import Bus
from tests.harness.day import Day, day_at_work
from tests.harness.office import Office

from kfi_stack.postgres_server import PostgresServer
from kfi_stack.running_platform import Platform


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def day(office: Office, bus: Bus, platform: Platform, postgres: PostgresServer) -> AsyncIterator[Day]:
    async with day_at_work(office, bus, platform, postgres) as day:
        yield day
