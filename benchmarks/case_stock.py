"""Many cases in a database of the applications service, as if they had been filed: made here, brought in by COPY.

One case of each state is stored by the service itself; the others are copies of it with a number, dates, names and a
key of their own, their texts encrypted and their search terms made by the service's own functions.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import text

from kfi_applications.api.requests import NewApplication
from kfi_applications.domain.application import Application
from kfi_applications.domain.states import ENDED, State
from kfi_applications.personal_texts import stored
from kfi_applications.repository import documents_of
from kfi_applications.search_terms import search_terms
from kfi_applications.tables import APPLICATION
from kfi_applications.works import ApplicationsWork
from kfi_chassis.clock import BerlinCalendar, SystemClock
from kfi_chassis.database import plain_url
from kfi_chassis.identity import SYSTEM
from kfi_chassis.privacy.blind_index import BlindIndex
from kfi_chassis.privacy.keys import KeyRing
from kfi_chassis.work import Transactions
from kfi_stack.demo.cases import application_body

PORTION: Final = 2_000
OPEN_SHARE: Final = 0.4
"""How many of the cases still wait for somebody; at an office it is less."""
CASEWORKERS: Final = tuple(f"person-{number}" for number in range(40))
PLACES: Final = tuple(f"{syllable}{ending}" for syllable in (
    "Hag", "Dort", "Boch", "Sieg", "Arns", "Lipp", "Unna", "Soes", "Iser", "Wit", "Her", "Lünen", "Hamm", "Ense",
) for ending in ("en", "mund", "um", "berg", "stadt", "feld", "bruch", "tal"))  # fmt: skip
PURPOSES: Final = ("Begegnung", "Sprachcafé", "Nachbarschaft", "Kultur", "Frauen", "Jugend", "Sport", "Bildung")
FIRST_NAMES: Final = ("Adam", "Zehra", "Olena", "Yusuf", "Maria", "Iryna", "Amal", "Jonas", "Derya", "Pavel")
SURNAMES: Final = tuple(f"{first}{second}" for first in (
    "Brück", "Kara", "Schön", "Petr", "Yild", "Koval", "Haddad", "Lind", "Moro", "Sand", "Wege", "Falk",
) for second in ("ner", "oglu", "feld", "enko", "iz", "chuk", "i", "emann", "zov", "er"))  # fmt: skip
_COLUMNS: Final = [column.name for column in APPLICATION.columns if column.name != "position"]
_DOCUMENTS: Final = frozenset(column.name for column in APPLICATION.columns if str(column.type) == "JSONB")
TODAY: Final = BerlinCalendar(SystemClock()).today()
"""The service's own day: what is due and what is old is counted from it."""


