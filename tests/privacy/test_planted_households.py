"""A household's names, planted from list to letter, lie nowhere in the open; after the erasure nobody reads them.

The same search as for applicants: every topic, table, log, metric and file, but for the print spool and the mailbox.
"""

import asyncio
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from tests.harness.allocation import Home, announced
from tests.harness.bus import Bus, until
from tests.harness.door import Door
from tests.harness.office import Office

from kfi_allocation.arrival_tables import HOUSEHOLD
from kfi_chassis.privacy.keys import KeyRing, NotDecrypted, WrappedKey
from kfi_contracts.allocation import AllocationDecided, HouseholdErased
from kfi_contracts.notifications import NotificationDispatched
from kfi_stack.demo.allocating import HOUSEHOLDS, PLACEMENTS, TOWNS, Allocating
from kfi_stack.demo.people import MUENSTER
from kfi_stack.running_platform import Platform
from kfi_stack.services import installed
from kfi_stack.session_servers import SessionServers

from .places import Places
from .planted import CHILD, HEARD, LIVES, MEMBER, NAMES_OF_HOUSEHOLDS, OBJECTION, REPLY, RULING, found_in

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
AFTER_THE_RETENTION = "2060-01-01"


class Planted(Home):
    """A family whose names are unmistakable."""

    def rows(self) -> list[dict[str, str]]:
        """Two persons; they live at an address of their own."""
        head, child = super().rows()
        return [head | MEMBER | LIVES, child | CHILD | {"Verwandtschaft": "Kind"}]


@dataclass(frozen=True)
class Family:
    """The household after it was heard and decided."""

    id: str
    letter_id: str


@pytest.fixture(scope="session")
def places(platform: Platform, bus: Bus, session_servers: SessionServers) -> Places:
    return Places(platform, bus, session_servers.folder)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def family(steps: Allocating, office: Office) -> Family:
    """Named in its list, by the town that objects, by the family itself, by the planner, and in its letter."""
    listed, (household,) = await announced(steps, [Planted(persons=2, joins="Münster")])
    await steps.accepted(await steps.ended(await steps.started(await steps.frozen(listed))))
    planner = steps.people.planner
    said = {"reason": "no-specialist-care", "explanation": OBJECTION}
    await steps.act_as_town(MUENSTER, household, "objection", said)
    await steps.act(planner, household, "objection-ruling", {"upheld": False, "explanation": RULING})
    await steps.act(planner, household, "hearing")
    await steps.act(planner, household, "hearing-answer", {"said": HEARD})
    await steps.act(planner, household, "draft", {"reply_to_family": REPLY})
    await steps.signed(steps.people.allocation_signatory, household)
    decided = await office.event(AllocationDecided, household_id=household)
    for letter in (await steps.placement(household)).document["letters"]:
        await office.event(NotificationDispatched, notification_id=str(letter["id"]))
    return Family(household, str(decided.letter_id))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def before(family: Family, places: Places) -> dict[str, set[str]]:
    return await places.everywhere()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def erased(
    family: Family, before: object, steps: Allocating, office: Office, platform: Platform, bus: Bus
) -> Family:
    """The same after the operator's command, once notifications have heard of it."""
    arrived = {"persons": 2, "arrived_on": office.calendar.today().isoformat()}
    await steps.act_as_town(MUENSTER, family.id, "arrival", arrived)
    erase = ("privacy", "erase", family.id, "--by", "privacy-officer", "--reason", "retention-over")
    await asyncio.to_thread(later, platform, *erase)
    await office.event(HouseholdErased, household_id=family.id)

    async def keys_are_gone() -> bool:
        asked = "SELECT 1 FROM person_key WHERE person = $1"
        found = [await bus.rows(service, asked, UUID(family.id)) for service in ("allocation", "notifications")]
        return not any(found)

    await until(keys_are_gone, "no service has a key of the household")
    return family


def later(platform: Platform, *words: str) -> str:
    """A command of the service, on a day after the retention, in its environment."""
    day = platform.folder / "later-of-households"
    day.write_text(AFTER_THE_RETENTION)
    own = platform.services["allocation"].environment() | {"KFI_BUSINESS_DATE_FILE": str(day)}
    command = [str(installed("kfi-allocation")), *words]
    return subprocess.run(command, env=os.environ | own, check=True, capture_output=True, text=True).stdout


async def test_before_the_erasure_no_place_names_the_family(before: dict[str, set[str]]) -> None:
    assert before == {}


async def test_whoever_may_reads_the_names_in_the_file_and_in_the_letter(
    before: object, family: Family, steps: Allocating, platform: Platform
) -> None:
    planner = steps.people.planner
    read = [(await planner.get(f"{HOUSEHOLDS}/{family.id}")).document, (await steps.placement(family.id)).document]
    letter = (await asyncio.to_thread(lambda: spooled(platform.spool, family.letter_id))).read_bytes()
    assert set().union(*map(found_in, (str(read), letter))) == set(NAMES_OF_HOUSEHOLDS)
    town = await steps.towns[MUENSTER].get(f"{TOWNS}/{MUENSTER}/households/{family.id}")
    assert found_in(str(town.document)) >= {"trolvexhagen", "ywendolina", "qirafosz"}


def spooled(spool: Path, letter_id: str) -> Path:
    return next(spool.glob(f"*/{letter_id}.pdf"))


async def test_after_the_erasure_nobody_reads_a_name(erased: Family, door: Door) -> None:
    for path in (f"{HOUSEHOLDS}/{erased.id}", f"{PLACEMENTS}/{erased.id}"):
        answer = await door.ask("GET", path, login="auditor")
        assert (answer.status_code, found_in(answer.content)) == (200, set())


async def test_after_the_erasure_no_place_names_the_family(erased: Family, places: Places) -> None:
    assert await places.everywhere() == {}


async def test_after_the_erasure_no_key_that_is_left_opens_what_is_left(
    erased: Family, platform: Platform, bus: Bus
) -> None:
    ring, home = KeyRing(platform.person_keys("allocation")), UUID(erased.id)
    [row] = await bus.rows("allocation", "SELECT members FROM household WHERE id = $1", home)
    for each in await bus.rows("allocation", "SELECT person, kid, wrapped FROM person_key"):
        key = ring.open(each["person"], WrappedKey(each["kid"], each["wrapped"]))
        with pytest.raises(NotDecrypted):
            key.decrypt(HOUSEHOLD.c.members, home, row["members"])
