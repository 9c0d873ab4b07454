"""The people of the story, each signed in by an account of the demo provider."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from kfi_stack.demo.person import Person
from kfi_stack.running_platform import Platform


@dataclass(frozen=True)
class People:
    """Who takes part; `same_person` is the caseworker's second account, with the right to sign."""

    applicant: Person
    stranger: Person
    caseworker: Person
    same_person: Person
    signatory: Person
    budget_officer: Person
    operator: Person

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
            )
