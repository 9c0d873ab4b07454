"""Records whose headers have names that are no UTF-8: to the broker a name is bytes, and any client may write them.

aiokafka raises in the middle of a batch over such a name and never gets past it: the partition would stand still for
ever, by one record. Read here, the wrong bytes of a name become U+FFFD; no name that means anything to us changes.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH: Final = struct.Struct(">q i")
"""Offset and length, with which every batch begins (KIP-98)."""


def read_any_name() -> None:
    """Have all consumers of this process read such records."""
    fetcher.MemoryRecords = ReadableRecords


class ReadableRecords:
    """The batches of one answer of the broker, each of which can be read to its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._begin = 0
        self._records = MemoryRecords(data)

    def has_next(self) -> bool:
        """Whether a batch is left."""
        return bool(self._records.has_next())

    def size_in_bytes(self) -> int:
        """The size of the answer."""
        return int(self._records.size_in_bytes())

    def next_batch(self) -> "_ReadableBatch | None":
        """The next batch; None when there is none."""
        batch = self._records.next_batch()
        if batch is None:
            return None
        begin, (_, length) = self._begin, _LENGTH.unpack_from(self._data, self._begin)
        self._begin += _LENGTH.size + length
        return _ReadableBatch(batch, self._data[begin : self._begin])


class _ReadableBatch:
    """A batch as aiokafka reads it, and read again where it gives up."""

    def __init__(self, batch: Any, written: bytes) -> None:
        self._batch = batch
        self._written = written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        count = 0
        try:
            for record in self._batch:
                yield record
                count += 1
        except UnicodeDecodeError:
            yield from islice(_TolerantBatch(self._written), count, None)


class _TolerantBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """aiokafka's own reader in Python, which is slow, on bytes that are text in any case."""

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer: bytearray = _Text(self._buffer)


class _Text(bytearray):
    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Text(found) if isinstance(place, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)
