"""Writes the AsyncAPI 3 document of the platform: ``python -m kfi_contracts.asyncapi [--check] [--file FILE]``.

Channels are the topics, messages the events with their ``ce_*`` headers, operations what each service sends and reads.
Generated from the models, because frameworks leave out the headers and split the events of one topic.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from kfi_contracts.catalogue import ALL_EVENTS
from kfi_contracts.cloudevents import CONTENT_TYPE, CloudEvent
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES, example_envelope
from kfi_contracts.municipality import MUNICIPAL_EVENTS
from kfi_contracts.municipality_examples import MUNICIPAL_EXAMPLES
from kfi_contracts.schemas import checkout
from kfi_contracts.strict_json import read_json, write_readable
from kfi_contracts.topics import ALL_TOPICS, MUNICIPALITY, Topic

_EVENTS: Final[tuple[type[Event], ...]] = (*ALL_EVENTS, *MUNICIPAL_EVENTS)
_EXAMPLES: Final[dict[type[Event], Mapping[str, Event]]] = dict([*EVENT_EXAMPLES.items(), *MUNICIPAL_EXAMPLES.items()])
_TOPICS: Final = (*ALL_TOPICS, MUNICIPALITY)
_SCHEMAS: Final = "#/components/schemas/"
_HEADERS: Final = "CloudEventHeaders"


def document() -> dict[str, Any]:
    """Build the whole document; the same models give the same document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "KfI events",
            "version": "1",
            "description": "CloudEvents 1.0 in Kafka, binary content mode; the key is the subject. No personal data.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {_channel_id(topic): _channel(topic) for topic in _TOPICS},
        "operations": {name: operation for topic in _TOPICS for name, operation in _operations(topic)},
        "components": {
            "messages": {event.short_type(): _message(event) for event in _EVENTS},
            "schemas": {_HEADERS: _headers(), **_payloads()},
        },
    }


def _events_of(topic: Topic) -> list[type[Event]]:
    return [event for event in _EVENTS if event.topic == topic.name]


def _channel(topic: Topic) -> dict[str, Any]:
    messages = {event.short_type(): _ref("components", "messages", event.short_type()) for event in _events_of(topic)}
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": messages,
        "parameters": {name: {"description": "Official municipality key (AGS)"} for name in _parameters(topic)},
        "bindings": {"kafka": {"topic": topic.name, "bindingVersion": "0.5.0"}},
    }


def _channel_id(topic: Topic) -> str:
    """The address, without the braces round its parameters, which a name may not have."""
    return re.sub(r"[{}]", "", topic.name)


def _parameters(topic: Topic) -> list[str]:
    return re.findall(r"\{([a-z]+)\}", topic.name)


def _operations(topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    messages = [_ref("channels", _channel_id(topic), "messages", event.short_type()) for event in _events_of(topic)]
    for action, services in (("send", topic.senders), ("receive", topic.readers)):
        for service in services:
            operation = {
                "action": action,
                "channel": _ref("channels", _channel_id(topic)),
                "title": f"{service} {'sends to' if action == 'send' else 'reads'} {topic.name}",
                "tags": [{"name": service}],
                "messages": messages,
            }
            yield f"{service}.{action}.{_channel_id(topic)}", operation


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": (event.__doc__ or "").partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "headers": {"allOf": [_ref("components", "schemas", _HEADERS), _fixed_headers(event)]},
        "payload": {"$ref": _SCHEMAS + event.__name__},
        "bindings": {"kafka": {"key": _key(event), "bindingVersion": "0.5.0"}},
        "examples": [_example(name, each) for name, each in _EXAMPLES[event].items()],
    }


def _key(event: type[Event]) -> dict[str, Any]:
    """What the key of the record looks like: a town's AGS, else an aggregate's id."""
    return {"type": "string"} | ({"pattern": "^[0-9]{8}$"} if event.topic == MUNICIPALITY.name else {"format": "uuid"})


def _fixed_headers(event: type[Event]) -> dict[str, Any]:
    sources = event.sources()
    source = {"const": sources[0]} if len(sources) == 1 else {"enum": list(sources)}
    return {"properties": {"ce_type": {"const": event.type}, "ce_source": source}}


def _example(name: str, event: Event) -> dict[str, Any]:
    _, value, headers = example_envelope(event).to_kafka()
    return {"name": name, "headers": {key: text.decode() for key, text in headers}, "payload": read_json(value)}


def _headers() -> dict[str, Any]:
    """The envelope's schema as Kafka headers: every attribute a text, named ``ce_<attribute>``."""
    schema = CloudEvent.model_json_schema(mode="serialization")
    optional = {name for name, field in CloudEvent.model_fields.items() if field.default is None}
    attributes = {name: _text(each) for name, each in schema["properties"].items() if name != "data"}
    return {
        "type": "object",
        "description": "CloudEvents context attributes as UTF-8 texts; readers ignore headers they do not know.",
        "properties": {_header_name(name): each for name, each in attributes.items()},
        "required": [_header_name(name) for name in attributes if name not in optional],
    }


def _header_name(attribute: str) -> str:
    return "content-type" if attribute == "datacontenttype" else f"ce_{attribute}"


def _text(schema: dict[str, Any]) -> dict[str, Any]:
    """An attribute that may be absent is a header that may be absent, never a null one."""
    plain = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    return {keyword: value for keyword, value in plain.items() if keyword not in {"title", "default"}}


def _payloads() -> dict[str, Any]:
    _, schema = models_json_schema([(event, "validation") for event in _EVENTS], ref_template=_SCHEMAS + "{model}")
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def _ref(*path: str) -> dict[str, str]:
    return {"$ref": "/".join(("#", *path))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the document, or compare it with the committed one; returns 1 when they differ."""
    parser = argparse.ArgumentParser(prog="python -m kfi_contracts.asyncapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    parser.add_argument("--file", type=Path, help="the document, asyncapi.json of the checkout if not given")
    chosen = parser.parse_args(arguments)
    file, content = chosen.file or checkout() / "asyncapi.json", write_readable(document())
    if not chosen.check:
        file.write_bytes(content)
        return 0
    if file.exists() and file.read_bytes() == content:
        return 0
    sys.stderr.write(f"{file.name} differs from the models; run python -m kfi_contracts.asyncapi\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
