"""Rules as sentences with their number, and what it means when one is broken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from kfi_applications.domain.case import Case
from kfi_law.parameters import Parameter

T_contra = TypeVar("T_contra", contravariant=True)
Broken = Callable[[Case, T_contra], str | None]
"""Looks at a case under the dated values of its programme; the German reason when it breaks the rule."""


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
class Citation:
    """Where a rule stands: its paragraph, and the source it was read in."""

    paragraph: str
    source: str


@dataclass(frozen=True)
class Rule(Generic[T_contra]):
    """A rule whose name is its sentence; each programme that has it gives it a number of its own."""

    name: str
    consequence: Consequence
    cited: Callable[[T_contra], Citation | Parameter]
    broken_by: Broken[T_contra]

    def check(self, number: str, case: Case, terms: T_contra) -> Finding | None:
        """The finding, or None when the case keeps the rule."""
        reason = self.broken_by(case, terms)
        if reason is None:
            return None
        where = self.cited(terms)
        return Finding(number, self.name, self.consequence, where.paragraph, where.source, reason)


def findings_of(rules: Mapping[str, Rule[T_contra]], case: Case, terms: T_contra) -> tuple[Finding, ...]:
    """What a case breaks, in the order of the numbers under which the programme lists its rules."""
    return tuple(filter(None, (rule.check(number, case, terms) for number, rule in rules.items())))


def rule(consequence: Consequence, *, paragraph: str, source: str) -> Callable[[Broken[T_contra]], Rule[T_contra]]:
    """Turn a function named like its sentence into a rule that stands in one place."""
    return rule_of_value(consequence, lambda _: Citation(paragraph, source))


def rule_of_value(
    consequence: Consequence, cited: Callable[[T_contra], Citation | Parameter]
) -> Callable[[Broken[T_contra]], Rule[T_contra]]:
    """Turn a function named like its sentence into a rule that stands where its dated value stands."""

    def named(broken_by: Broken[T_contra]) -> Rule[T_contra]:
        return Rule(_sentence(broken_by), consequence, cited, broken_by)

    return named


def _sentence(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", " ")
