"""Door 3, the town's own topic: CloudEvents in binary mode, attributes in the headers, data in the value."""

import json
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer

from municipality_client.town import Town


def consumer(ags: str, bootstrap: str, username: str, password: str, **options: Any) -> AIOKafkaConsumer:
    """A consumer of the town's topic. The group's name must begin with `municipality.<ags>.`."""
    settings = {
        "bootstrap_servers": bootstrap,
        "group_id": f"municipality.{ags}.example",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": username,
        "sasl_plain_password": password,
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
    }
    return AIOKafkaConsumer(f"municipality.{ags}.v1", **settings | options)


def event_of(headers: list[tuple[str, bytes]], value: bytes) -> dict[str, Any]:
    """The event of a record, in the form in which the other doors tell it."""
    attributes = {name.removeprefix("ce_"): text.decode() for name, text in headers if name.startswith("ce_")}
    return {**attributes, "data": json.loads(value)}


async def read_on(
    reader: AIOKafkaConsumer, town: Town, wait_ms: int = 10_000, save: Callable[[], None] = lambda: None
) -> int:
    """Take in what came and save it; only then tell the broker. Tells how many events were new."""
    new = 0
    for records in (await reader.getmany(timeout_ms=wait_ms)).values():
        new += sum(town.take(event_of(list(record.headers), record.value)) for record in records)
    save()
    await reader.commit()
    return new
