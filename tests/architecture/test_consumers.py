"""Every service takes in events through the chassis alone; whatever it subscribes to, its settings are safe."""

import ast
import re
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from aiokafka.abc import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka.subscriber.usecase import BatchSubscriber

from kfi_chassis import broker as factory
from kfi_chassis.subscriptions import Consumer

SERVICES = {point.name: point.load() for point in entry_points(group="kfi.services")}
CONSUMING = [name for name, service in SERVICES.items() if service.consumer is not None]
KAFKA_CLIENTS = {"aiokafka", "confluent_kafka", "faststream", "kafka"}


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing."""

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Nothing."""


async def take(records: Any) -> None:
    """Nothing."""


@pytest.fixture(params=CONSUMING)
def subscriber(request: pytest.FixtureRequest) -> BatchSubscriber:
    """What the factory makes of a service's own declaration, with the settings it has unless told otherwise."""
    service = SERVICES[request.param]
    settings = service.settings_class.model_construct(kafka_bootstrap="127.0.0.1:1", instance="replica-1")
    made = factory.make_broker(settings, grace_seconds=1)
    group = service.consumer.group
    return factory.subscribe(made, service.consumer.topics(), take, settings, group=group, listener=Listener())


def test_there_are_services_that_take_in_events() -> None:
    assert {"applications", "notifications"} <= set(CONSUMING)


def test_nothing_is_committed_or_acknowledged_by_itself(subscriber: BatchSubscriber) -> None:
    assert type(subscriber) is BatchSubscriber
    assert subscriber.ack_policy is AckPolicy.MANUAL
    assert subscriber._connection_args["enable_auto_commit"] is False
    assert subscriber._connection_args["auto_offset_reset"] == "earliest"


def test_a_restart_moves_no_partition(subscriber: BatchSubscriber) -> None:
    options = subscriber._connection_args
    assert re.fullmatch(r".+-replica-1-[0-9a-f]{8}", options["group_instance_id"])
    assert options["heartbeat_interval_ms"] * 3 <= options["session_timeout_ms"] < options["max_poll_interval_ms"]


def test_records_come_as_they_are_past_no_middleware(subscriber: BatchSubscriber) -> None:
    assert not subscriber._broker_middlewares
    assert not subscriber._call_decorators
    assert subscriber._outer_config.broker_parser is factory.leave_as_it_came
    assert subscriber._outer_config.broker_decoder is factory.hand_over_records


@pytest.mark.parametrize("name", CONSUMING)
def test_what_a_service_declares_is_run_by_the_chassis_as_it_is(name: str) -> None:
    assert type(SERVICES[name].consumer) is Consumer
    assert SERVICES[name].consumer.topics()


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_has_a_kafka_client_of_its_own(name: str) -> None:
    found = find_spec(SERVICES[name].package)
    assert found is not None
    assert found.origin is not None
    guilty = [
        file.name for file in Path(found.origin).parent.rglob("*.py") if kafka_clients_of(file.read_text("utf-8"))
    ]
    assert guilty == []


def test_a_planted_kafka_client_is_seen() -> None:
    assert kafka_clients_of("from aiokafka import AIOKafkaConsumer") == {"aiokafka"}
    assert kafka_clients_of("def f():\n    import faststream.kafka as k") == {"faststream"}


def kafka_clients_of(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in named} & KAFKA_CLIENTS
