"""Whoever watches the topics leaves them in peace, whatever state the broker is in."""

import asyncio
import logging
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from kfi_stack.demo.observer import Observer

pytestmark = pytest.mark.servers
FETCHER = logging.getLogger("aiokafka.consumer.fetcher")
IMPATIENT = {"request_timeout_ms": 1_000, "fetch_max_wait_ms": 30_000, "retry_backoff_ms": 60_000}


async def test_leaving_is_quiet_while_a_fetch_rests_after_an_error(kafka: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = asyncio.Event()
    monkeypatch.setattr(FETCHER, "error", lambda *_: failed.set())
    async with asyncio.timeout(30), Observer(AIOKafkaConsumer(**kafka.client_settings() | IMPATIENT)):
        await failed.wait()
