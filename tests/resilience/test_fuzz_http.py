"""Whatever is asked: no 5xx, every refusal a problem, nothing echoed, nothing stored half, and work goes on."""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from time import monotonic

import pytest
import pytest_asyncio
from tests.harness.bus import Bus, until
from tests.harness.cases import budget_title, call
from tests.harness.door import Door
from tests.harness.events import Writable, email_order
from tests.harness.fuzz_answers import Answers
from tests.harness.fuzz_books import books_are_right, changed_by_people, last_changes, said_of_consent
from tests.harness.fuzz_doors import Ask, at_the_gateway, within_this_process
from tests.harness.fuzz_requests import Asked, Known, Requests
from tests.harness.fuzz_values import seeded
from tests.harness.inboxes import nobody_consents, provided
from tests.harness.office import Case, Office
from tests.harness.size import size

from kfi_contracts.notifications import NotificationOrdered
from kfi_stack.running_platform import SERVICES, Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
AT_THE_GATEWAY = size(short=500, nightly=20_000)
WITHIN = size(short=1_000, nightly=80_000)
DRAWN = size(short=3, nightly=60)
AT_ONCE, SHOWN_EVERY = 8, 5_000
IN_FORCE_AT_ONCE = '"2"'
UNTOUCHED = '"1"'
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DOCUMENTS = [Path(__file__).parents[2] / "services" / name / "openapi.json" for name in SERVICES]
log = logging.getLogger(__name__)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def known(office: Office, platform: Platform, bus: Bus, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Cases in several states, and their letters; a call and a budget title that nobody else needs."""
    known = Known()
    made: list[Case] = [await office.filed(), await office.proposed(), await office.checked(), await office.sent()]
    for case in made:
        known.add("application_id", case.id, case.etag)
        known.add("concerns", case.id)
    known.add("notification_id", made[-1].letter_id)
    bring_in_a_call_of_its_own(platform, tmp_path_factory.mktemp("fuzz"))
    known.add("call_key", "fuzz", IN_FORCE_AT_ONCE)
    known.add("title_key", "FUZZ", IN_FORCE_AT_ONCE)
    for waiting in [await provided(office), await provided(office)]:
        known.add("message_id", waiting.case.letter_id, waiting.message.etag)
        known.add("notification_id", waiting.case.letter_id)
    known.add("number", await a_parked_order(platform, bus), UNTOUCHED)
    return known


async def a_parked_order(platform: Platform, bus: Bus) -> str:
    """An order that can never be carried out; its number at the operators' desk."""
    broken = Writable.of(email_order(platform, "nobody@verein.example")).with_field("channel", "pigeon")
    await bus.send("applications", NotificationOrdered.topic, [broken])
    query = "SELECT number FROM dead_letter WHERE key = $1"
    ((number,),) = await until(lambda: bus.rows("notifications", query, broken.key), "the order is parked")
    return str(number)


@pytest.fixture(scope="session")
def requests(known: Known) -> Iterator[Asked]:
    """Requests to all services without end, from each by the number of its routes."""
    chance = seeded()
    services = [Requests(document, known, chance, drawn=DRAWN) for document in DOCUMENTS]
    return mixed(services, chance)


async def test_at_the_gateway(
    requests: Iterator[Asked], known: Known, door: Door, platform: Platform, bus: Bus
) -> None:
    async with at_the_gateway(platform, door) as ask:
        await every_answer_keeps_the_promises(islice(requests, AT_THE_GATEWAY), ask, known, bus)


async def test_in_great_numbers(requests: Iterator[Asked], known: Known, platform: Platform, bus: Bus) -> None:
    async with within_this_process(platform) as ask:
        await every_answer_keeps_the_promises(islice(requests, WITHIN), ask, known, bus)


async def test_afterwards_the_books_are_right_and_work_goes_on(platform: Platform, bus: Bus, office: Office) -> None:
    await nobody_consents(office)
    case = await office.sent()
    await books_are_right(bus, platform)
    await office.announced(case)


def bring_in_a_call_of_its_own(platform: Platform, folder: Path) -> None:
    budget, calls = folder / "budget.json", folder / "calls.toml"
    budget.write_text(json.dumps({"titles": [budget_title("FUZZ")]}), "utf-8")
    calls.write_text(
        "[[call]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in call("fuzz").items()), "utf-8"
    )
    platform.command("kfi-applications", "budget", "load", str(budget), service="applications")
    platform.command("kfi-applications", "calls", "load", str(calls), service="applications")


def _toml(value: str) -> str:
    return value if ISO_DATE.fullmatch(value) else json.dumps(value)


async def every_answer_keeps_the_promises(stream: Iterator[Asked], ask: Ask, known: Known, bus: Bus) -> None:
    """And of what was answered as done all is stored, and of the rest nothing."""
    answers, began = Answers(known), monotonic()
    last = await last_changes(bus)
    await asyncio.gather(*(asked_one_by_one(stream, ask, answers) for _ in range(AT_ONCE)))
    rate = answers.counted.total() / (monotonic() - began)
    log.warning("%d requests, %.0f/s: %s", answers.counted.total(), rate, answers.statuses())
    assert answers.findings == Counter(), answers.examples
    stored = await changed_by_people(bus, since=last)
    assert answers.done <= stored | await said_of_consent(bus)
    assert len(stored - answers.done) <= answers.unknown


async def asked_one_by_one(stream: Iterator[Asked], ask: Ask, answers: Answers) -> None:
    for asked in stream:
        answers.take(asked, await ask(asked))
        if answers.counted.total() % SHOWN_EVERY == 0:
            log.warning("%d requests asked", answers.counted.total())


def mixed(services: list[Requests], chance: Random) -> Iterator[Asked]:
    streams, weights = [iter(one) for one in services], [len(one.operations) for one in services]
    while True:
        yield next(*chance.choices(streams, weights))
