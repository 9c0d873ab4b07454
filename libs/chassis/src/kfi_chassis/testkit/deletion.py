"""Records that go before anybody has read them."""

from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete


async def delete_before(offset: int, partition: TopicPartition, client_settings: Mapping[str, Any]) -> None:
    """Have Kafka drop what comes before this offset, as an administrator or retention would."""
    admin = AIOKafkaAdminClient(**client_settings)
    await admin.start()
    try:
        await admin.delete_records({partition: RecordsToDelete(offset)})
    finally:
        await admin.close()
