"""A key's partition is the one every other Kafka client chooses."""

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as theirs
from hypothesis import example, given
from hypothesis import strategies as st

from kfi_chassis.partitioning import murmur2, partition_for


@given(st.binary(max_size=600))
@example(b"")
@example(b"0b5c4b0e-6d1c-4b52-8a3e-5d9b7a0c1f2e")
@example(bytes(range(256)))
def test_the_hash_is_the_one_of_the_other_clients(data: bytes) -> None:
    assert murmur2(data) == theirs(data)


@given(st.binary(max_size=40), st.integers(1, 200))
def test_a_key_goes_where_the_other_clients_send_it(key: bytes, partitions: int) -> None:
    everywhere = list(range(partitions))
    assert partition_for(key, partitions) == DefaultPartitioner()(key, everywhere, everywhere)
