"""Orders whose content can be opened and is strange all the same: to the house they look like any other order."""

import json
from random import Random
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from kfi_chassis.sealing import Sealer
from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import EMAIL_KINDS, LetterContent, content_bytes, content_digest, read_content
from kfi_contracts.notifications import Channel, LegalEffect, NotificationOrdered
from kfi_stack.running_platform import Platform

from .bus import Bus, Sent
from .events import Writable
from .fuzz_values import STRANGE, broken, spoiled, written

_TRIES = 30


class Letters:
    """Orders without end, sealed for the platform's notifications service."""

    def __init__(self, platform: Platform, chance: Random) -> None:
        key = json.loads((platform.folder / "keys" / "seal-orders.json").read_text("utf-8"))
        self._sealer = Sealer(key)
        self._chance = chance
        self._examples = list(LETTER_EXAMPLES.values())

    def order(self) -> tuple[str, Sent]:
        """The notification's id, and the order: mostly of a letter the models take, else of what they refuse."""
        example = self._chance.choice(self._examples)
        content = self._strange(example) if self._chance.random() < 0.7 else self._refused(example)
        number = uuid4()
        bound_to = str(number) if self._chance.random() < 0.95 else str(uuid4())
        token = self._sealer.seal(content, bound_to=bound_to)
        order = NotificationOrdered(
            notification_id=number, ordered_by="somebody-else", concerns=uuid4(), act_id=uuid4(),
            channel=Channel.EMAIL if example.template in EMAIL_KINDS else Channel.LETTER,
            legal_effect=LegalEffect.NONE, template=example.template, template_version=example.template_version,
            language=example.language, content_digest=content_digest(content), content=token,
        )  # fmt: skip
        return str(number), Writable.of(order).record

    def _strange(self, example: LetterContent) -> bytes:
        """Content that is valid, with one text of it that no person would write."""
        for _ in range(_TRIES):
            changed = self._with_another_text(json.loads(content_bytes(example)))
            try:
                return content_bytes(read_content(json.dumps(changed).encode()))
            except (ValidationError, ValueError):
                continue
        return content_bytes(example)

    def _with_another_text(self, document: Any) -> Any:
        places = [place for place in _texts(document) if place[1] not in {"template", "kind", "language", "outcome"}]
        container, key = self._chance.choice(places)
        strange = self._chance.choice([one for one in STRANGE if isinstance(one, str)] + TYPESET)
        container[key] = strange if self._chance.random() < 0.7 else f"{container[key]} {strange}"
        return document

    def _refused(self, example: LetterContent) -> bytes:
        document = json.loads(content_bytes(example))
        content = written(spoiled(document, self._chance), self._chance)
        return broken(content, self._chance)[:40_000] if self._chance.random() < 0.3 else content[:40_000]


TYPESET = [
    "#import \"x\"", "$x^2$", "*_`@<label>", "\\", "//", "= Überschrift", "\u00ad" * 60, "\ufeff", "\ufffe\uffff",
    "A" * 400, "\u200f\u202e\u2066", "\t", "\u2028", "%PDF-1.7", "{{ x }}", "]]>", "--- ~ ... 'a' \"b\"",
    "\u0643\u062a\u0627\u0628", "\u05e2\u05d1", "\U00013000", "\U0001f3f3\ufe0f\u200d\U0001f308" * 30,
]  # fmt: skip
"""What a typesetter may take for an order to itself, and characters few fonts have."""


def _texts(value: Any) -> list[tuple[Any, Any]]:
    members = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    inner = [place for _, member in members if isinstance(member, dict | list) for place in _texts(member)]
    return [(value, key) for key, member in members if isinstance(member, str)] + inner


async def put_away(bus: Bus, which: str, argument: object) -> list[Any]:
    """Forget the notifications with this work, which waits for a person or for nobody; the rows of the work."""
    query = f"DELETE FROM delivery WHERE {which} RETURNING *"  # noqa: S608 - words of ours
    rows = await bus.rows("notifications", query, argument)
    ids = [row["notification_id"] for row in rows]
    await bus.rows("notifications", "DELETE FROM notification WHERE id = ANY($1)", ids)
    return rows
