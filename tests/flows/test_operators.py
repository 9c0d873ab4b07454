"""What operators have of the running platform: metrics, details, logs, the desk, one trace from click to letter."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.documents.naming import metrics
from tests.harness.bus import Bus, until
from tests.harness.collector import Collector, Seen, collecting
from tests.harness.door import MARKER, Door
from tests.harness.events import Writable, email_order
from tests.harness.office import Office

from kfi_allocation.main import SERVICE as ALLOCATION
from kfi_applications.main import SERVICE as APPLICATIONS
from kfi_contracts.notifications import NotificationOrdered
from kfi_notifications.main import SERVICE as NOTIFICATIONS
from kfi_stack.running_platform import SERVICES, Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
CLASSES = {service.name: service.metrics_class for service in (ALLOCATION, APPLICATIONS, NOTIFICATIONS)}
PARTS = {
    "ok", "live", "ready", "roles", "process", "database", "outbox", "relay", "consumer", "worker", "deadlines",
    "dead_letters", "sealing_keys", "person_keys", "gauges",
}  # fmt: skip
SAID = {"time", "level", "event", "service", "instance", "role"}


async def asked(platform: Platform, service: str, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=10) as http:
        return (await http.get(f"{platform.services[service].url}{path}")).raise_for_status()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_exposes_the_names_of_its_module_and_no_others(platform: Platform, service: str) -> None:
    text = (await asked(platform, service, "/metrics")).text
    exposed = {family.name + ("_total" if family.type == "counter" else "") for family in _families(text)}
    own = {name for name in exposed if not name.startswith(("process_", "python_"))}
    declared = CLASSES[service]().registry.collect()
    names = {family.name + ("_total" if family.type == "counter" else "") for family in declared}
    assert own == {name for name in names if not name.startswith(("process_", "python_"))}
    assert own <= metrics()


def _families(text: str) -> list[Any]:
    return [family for family in text_string_to_metric_families(text) if not family.name.endswith("_created")]


async def test_every_part_of_a_service_is_told_and_names_of_keys_agree(platform: Platform) -> None:
    told = {name: (await asked(platform, name, "/health/details")).json() for name in SERVICES}
    for name, parts in told.items():
        assert set(parts) >= PARTS, name
        assert [part for part, value in parts.items() if "cannot_be_read" in str(value)] == []
        assert parts["ok"] is True
        assert parts["relay"]["active"] is True
        assert parts["outbox"]["lock_holder"]["connection"] == f"kfi-relay {parts['process']['instance']}"
        assert parts["consumer"]["polling"] is True
    for name in ("allocation", "applications"):
        assert told[name]["sealing_keys"]["seals_with"] in told["notifications"]["sealing_keys"]["opens"]


async def test_every_line_of_a_log_is_one_object_that_says_who_and_when(platform: Platform, office: Office) -> None:
    await office.sent()
    for name in SERVICES:
        process = platform.services[name]
        text = (platform.folder / "logs" / f"{name}-{process.instance}.log").read_text("utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
        assert lines
        assert [line for line in lines if not set(line) >= SAID or line["service"] != name] == []
        assert {line["role"] for line in lines} & {"api", "consumer", "worker", "relay"}
        requests = [line for line in lines if line["event"] == "request_answered"]
        assert all(UUID(line["correlation_id"]) for line in requests)


async def test_an_operator_sees_at_the_gateway_why_an_order_was_parked_and_discards_it(
    platform: Platform, bus: Bus, door: Door
) -> None:
    order = email_order(platform, f"{MARKER}@verein.example")
    broken = Writable.of(order).with_field("channel", MARKER).with_header("note", MARKER.encode())
    await bus.send("applications", NotificationOrdered.topic, [broken])
    query = "SELECT number FROM dead_letter WHERE key = $1"
    ((number,),) = await until(lambda: bus.rows("notifications", query, broken.key), "the order is parked")
    path = f"/notifications/v1/dead-letters/{number}"
    for login in ("caseworker", "auditor", "applicant"):
        await door.problem(await door.ask("GET", path, login=login), 403, "forbidden")
    shown = await door.ask("GET", path, login="operator")
    letter = shown.json()
    assert (letter["reason"], letter["withheld"]) == ("invalid_data:channel:enum", "sealed")
    assert "newer producer" in letter["remedy"]
    assert (letter["event_type"], letter["content"]) == (NotificationOrdered.type, None)
    assert [secret for secret in (order.content, order.content[:40], MARKER) if secret in shown.text] == []
    listed = await door.ask("GET", "/notifications/v1/dead-letters?reason=invalid_data&limit=100", login="operator")
    assert number in [line["number"] for line in listed.json()["items"]]

    etag, body = shown.headers["ETag"], {"reason": "OPS-17"}
    again = await door.ask("POST", f"{path}/replay", login="operator", body=body, If_Match=etag)
    assert [one["outcome"] for one in again.json()["attempts"]] == ["parked"]
    await door.problem(
        await door.ask("POST", f"{path}/discard", login="operator", body=body, If_Match=etag), 412, "version-mismatch"
    )
    etag = (await door.ask("GET", path, login="operator")).headers["ETag"]
    done = await door.ask("POST", f"{path}/discard", login="operator", body=body, If_Match=etag)
    assert done.json() == {"number": number, "next_of_key": None}
    closed = (await door.ask("GET", path, login="operator")).json()
    assert (closed["state"], closed["resolution"]["reason"]) == ("discarded", "OPS-17")


async def test_one_trace_goes_from_the_click_to_the_letter(platform: Platform, office: Office) -> None:
    with collecting() as collector:
        async with traced(platform, collector):
            case = await office.checked()
            await office.sign(case)
            found = await until(lambda: whole(collector), "the trace of a signature with its letter")
        names = [(span.service, span.name) for span in found]
        (click,) = [span for span in found if span.name.endswith("/signature")]
        places = {span.place: span for span in found}
        letter = next(span for span in found if span.name == "letter")
        taken = places[letter.parent]
        assert (taken.service, taken.name) == ("notifications", f"process {NotificationOrdered.type}")
        assert places[taken.parent] == click
        assert ("applications", f"publish {NotificationOrdered.type}") in names
        assert ("notifications", "prepare") in names
        assert click.service == "applications"
        names_of_people = (b"Sander", b"Weidmann", b"Begegnungsverein", b"verein.example")
        assert [name for name in names_of_people if name in bytes(collector.raw)] == []


async def whole(collector: Collector) -> list[Seen]:
    """The trace that began with a signature, once a letter of it has left."""
    clicks = [span for span in collector.spans if span.name.endswith("/signature")]
    for click in clicks:
        found = collector.trace(click.trace)
        if {"prepare", "letter"} <= {span.name for span in found}:
            return found
    return []


@asynccontextmanager
async def traced(platform: Platform, collector: Collector) -> AsyncIterator[None]:
    """Both services with a collector; afterwards they run as before."""
    before = dict(platform.services)
    for name, process in before.items():
        own = {**process.own, "TRACES_ENDPOINT": collector.endpoint}
        await restarted(platform, name, replace(process, own=own))
    try:
        yield
    finally:
        for name, process in before.items():
            await restarted(platform, name, process)


async def restarted(platform: Platform, name: str, process: Any) -> None:
    running = platform.running[name]
    await asyncio.to_thread(running.stop)
    platform.supervisor.forget(running)
    platform.services[name] = process
    platform.running[name] = await asyncio.to_thread(platform.start_service, name)
