"""`kfi-stack demo`: starts everything, plays the story, checks the outcome, says where to look, stays until Ctrl-C."""

import asyncio
import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from time import monotonic

from aiokafka import AIOKafkaConsumer

from kfi_stack import servers
from kfi_stack.demo.allocation_case import DECIDED
from kfi_stack.demo.allocation_story import AllocationStory
from kfi_stack.demo.cases import BUDGET
from kfi_stack.demo.observer import Observer
from kfi_stack.demo.outcome import Outcome
from kfi_stack.demo.people import MUENSTER, People, programs_of_towns
from kfi_stack.demo.screen import Screen
from kfi_stack.demo.story import Story
from kfi_stack.demo.town_client import TownClient
from kfi_stack.demo.towns_day import TownsDay
from kfi_stack.demo.unreadable import send_unreadable_event
from kfi_stack.demo.working_day import WorkingDay
from kfi_stack.running_platform import Platform
from kfi_stack.supervisor import Supervisor


def play(home: Path, *, once: bool) -> int:
    """Plays the demo in a new folder below `home`; with `once` ends after the checks. 0: all kept, 1: one broken."""
    screen = Screen()
    begun = monotonic()
    with run_folder(home) as folder, Supervisor() as supervisor:
        screen.chapter("Starting the platform")
        platform = Platform(folder, servers.chosen(folder, supervisor, screen.say), supervisor, say=screen.say)
        platform.start(budget=BUDGET)
        kept = asyncio.run(_play(platform, screen, begun))
        _where_to_look(platform, screen)
        if once:
            return 0 if kept else 1
        screen.say("The platform stays up; Ctrl-C ends it.")
        wait_until_told(supervisor)
    return 0 if kept else 1


async def _play(platform: Platform, screen: Screen, begun: float) -> bool:
    async with AsyncExitStack() as stack:
        consumer = AIOKafkaConsumer(**platform.servers.kafka.client_settings(), auto_offset_reset="earliest")
        observer = await stack.enter_async_context(Observer(consumer))
        people = await stack.enter_async_context(People.at(platform))
        story = Story(people, observer, screen, platform.calendar, partial(_announcement_of_letter, platform))
        await story.granted_and_final_by_time()
        screen.fact("First letter", f"{story.first_letter_at - begun:.1f} s after the start of the demo")
        await story.waived()
        await story.taken_to_court()
        await WorkingDay(story, platform).play()
        towns = await stack.enter_async_context(programs_of_towns(platform))
        allocation = AllocationStory(story, towns)
        day = TownsDay(allocation, platform, TownClient(platform, MUENSTER))
        await day.subscribes()
        run = await allocation.play()
        await day.play(run, allocation.ids[DECIDED])
        await send_unreadable_event(platform, screen)
        screen.fact("Click to letter", ", ".join(f"{seconds * 1000:.0f} ms" for seconds in story.click_to_letter))
        outcome = Outcome(platform, observer, story.cases, allocation.letters, day.client, poison=1)
        return await outcome.check(screen)


def _announcement_of_letter(platform: Platform, posted_on: str) -> date:
    answer = platform.command("kfi-law", "period", "--channel", "letter", "--posted", posted_on, "--json")
    return date.fromisoformat(json.loads(answer)["announced_on"]["value"])


def _where_to_look(platform: Platform, screen: Screen) -> None:
    screen.chapter("Where to look")
    letters = sorted(platform.spool.glob("*/*.pdf"))
    screen.fact("Letters (PDF)", letters[0] if letters else platform.spool)
    screen.fact("E-mails", platform.folder / "mail")
    for service in platform.services.values():
        screen.fact(f"API of {service.name}", f"{platform.gateway_url}/{service.name}/v1/openapi.json")
        screen.fact("  metrics, health", f"{service.url}/metrics  {service.url}/health/details")
    screen.fact("Events (AsyncAPI)", "contracts/asyncapi.json")
    screen.fact("Logs", platform.folder / "logs")
    screen.fact("Business date", f"{platform.folder / 'business-date'} ({platform.calendar.today()})")


@contextmanager
def run_folder(home: Path) -> Iterator[Path]:
    """A new folder for this run; those of earlier runs that have ended are removed, those of running ones stay."""
    home.mkdir(parents=True, exist_ok=True)
    for earlier in home.glob("run-*"):
        _remove_unless_in_use(earlier)
    folder = home / f"run-{datetime.now().astimezone():%Y%m%d-%H%M%S}-{os.getpid()}"
    folder.mkdir()
    with (folder / "in-use").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _remove_unless_in_use(folder: Path) -> None:
    try:
        with (folder / "in-use").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return


def wait_until_told(supervisor: Supervisor) -> None:
    """Returns at Ctrl-C or SIGTERM. Raises ProgramEnded when a program ends by itself."""
    while signal.sigtimedwait({signal.SIGINT, signal.SIGTERM}, 1.0) is None:
        supervisor.check()
