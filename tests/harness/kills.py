"""A random plan of kills, and its execution: what is killed, how often, and at which moments, from one seed."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kfi_stack.running_platform import SERVICES, Platform

from .estate import KAFKA, POSTGRESQL, Estate
from .load import Load
from .office import Office

LOOK_SECONDS, LOOKS = 0.003, 1000
"""So often an event is looked for; when none comes, because all is down, the kill comes all the same."""
AT_ONCE = 4
"""So many kinds may be down at the same time."""
SOON_SECONDS = 0.03


@dataclass(frozen=True)
class Kind:
    """What dies together; the weight says how often compared to the others."""

    name: str
    programs: tuple[str, ...]
    weight: int


@dataclass(frozen=True)
class Kill:
    """One kill: after a pause, and then at once or just after the next event."""

    kind: Kind
    pause: float
    event: str | None
    delay: float


def kinds_of(estate: Estate) -> list[Kind]:
    """Each program alone, each service with all its processes, each server; a later service joins by itself."""
    alone = [Kind(name, (name,), 1 if name == KAFKA else 2 if name == POSTGRESQL else 3) for name in estate.mortals]
    whole = [
        Kind(f"all of {service}", tuple(name for name in estate.mortals if name.split()[0] == service), 1)
        for service in SERVICES
    ]
    return alone + whole


def plan_of(kinds: Sequence[Kind], count: int, seed: int, events: Sequence[str]) -> list[Kill]:
    """Each kind at least once, the others by weight, in any order; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - moments are no secret
    drawn = [*kinds, *chance.choices(kinds, [kind.weight for kind in kinds], k=max(count - len(kinds), 0))]
    chance.shuffle(drawn)
    return [
        Kill(kind, chance.uniform(0, 1.2), chance.choice([None, *events]), chance.uniform(0, SOON_SECONDS))
        for kind in drawn
    ]


class Moments:
    """What a kill may come just after; another one joins by a line. Each is a number that changes when it happens."""

    def __init__(self, load: Load, office: Office, platform: Platform) -> None:
        self._changes: Mapping[str, Callable[[], object]] = {
            "an application is accepted": lambda: len(load.cases),
            "an event is published": lambda: len(office.observer.seen),
            "a letter lies in the spool": lambda: _changed(platform.spool / office.calendar.today().isoformat()),
            "an e-mail is handed over": lambda: _changed(platform.folder / "mail"),
        }

    @property
    def names(self) -> list[str]:
        """All of them."""
        return list(self._changes)

    async def next(self, name: str) -> None:
        """Return when it has happened again, or after a while."""
        look = self._changes[name]
        before = look()
        for _ in range(LOOKS):
            if look() != before:
                return
            await asyncio.sleep(LOOK_SECONDS)


def _changed(folder: Path) -> int:
    return folder.stat().st_mtime_ns if folder.exists() else 0


async def carried_out(
    plan: Sequence[Kill], estate: Estate, moments: Moments, between: Callable[[int], None]
) -> Counter[str]:
    """Kills as planned, several kinds at the same time, each kind's one after the other; how often each died.

    `between` is told the number of kills so far after each of them.
    """
    lanes: dict[Kind, list[Kill]] = defaultdict(list)
    for kill in plan:
        lanes[kill.kind].append(kill)
    done: Counter[str] = Counter()
    room = asyncio.Semaphore(AT_ONCE)

    async def lane(kills: Sequence[Kill]) -> None:
        for kill in kills:
            async with room:
                await _carry_out(kill, estate, moments)
            done[kill.kind.name] += 1
            between(done.total())

    async with asyncio.TaskGroup() as group:
        for kills in lanes.values():
            group.create_task(lane(kills))
    return done


async def _carry_out(kill: Kill, estate: Estate, moments: Moments) -> None:
    await asyncio.sleep(kill.pause)
    await estate.look_at(kill.kind.programs)
    if kill.event is not None:
        await moments.next(kill.event)
        await asyncio.sleep(kill.delay)
    await estate.kill(kill.kind.programs)
