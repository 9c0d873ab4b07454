"""The published language, the rights at the broker and the declarations of the services name the same services."""

from importlib.metadata import entry_points
from typing import Any

import pytest

from kfi_contracts import ALL_EVENTS
from kfi_contracts.topics import ALL_TOPICS
from kfi_stack.topics import User, load_plan

PLAN = load_plan()
SERVICES = {point.name: point.load() for point in entry_points(group="kfi.services")}


def test_the_broker_has_the_published_topics_and_no_other() -> None:
    assert set(PLAN.topics) == {topic.name for topic in ALL_TOPICS}
    assert {event.topic for event in ALL_EVENTS} == set(PLAN.topics)


def test_the_users_of_the_broker_are_the_services_and_who_opens_the_towns_doors() -> None:
    assert set(PLAN.users) - {"doorkeeper"} == set(SERVICES)
    assert PLAN.users["doorkeeper"] == User(opens_below=("municipality.",))
    assert {name: user.writes_below for name, user in PLAN.users.items() if user.writes_below} == {
        "allocation": ("municipality.",)
    }


@pytest.mark.parametrize("topic", ALL_TOPICS, ids=lambda topic: topic.name)
def test_who_sends_and_reads_a_topic_has_the_right_to_and_nobody_else(topic: Any) -> None:
    assert {name for name, user in PLAN.users.items() if topic.name in user.writes} == set(topic.senders)
    assert {name for name, user in PLAN.users.items() if topic.name in user.reads} == set(topic.readers)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_subscribes_to_the_topics_it_may_read_and_to_all_of_them(name: str) -> None:
    consumer = SERVICES[name].consumer
    assert set(consumer.topics() if consumer else ()) == set(PLAN.users[name].reads)


@pytest.mark.parametrize("name", SERVICES)
def test_a_services_consumer_group_is_the_one_its_user_may_join(name: str) -> None:
    consumer = SERVICES[name].consumer
    assert consumer is None or consumer.group == name


@pytest.mark.parametrize("event", ALL_EVENTS, ids=lambda event: event.type)
def test_an_event_is_sent_by_the_services_its_sources_name(event: Any) -> None:
    (topic,) = [topic for topic in ALL_TOPICS if topic.name == event.topic]
    assert event.source in event.sources()
    assert {source.removeprefix("/kfi/") for source in event.sources()} <= set(topic.senders)