def association(number: int) -> str:
    """The name of an association; each files three applications."""
    place, purpose = PLACES[number % len(PLACES)], PURPOSES[number // len(PLACES) % len(PURPOSES)]
    return f"{purpose}sverein {place} {number} e. V."


async def stock_up(
    transactions: Transactions[ApplicationsWork], owner_url: str, ring: KeyRing, *, cases: int,
    say: Callable[[str], None],
) -> None:  # fmt: skip
    """Fill the database with so many cases, telling how far it is."""
    templates = await _templates(transactions)
    made, began = 0, time.perf_counter()
    connection = await asyncpg.connect(plain_url(owner_url))
    try:
        copies = _copies(templates, ring, cases)
        while portion := list(islice(copies, PORTION)):
            await _bring_in(connection, portion)
            made += len(portion)
            if made % 10_000 < PORTION:
                say(f"    {made:>7,} of {cases:,} cases, {made / (time.perf_counter() - began):,.0f} a second")
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


async def one_case(transactions: Transactions[ApplicationsWork]) -> UUID:
    """One case that was just filed."""
    case = filed(State.RECEIVED)
    await transactions.run(lambda work: work.applications.add(case), actor=SYSTEM("applications"))
    return case.id


async def _templates(transactions: Transactions[ApplicationsWork]) -> Sequence[tuple[Application, dict[str, Any]]]:
    """One case of each state as the service stores it: the case, and its row."""

    async def add(work: ApplicationsWork) -> Sequence[tuple[Application, dict[str, Any]]]:
        cases = [filed(state) for state in State]
        for case in cases:
            await work.applications.add(case)
        found = await work.connection.execute(text("SELECT * FROM application"))
        rows = {row["id"]: dict(row) for row in found.mappings()}
        return [(case, rows[case.id]) for case in cases]

    return await transactions.run(add, actor=SYSTEM("applications"))


def filed(state: State) -> Application:
    """A case in a state, as far as lists show it."""
    body = NewApplication.model_validate(application_body("Sprachcafé im Quartier"))
    return Application(
        uuid4(), f"template-{uuid4().hex}", "organisation-0", "mso-einzelprojekt", body.call, body.applicant.stated(),
        body.addressee.stated(), body.project.stated(), body.finance_plan.stated(), TODAY, late=False, state=state,
    )  # fmt: skip


def _copies(
    templates: Sequence[tuple[Application, dict[str, Any]]], ring: KeyRing, cases: int
) -> Iterator[dict[str, Any]]:
    chance, index = Random(1), BlindIndex(ring.index_key)  # noqa: S311 - no secret
    ended = [each for each in templates if each[0].state in ENDED]
    waiting = [each for each in templates if each[0].state not in ENDED]
    documents = {case.id: documents_of(case) for case, _ in templates}
    for number in range(cases):
        case, row = chance.choice(waiting if chance.random() < OPEN_SHARE else ended)
        named = _named(case, number, chance)
        filed_on = TODAY - timedelta(chance.randrange(700))
        due_on = None if row["due_on"] is None else TODAY + timedelta(chance.randrange(-60, 60))
        key, wrapped = ring.new_key(named.id)
        facts = deepcopy(documents[case.id])
        facts["applicant"]["name"] = named.applicant.name
        facts["addressee"] |= {"attention": named.addressee.attention, "email": named.addressee.email}
        texts = stored(named.id, facts, key)
        own = {
            "id": named.id, "file_number": named.file_number, "organisation": named.organisation,
            "filed_on": filed_on, "due_on": due_on,
            "assignee": None if due_on is None or chance.random() < 0.3 else chance.choice(CASEWORKERS),
        }  # fmt: skip
        yield {
            "row": row | texts | own,
            "key": (named.id, wrapped.kid, wrapped.wrapped),
            "tokens": search_terms(named, index),
        }


def _named(case: Application, number: int, chance: Random) -> Application:
    contact = f"{chance.choice(FIRST_NAMES)} {chance.choice(SURNAMES)}"
    return replace(
        case,
        id=UUID(int=chance.getrandbits(128), version=4),
        file_number=f"36-{2000 + number // 9999}-{number % 9999 + 1:04d}",
        organisation=f"organisation-{number // 3}",
        applicant=replace(case.applicant, name=association(number // 3)),
        addressee=replace(case.addressee, attention=contact, email=f"post-{number // 3}@verein.example"),
    )


async def _bring_in(connection: asyncpg.Connection, portion: Sequence[dict[str, Any]]) -> None:
    rows = [tuple(_binary(name, each["row"][name]) for name in _COLUMNS) for each in portion]
    await connection.copy_records_to_table("application", records=rows, columns=_COLUMNS)
    keys = [each["key"] for each in portion]
    await connection.copy_records_to_table("person_key", records=keys, columns=["person", "kid", "wrapped"])
    tokens = [(token, each["row"]["id"]) for each in portion for token in sorted(each["tokens"])]
    await connection.copy_records_to_table("blind_index", records=tokens, columns=["token", "person"])


def _binary(name: str, value: Any) -> Any:
    return json.dumps(value) if name in _DOCUMENTS and value is not None else value
