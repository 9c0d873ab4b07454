"""Who reads history and gives up is told why, whatever state the broker is in."""

import asyncio
import logging
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from kfi_chassis.restore import history
from kfi_chassis.restore.history import History

pytestmark = pytest.mark.servers
IMPATIENT = {"request_timeout_ms": 1_000, "fetch_max_wait_ms": 30_000, "retry_backoff_ms": 60_000}


async def test_why_it_gives_up_is_not_hidden_by_a_fetch_that_rests_after_an_error(
    kafka: Any, topic: Any, kafka_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, failed = AIOKafkaConsumer(**kafka.client_settings() | IMPATIENT), asyncio.Event()
    monkeypatch.setattr(history, "make_reader", lambda _: reader)
    monkeypatch.setattr(logging.getLogger("aiokafka.consumer.fetcher"), "error", lambda *_: failed.set())

    async def read_and_give_up() -> None:
        async with History.opened(kafka_settings, "test", None):
            reader.assign([TopicPartition(topic(1), 0)])
            await failed.wait()
            raise RuntimeError("the reason")

    with pytest.raises(RuntimeError, match="the reason"):
        await asyncio.wait_for(read_and_give_up(), timeout=30)
