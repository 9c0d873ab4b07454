"""What may be wrong with a JSON value: one place of it is spoiled, whatever the value is about."""

import json
import logging
import os
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from .door import MARKER
from .size import size

Place = tuple[Any, Any]
"""An object or list, and the key or index of a member."""


def seeded() -> Random:
    """Decides all inputs of a run: in the short form the same each time, at night others, named in the log.

    `KFI_SEED` has the same inputs again.
    """
    at_night = Random().randrange(2**32)  # noqa: S311 - no secret
    number = int(os.environ.get("KFI_SEED", size(short=1, nightly=at_night)))
    logging.getLogger(__name__).warning("KFI_SEED=%d", number)
    return Random(number)  # noqa: S311 - no secret


def deep(levels: int) -> Any:
    """Lists in lists."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.1, -0.0, 1e308, float("nan"), float("inf"),
    "", " ", "\0", "\ud800", "\u202e" + MARKER, MARKER, MARKER * 200, "\n" * 50, "0", "-1", "1e9", "NaN", "null",
    "0.00", "9999999999999.99", "0.001", "-0.01", "1E+2", "\u0661\u0662.\u0660\u0660", "0001-01-01", "9999-12-31",
    "2026-02-30", "2026-W10-1", "00000000-0000-0000-0000-000000000000", "de.nrw.kfi.unheard-of.v1", "a@b", "<b>&amp;",
    "'; DROP TABLE application; --", "#let x = 1", "../../etc/passwd", "\U0001f468\u200d\U0001f469", "e\u0301" * 40,
    [], {}, [MARKER], {MARKER: MARKER}, [None], {"": None}, deep(20), deep(40),
)  # fmt: skip
"""Values that programs stumble over; some are no value of JSON at all, though many writers write them."""


def spoiled(value: Any, chance: Random) -> Any:
    """A copy with one change at one place: another value, one less, one more, or the same in another form."""
    copied = {"": deepcopy(value)}
    places = list(_places(copied))
    container, key = chance.choice(places[1:] or places)
    change = chance.choice((_strange, _strange, _gone, _added, _wrapped, _other_form, _repeated))
    change(container, key, chance)
    return copied.get("")


def written(value: Any, chance: Random) -> bytes:
    """The value as JSON, now and then as somebody careless writes it; what UTF-8 cannot hold comes escaped."""
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5, separators=chance.choice(((",", ":"), (" , ", " : "))))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def broken(text: bytes, chance: Random) -> bytes:
    """The bytes with some of them lost, changed, or added."""
    cut = chance.randrange(len(text) + 1)
    match chance.randrange(5):
        case 0:
            return text[:cut]
        case 1:
            return text[:cut] + bytes([chance.randrange(256)]) + text[cut + 1 :]
        case 2:
            return text[:cut] + chance.randbytes(chance.randrange(1, 20)) + text[cut:]
        case 3:
            return text + text
        case _:
            return text[cut:]


def _places(value: Any) -> Iterator[Place]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key
        yield from _places(member)


def _strange(container: Any, key: Any, chance: Random) -> None:
    container[key] = deepcopy(chance.choice(STRANGE))


def _gone(container: Any, key: Any, _: Random) -> None:
    del container[key]


def _added(container: Any, key: Any, chance: Random) -> None:
    target = container[key] if isinstance(container[key], dict) else container
    if isinstance(target, dict):
        target[chance.choice((MARKER, "id", "weather", "__proto__"))] = deepcopy(chance.choice(STRANGE))
    else:
        target.append(deepcopy(chance.choice(STRANGE)))


def _wrapped(container: Any, key: Any, _: Random) -> None:
    container[key] = [container[key]]


def _other_form(container: Any, key: Any, chance: Random) -> None:
    member = container[key]
    if isinstance(member, str):
        place = chance.randrange(len(member) + 1)
        container[key] = chance.choice(
            (member.upper(), f" {member}", member[:place], member[:place] + MARKER, member * 9)
        )
    else:
        container[key] = json.dumps(member) if chance.random() < 0.5 else str(member)


def _repeated(container: Any, key: Any, chance: Random) -> None:
    member = container[key]
    if isinstance(member, list) and member:
        container[key] = member * chance.choice((2, 60))
    else:
        container[key] = [member, member]
