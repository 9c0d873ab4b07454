"""Records that no service of ours would write, each made from a sound event in a way that has a name.

Topics and events come from the contracts and readers from the installed services, so that a new one is fuzzed at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from random import Random
from typing import Any
from uuid import UUID

from kfi_chassis.subscriptions import Consumer
from kfi_contracts import ALL_EVENTS
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES
from kfi_contracts.topics import Topic

from .bus import Headers, Sent
from .events import KINDS, Writable
from .flood import STANDS_FOR_IT
from .fuzz_values import STRANGE, broken, deep, spoiled, written

Change = Callable[[Writable, Random], Sent]
ANY = ""
"""The end of a kind that may end in every way but a fault."""
ENVELOPE = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_sequence", "content-type")


@dataclass(frozen=True)
class Made:
    """A record to send: which kind it is, the event it was made of, and how it must end where that is known."""

    kind: str
    base: Writable
    record: Sent
    end: str


@cache
def consumer_of(service: str) -> Consumer:
    """What a service declares that it takes in."""
    (found,) = entry_points(group="kfi.services", name=service)
    consumer: Consumer = found.load().consumer
    return consumer


class Stream:
    """Everything that may lie on one topic, at random; the same again for the same chance.

    Ends are those that one of its readers brings about, without one they are open.
    """

    def __init__(self, topic: Topic, chance: Random, reader: str | None = None) -> None:
        self._consumer = None if reader is None else consumer_of(reader)
        self._chance = chance
        self._sound = [
            example for event, examples in EVENT_EXAMPLES.items() if event.topic == topic.name
            for example in examples.values()
        ]  # fmt: skip
        self._foreign = [
            example for event in ALL_EVENTS if event.topic != topic.name for example in EVENT_EXAMPLES[event].values()
        ]
        self._kinds = list(kinds())
        self._weights = [0.05 if kind in LARGE else 1 if kind in RARE else 30 for kind in self._kinds]

    def __iter__(self) -> Iterator[Made]:
        """Each kind once, then each as often as it is worth, now and then one that came before."""
        yield from map(self.made, self._kinds)
        while True:
            made = self.made(self._chance.choices(self._kinds, self._weights)[0])
            if self._chance.random() < AGAIN:  # whichever is read first, the other is a duplicate
                made = replace(made, kind=f"twice: {made.kind}", end=ANY)
                yield made
            yield made

    def made(self, kind: str) -> Made:
        """One record of that kind."""
        change, end = kinds()[kind]
        pool = self._foreign if kind == FOREIGN else self._sound
        base = Writable.of(self._fresh(self._chance.choice(pool), ours=not end), sequence=self._chance.randint(1, 9))
        return Made(kind, base, change(base, self._chance), self._end(end, base.event))

    def _end(self, end: str, event: Event) -> str:
        """A type that the reader does not take in is skipped before anything else of it is looked at."""
        return end if self._consumer is not None and self._consumer.subscription(event.type) else ANY

    def _fresh(self, example: Event, *, ours: bool) -> Event:
        """The event about things nobody knows, so that it changes no case of others."""
        unknown: dict[str, Any] = {
            name: UUID(int=self._chance.getrandbits(128), version=4)
            for name, value in dict(example).items() if isinstance(value, UUID)
        }  # fmt: skip
        if "ordered_by" in type(example).model_fields and not (ours and self._chance.random() < OURS):
            unknown["ordered_by"] = "somebody-else"
        return example.model_copy(update=unknown)


@cache
def kinds() -> dict[str, tuple[Change, str]]:
    """All kinds: those with a fixed change, and those that differ each time."""

    def fixed(change: Callable[[Writable], Sent]) -> Change:
        return lambda good, _: change(good)

    return {name: (fixed(change), end) for name, (change, end) in KINDS.items()} | RANDOM


def _headers_at_random(good: Writable, chance: Random) -> Sent:
    return replace(good.record, headers=[_header(chance) for _ in range(chance.randrange(20))])


def _header(chance: Random) -> tuple[str, bytes | None]:
    name = chance.choice((*ENVELOPE, "ce_", "", "traceparent", "\0", "ä" * 50))
    return name, chance.choice((None, b"", b"1.0", b"\xff", chance.randbytes(chance.randrange(40))))


def _one_header(good: Writable, chance: Random) -> Sent:
    headers = list(good.record.headers)
    place = chance.randrange(len(headers))
    strange = chance.choice(STRANGE)
    text = strange if isinstance(strange, str) else str(strange)[:500]
    headers[place] = (headers[place][0], text.encode("utf-8", "surrogatepass"))
    return replace(good.record, headers=headers)


def _header_lost(good: Writable, chance: Random) -> Sent:
    return replace(good.record, headers=_without(good.record.headers, chance.choice(ENVELOPE[1:3] + ENVELOPE[4:])))


def _header_twice(good: Writable, chance: Random) -> Sent:
    name = chance.choice(ENVELOPE)
    return replace(good.record, headers=[*good.record.headers, *(one for one in good.record.headers if one[0] == name)])


def _without(headers: Headers, name: str) -> Headers:
    return [header for header in headers if header[0] != name]


def _spoiled(good: Writable, chance: Random) -> Sent:
    return replace(good.record, value=written(spoiled(_data(good), chance), chance))


def _deep(good: Writable, chance: Random) -> Sent:
    levels = chance.choice((30, 150, 400))
    return replace(good.record, value=written(_data(good) | {"weather": deep(levels)}, chance))


def _deeper(good: Writable, chance: Random) -> Sent:
    return replace(good.record, value=b'{"weather":' * chance.choice((300, 20_000)))


def _data(good: Writable) -> Any:
    return good.event.model_dump(mode="json")


RANDOM: dict[str, tuple[Change, str]] = {
    "random bytes": (
        lambda _, chance: Sent(chance.randbytes(chance.randrange(1, 400)), (), chance.randbytes(8)),
        "parked missing_attribute",
    ),
    "random bytes in a sound envelope": (
        lambda good, chance: replace(good.record, value=b"\x80" + chance.randbytes(chance.randrange(400))),
        "parked invalid_data:data:json_invalid",
    ),
    "random headers": (_headers_at_random, ANY),
    "a strange header": (_one_header, ANY),
    "a header too few": (_header_lost, "parked missing_attribute"),
    "a header twice": (_header_twice, "parked duplicate_attribute"),
    "bytes lost, changed or added": (
        lambda good, chance: replace(good.record, value=broken(good.record.value or b"{}", chance)), ANY,
    ),
    "one place spoiled": (_spoiled, ANY),
    "nested": (_deep, ANY),
    "nested without an end": (_deeper, "parked invalid_data"),
    "a sequence below one": (
        lambda good, chance: good.with_header("ce_sequence", str(-chance.randrange(10**9)).encode()),
        "parked invalid_attribute",
    ),
    "a time outside the calendar": (
        lambda good, _: good.with_header("ce_time", b"0001-01-01T00:00:00+05:00"), "parked invalid_attribute",
    ),
    "of the version before": (
        lambda good, _: good.with_header("ce_type", f"{good.event.type[:-1]}0".encode()), "skipped",
    ),
    "without a key": (lambda good, _: replace(good.record, key=None), ANY),
    "under a foreign key": (lambda good, chance: replace(good.record, key=chance.randbytes(16)), ANY),
    "about another subject": (lambda good, _: good.with_header("ce_subject", b"somebody"), ANY),
    "from another source": (lambda good, _: good.with_header("ce_source", b"/kfi/unheard-of"), ANY),
    "on a topic that is not its own": (lambda good, _: good.record, "skipped"),
    "a header's name that is no UTF-8": (lambda good, _: good.with_header(STANDS_FOR_IT, b"1"), "handled"),
    "sound": (lambda good, _: good.record, ANY),
}  # fmt: skip
FOREIGN = "on a topic that is not its own"
AGAIN = 0.02
OURS = 0.02
"""How many of those whose end is open speak of things of ours; each costs its whole batch a second try."""
LARGE = frozenset({"too long for its field", "nested without an end"})
RARE = frozenset({
    "a header's name that is no UTF-8", "a field nobody knows", "a foreign header that is no UTF-8",
    "a foreign header that is null", "without a key", "under a foreign key", "about another subject",
    "from another source", "sound",
})  # fmt: skip
"""What is handled, and so sets the service to work."""
