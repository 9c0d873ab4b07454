"""A rule of the domain that was broken, as a problem of RFC 9457; each type has its page."""

from collections.abc import Mapping

from kfi_allocation.domain.errors import RuleBroken
from kfi_chassis.problem import define
from kfi_chassis.problems import NotFound, Problem, ProblemType

Kinds = dict[type[RuleBroken], ProblemType]


def kinds(stated: Mapping[type[RuleBroken], tuple[int, str]]) -> Kinds:
    """The problem of each rule, by its status and by what to do about it; what it means the rule says itself."""
    return {
        broken: define(broken.code, status, broken.title, (broken.__doc__ or broken.title).splitlines()[0], remedy)
        for broken, (status, remedy) in stated.items()
    }


def unknown(_: LookupError) -> Problem:
    """There is nothing of that id, or nothing that may be known."""
    return NotFound()
