"""Rules as sentences with their number, and what it means when one is broken."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

C = TypeVar("C")


class Consequence(StrEnum):
    """What a broken rule means for the case."""

    REFUSED = "refused"
    CORRECTION_NEEDED = "correction-needed"
    MARKED = "marked"


@dataclass(frozen=True)
class Finding:
    """A rule the case does not keep; ``reason`` is the German sentence a letter may use."""

    rule: str
    name: str
    consequence: Consequence
    paragraph: str
    source: str
    reason: str


@dataclass(frozen=True)
class Rule(Generic[C]):
    """A numbered rule; its name is the sentence, ``broken_by`` gives the German reason when a case breaks it."""

    number: str
    name: str
    consequence: Consequence
    paragraph: str
    source: str
    broken_by: Callable[[C], str | None]

    def check(self, case: C) -> Finding | None:
        """The finding, or None when the case keeps the rule."""
        reason = self.broken_by(case)
        if reason is None:
            return None
        return Finding(self.number, self.name, self.consequence, self.paragraph, self.source, reason)


def rule(
    number: str, *, consequence: Consequence, paragraph: str, source: str
) -> Callable[[Callable[[C], str | None]], Rule[C]]:
    """Turn a function named like its sentence into the rule with this number."""

    def numbered(broken_by: Callable[[C], str | None]) -> Rule[C]:
        name = broken_by.__name__.replace("_", " ")
        return Rule(number, name, consequence, paragraph, source, broken_by)

    return numbered
