"""Killed at any instruction: while people work, services, roles and servers die; nothing is lost, nothing done twice.

One random plan from one seed says what dies and when; several die at the same time. `KFI_SEED` has the same plan again.
"""

import logging
import os
import random
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from tests.harness.aftermath import everything_happened_once, nothing_waits
from tests.harness.bus import Bus
from tests.harness.estate import roles_apart
from tests.harness.kills import Moments, carried_out, kinds_of, plan_of
from tests.harness.load import Load
from tests.harness.office import Office
from tests.harness.size import size

from kfi_stack.mail_folder import Behaviour
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
KILLS = size(short=15, nightly=120)
DAYS = 12
"""So many days pass meanwhile: letters are announced, and no remedy period ends before its people are done."""
CUT_EVERY = 4
"""After so many kills the mail server cuts a connection after the e-mail has come in: nobody can know of it."""
log = logging.getLogger(__name__)


@pytest.fixture
def seed() -> int:
    """Decides what dies and when; the log of a failed test names it."""
    number = int(os.environ.get("KFI_SEED", random.randrange(2**32)))  # noqa: S311 - moments are no secret
    log.warning("KFI_SEED=%d", number)
    return number


async def test_whatever_is_killed_nothing_is_lost_and_nothing_happens_twice(
    office: Office,
    bus: Bus,
    platform: Platform,
    seed: int,
    session_servers: Any,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    await nothing_waits(bus)
    began = monotonic()
    async with Load(office, seed=seed) as load, roles_apart(platform, session_servers) as estate:
        moments = Moments(load, office, platform)
        plan = plan_of(kinds_of(estate), KILLS, seed, moments.names)
        killed = await carried_out(plan, estate, moments, lambda number: _life_goes_on(platform, number))
        await estate.look_at(list(estate.mortals))
    evidence = await everything_happened_once(load, office, bus, platform, sights=estate.sights)
    figures = {
        "seed": seed,
        "kills": killed.total(),
        "kills by kind": dict(killed.most_common()),
        "applications": len(load.cases),
        "events": len({copy.id for copy in evidence.copies}),
        "published again": len(evidence.copies) - len({copy.id for copy in evidence.copies}),
        "e-mails": len(evidence.mails),
        "e-mails repeated under the same Message-ID": evidence.repeated_mails().total(),
        "ready again after seconds, at worst": estate.slowest,
        "seconds": round(monotonic() - began),
    }
    for name, figure in figures.items():
        record_property(name, figure)
    with capsys.disabled():
        print("\n" + "\n".join(f"  {name}: {figure}" for name, figure in figures.items()))  # noqa: T201 - the figures
    assert killed.total() >= KILLS


def _life_goes_on(platform: Platform, number: int) -> None:
    if number <= DAYS:
        platform.calendar.move_to(platform.calendar.today() + timedelta(days=1))
    if number % CUT_EVERY == 1:
        platform.mails.behave(Behaviour.CUT_AFTER_DATA, times=1)
