"""The people of the story, each signed in by an account of the demo provider."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from kfi_stack.demo.person import Person, Program
from kfi_stack.running_platform import Platform

MUENSTER, DORTMUND, BIELEFELD = TOWNS = ("05515000", "05913000", "05711000")
"""The towns of the demo whose software has a key."""


@dataclass(frozen=True)
class People:
    """Who takes part; `same_person` is the caseworker's second account, with the right to sign.

    So is `planner_as_signatory` the planner's.
    """

    applicant: Person
    stranger: Person
    caseworker: Person
    same_person: Person
    signatory: Person
    budget_officer: Person
    operator: Person
    planner: Person
    planner_as_signatory: Person
    allocation_signatory: Person

    @classmethod
    @asynccontextmanager
    async def at(cls, platform: Platform) -> "AsyncIterator[People]":
        """All of them at the gateway of this platform."""
        async with AsyncExitStack() as opened:

            async def person(login: str) -> Person:
                return await opened.enter_async_context(Person(login, platform.gateway_url, platform.tokens))

            yield cls(
                applicant=await person("applicant"),
                stranger=await person("other-applicant"),
                caseworker=await person("caseworker"),
                same_person=await person("caseworker-as-signatory"),
                signatory=await person("signatory"),
                budget_officer=await person("budget-officer"),
                operator=await person("operator"),
                planner=await person("planner"),
                planner_as_signatory=await person("planner-as-signatory"),
                allocation_signatory=await person("allocation-signatory"),
            )


@asynccontextmanager
async def programs_of_towns(platform: Platform) -> AsyncIterator[Mapping[str, Program]]:
    """The software of each town of the demo, by AGS."""
    async with AsyncExitStack() as opened:
        yield {
            ags: await opened.enter_async_context(Program(f"town-{ags}", platform.gateway_url, platform.tokens))
            for ags in TOWNS
        }
