"""A header whose name is no UTF-8 stops nobody: the records before it, it, and those behind it are read."""

import struct
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

import kfi_chassis.broker  # noqa: F401 - whoever makes a consumer has imported it
from kfi_chassis.header_names import ReadableRecords

PLACEHOLDER, NO_UTF8 = b"placeholder", b"\xff\xfe\xc3( no nam"


def batch(*headers: list[tuple[str, bytes | None]]) -> bytes:
    """A batch of one record per list of headers, as a client of another language may write it."""
    builder = DefaultRecordBatchBuilder(
        2, 0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1, batch_size=100_000
    )
    for number, each in enumerate(headers):
        builder.append(number, 1000, b"key", b"value %d" % number, each)
    written = bytearray(bytes(builder.build()).replace(PLACEHOLDER, NO_UTF8))
    struct.pack_into(">I", written, 17, calc_crc32c(bytes(written[21:])))
    return bytes(written)


def read(data: bytes) -> list[Any]:
    records, found = ReadableRecords(data), []
    assert records.size_in_bytes() == len(data)
    while records.has_next():
        following = records.next_batch()
        assert following is not None
        assert following.validate_crc()
        found += list(following)
    return found


SOUND, FOREIGN = [("ce_type", b"x"), ("nothing", None)], [("placeholder", b"1"), ("ce_type", b"y")]


def test_the_record_and_those_around_it_are_read() -> None:
    found = read(batch(SOUND, FOREIGN, SOUND) + batch(SOUND))
    assert [record.value for record in found] == [b"value 0", b"value 1", b"value 2", b"value 0"]
    assert [record.key for record in found] == [b"key"] * 4
    assert [dict(record.headers).get("ce_type") for record in found] == [b"x", b"y", b"x", b"x"]
    assert dict(found[0].headers)["nothing"] is None


def test_the_wrong_bytes_of_the_name_are_replaced() -> None:
    (record,) = read(batch(FOREIGN))
    assert record.headers[0] == ("\ufffd\ufffd\ufffd( no nam", b"1")


def test_aiokafka_alone_gives_up_in_the_middle() -> None:
    with pytest.raises(UnicodeDecodeError):
        list(MemoryRecords(batch(SOUND, FOREIGN)).next_batch())


def test_all_consumers_read_this_way() -> None:
    assert fetcher.MemoryRecords is ReadableRecords


def test_an_answer_may_be_empty_or_end_in_the_middle_of_a_batch() -> None:
    assert read(b"") == []
    assert len(read(batch(SOUND) + batch(SOUND, SOUND)[:-5])) == 1
