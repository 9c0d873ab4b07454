"""Produces records by the ten thousand: whole batches at once, each record with the place it came to.

And records no client of ours can write: a header's name is text to all of them, but only bytes to the broker.
"""

import asyncio
import struct
from collections.abc import Sequence
from random import Random
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

from kfi_stack.running_platform import Platform

from .bus import Sent

BATCH_BYTES = 900_000
NO_UTF8, STANDS_FOR_IT = b"\xff\xfe\xc3\x28" * 3, "no-utf8-name"
"""A header of the second name is sent under the first one."""
_CRC, _AFTER_CRC = 17, 21
"""Places in a batch of records (KIP-98)."""
Spot = tuple[int, int]
"""A partition and an offset in it."""


class Flood:
    """A producer that asks nothing of a record: no key, no value, no sense."""

    def __init__(self, platform: Platform, user: str, topic: str) -> None:
        settings = platform.servers.kafka.client_settings(user)
        self._producer = AIOKafkaProducer(**settings, max_batch_size=BATCH_BYTES, max_request_size=2 * BATCH_BYTES)
        self._topic = topic

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def send(self, records: Sequence[Sent], chance: Random) -> dict[Spot, int]:
        """Sends them over all partitions, which the keys do not decide; the index of each record by its place."""
        partitions = sorted(await self._producer.partitions_for(self._topic))
        shares: dict[int, list[int]] = {partition: [] for partition in partitions}
        for index in range(len(records)):
            shares[chance.choice(partitions)].append(index)
        sent = [self._to_partition(number, share, records) for number, share in shares.items()]
        return {spot: index for part in await asyncio.gather(*sent) for spot, index in part.items()}

    async def _to_partition(self, partition: int, share: Sequence[int], records: Sequence[Sent]) -> dict[Spot, int]:
        placed: dict[Spot, int] = {}
        while len(placed) < len(share):
            rest = share[len(placed) :]
            batch, taken = self._batch(rest, records)
            offset = (await (await self._producer.send_batch(batch, self._topic, partition=partition))).offset
            placed |= {(partition, offset + place): index for place, index in enumerate(rest[:taken])}
        return placed

    def _batch(self, indices: Sequence[int], records: Sequence[Sent]) -> tuple[Any, int]:
        batch, taken = self._producer.create_batch(), 0
        for index in indices:
            one = records[index]
            if batch.append(timestamp=None, key=one.key, value=one.value, headers=list(one.headers)) is None:
                break
            taken += 1
        assert taken, "the record is larger than a batch"
        _rename_headers(batch._build())
        return batch, taken


def _rename_headers(written: bytearray) -> None:
    if STANDS_FOR_IT.encode() in written:
        written[:] = written.replace(STANDS_FOR_IT.encode(), NO_UTF8)
        struct.pack_into(">I", written, _CRC, calc_crc32c(bytes(written[_AFTER_CRC:])))
