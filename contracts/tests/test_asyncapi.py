"""The AsyncAPI document says what the models say, and is whole."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kfi_contracts import ALL_EVENTS
from kfi_contracts.asyncapi import document, main
from kfi_contracts.conformity import violations
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES, example_envelope
from kfi_contracts.municipality import MUNICIPAL_EVENTS
from kfi_contracts.schemas import CONTRACTS_FOLDER
from kfi_contracts.topics import ALL_TOPICS, MUNICIPALITY

DOCUMENT = document()


def follow(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for member in part.values():
            yield from references(member)
    elif isinstance(part, list):
        for member in part:
            yield from references(member)


def test_the_committed_document_is_what_the_models_say() -> None:
    assert json.loads((CONTRACTS_FOLDER / "asyncapi.json").read_bytes()) == DOCUMENT
    assert main(["--check"]) == 0


def test_a_document_that_differs_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "asyncapi.json"
    assert main(["--check", "--file", str(file)]) == 1
    assert main(["--file", str(file)]) == 0
    assert main(["--check", "--file", str(file)]) == 0
    file.write_bytes(file.read_bytes().replace(b'"late"', b'"tardy"'))
    assert main(["--check", "--file", str(file)]) == 1
    assert "asyncapi.json differs from the models" in capsys.readouterr().err


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert found
    for reference in found:
        follow(reference)


def test_every_topic_is_a_channel_and_every_event_a_message_of_it() -> None:
    channels = {channel["address"]: channel for channel in DOCUMENT["channels"].values()}
    assert set(channels) == {topic.name for topic in (*ALL_TOPICS, MUNICIPALITY)}
    for event in (*ALL_EVENTS, *MUNICIPAL_EVENTS):
        message = follow(channels[event.topic]["messages"][event.short_type()]["$ref"])
        assert message["name"] == event.type


def test_the_channel_of_a_town_says_what_is_put_in_for_it() -> None:
    channel = DOCUMENT["channels"]["municipality.ags.v1"]
    assert list(channel["parameters"]) == ["ags"]
    assert DOCUMENT["channels"][ALL_TOPICS[0].name]["parameters"] == {}


def test_several_events_of_one_topic_stay_together_in_one_operation() -> None:
    operation = DOCUMENT["operations"]["applications.send.applications.application.v1"]
    assert len(operation["messages"]) == 6


def test_operations_say_what_each_service_sends_and_reads() -> None:
    actions = {(operation["tags"][0]["name"], operation["action"], operation["channel"]["$ref"].split("/")[-1])
               for operation in DOCUMENT["operations"].values()}  # fmt: skip
    assert actions == {
        ("applications", "send", "applications.application.v1"),
        ("applications", "send", "notifications.order.v1"),
        ("applications", "receive", "notifications.notification.v1"),
        ("allocation", "send", "allocation.placement.v1"),
        ("allocation", "send", "allocation.plan.v1"),
        ("allocation", "send", "notifications.order.v1"),
        ("allocation", "send", "municipality.ags.v1"),
        ("allocation", "receive", "allocation.placement.v1"),
        ("allocation", "receive", "allocation.plan.v1"),
        ("allocation", "receive", "notifications.notification.v1"),
        ("notifications", "receive", "allocation.placement.v1"),
        ("notifications", "receive", "notifications.order.v1"),
        ("notifications", "receive", "applications.application.v1"),
        ("notifications", "send", "notifications.notification.v1"),
    }


@pytest.mark.parametrize("event", ALL_EVENTS, ids=lambda event: event.short_type())
def test_a_message_shows_its_headers_payload_key_and_an_example(event: type[Event]) -> None:
    message = follow(f"#/components/messages/{event.short_type()}")
    headers = follow(message["headers"]["allOf"][0]["$ref"])
    fixed = message["headers"]["allOf"][1]["properties"]
    for example in EVENT_EXAMPLES[event].values():
        sent = {name: value.decode() for name, value in example_envelope(example).to_kafka()[2]}
        assert set(headers["required"]) <= set(sent) <= set(headers["properties"])
        assert all(sent[name] in each.get("enum", [each.get("const")]) for name, each in fixed.items())
    assert follow(message["payload"]["$ref"])["properties"].keys() == event.model_fields.keys()
    assert message["bindings"]["kafka"]["key"]["type"] == "string"
    assert message["examples"]


def test_payloads_of_examples_conform_to_the_payload_schemas() -> None:
    definitions = DOCUMENT["components"]["schemas"]
    for message in DOCUMENT["components"]["messages"].values():
        payload = json.dumps(definitions).replace("#/components/schemas/", "#/$defs/")
        schema = {"$defs": json.loads(payload), **json.loads(payload)[message["payload"]["$ref"].split("/")[-1]]}
        for example in message["examples"]:
            assert violations(example["payload"], schema) == []


def test_names_follow_the_specification_of_asyncapi() -> None:
    names = [*DOCUMENT["channels"], *DOCUMENT["operations"], *DOCUMENT["components"]["messages"]]
    assert all(name.replace(".", "").replace("-", "").replace("_", "").isalnum() for name in names)
