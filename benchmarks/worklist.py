"""Work list and search with many cases: `python -m benchmarks.worklist`

Makes 100,000 cases, then asks as people do: their own cases, nobody's, by state, age and due date, page after page; and
searches by names that are rare, common, in every case, and in none. First each kind of question one after another, then
all kinds mixed at a rate, each at its moment, whether or not the ones before are answered.
Ends with 1 when a 95th percentile is over the limit.
"""

import argparse
import asyncio
import json
import logging
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, Final

import httpx2

from benchmarks.case_service import place, running, signed_in
from benchmarks.case_stock import CASEWORKERS, FIRST_NAMES, PLACES, PURPOSES, SURNAMES, TODAY, association, stock_up
from benchmarks.rounds import RESULTS

LIMIT_MS: Final = 50.0
WARM_UP: Final = 20
RATE: Final = 10.0
"""Questions a second when they come mixed; an office of forty people asks one a second at its busiest."""
Question = Callable[[Random], "Asking"]


@dataclass(frozen=True)
class Asking:
    """One request: who asks what."""

    path: str
    query: Mapping[str, str]
    body: Mapping[str, str] | None = None
    who: str = "caseworker"


@dataclass(frozen=True)
class Answered:
    """How long the answers to one kind of question took, in milliseconds, and how many rows they had in the middle."""

    question: str
    p50: float
    p95: float
    p99: float
    rows: int


def _list(**query: str) -> Asking:
    return Asking("/work-list", {"limit": "50", **query})


def _search(text: str) -> Asking:
    return Asking("/applications/search", {"limit": "50"}, {"text": text})


QUESTIONS: Final[Mapping[str, Question]] = {
    "work list, all": lambda _: _list(),
    "work list, mine": lambda _: _list(assignee="me"),
    "work list, a colleague's": lambda chance: _list(assignee=chance.choice(CASEWORKERS)),
    "work list, nobody's": lambda _: _list(assignee="nobody"),
    "work list, one state": lambda chance: _list(state=chance.choice(("received", "proposed", "announced"))),
    "work list, mine in a state": lambda chance: _list(assignee="me", state=chance.choice(("received", "proposed"))),
    "work list, overdue": lambda _: _list(due_until=TODAY.isoformat()),
    "work list, older than a year": lambda chance: _list(older_than_days=str(chance.randrange(365, 800))),
    "all cases, the newest": lambda _: Asking("/applications", {"limit": "50"}),
    "an association's own cases": lambda _: Asking("/applications", {"limit": "50"}, who="association"),
    "search, an association": lambda chance: _search(association(chance.randrange(33_000))),
    "search, a contact": lambda chance: _search(f"{chance.choice(FIRST_NAMES)} {chance.choice(SURNAMES)}"),
    "search, purpose and place": lambda chance: _search(f"{chance.choice(PURPOSES)}sverein {chance.choice(PLACES)}"),
    "search, a word of every case": lambda _: _search("e. V."),
    "search, an e-mail address": lambda chance: _search(f"post-{chance.randrange(33_000)}@verein.example"),
    "search, nobody": lambda chance: _search(f"Unbekannt {chance.randrange(10**9)}"),
}


async def answered(client: httpx2.AsyncClient, name: str, question: Question, *, asks: int) -> Answered:
    """Ask one kind of question so often, one after another."""
    chance = Random(name)  # noqa: S311 - no secret
    found = [await _timed(client, question(chance), time.perf_counter()) for _ in range(asks)]
    return figures_of(name, found)


async def mixed(client: httpx2.AsyncClient, *, asks: int) -> Answered:
    """All kinds of questions at a rate; the time counts from the moment at which a question was to be asked."""
    chance, began = Random(2), time.perf_counter()  # noqa: S311 - no secret
    asked = []
    for number in range(asks):
        moment = began + number / RATE
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        question = chance.choice(list(QUESTIONS.values()))
        asked.append(asyncio.create_task(_timed(client, question(chance), moment)))
    return figures_of(f"all kinds, {RATE:.0f} a second", await asyncio.gather(*asked))


async def _timed(client: httpx2.AsyncClient, asking: Asking, moment: float) -> tuple[float, int]:
    """Milliseconds since the moment, and how many rows the answer has."""
    answer = await _asked(client, asking)
    milliseconds = (time.perf_counter() - moment) * 1000
    answer.raise_for_status()
    return milliseconds, len(answer.json()["items"])


def figures_of(name: str, found: Sequence[tuple[float, int]]) -> Answered:
    """The percentiles of some answers."""
    cuts = statistics.quantiles([milliseconds for milliseconds, _ in found], n=100)
    return Answered(name, cuts[49], cuts[94], cuts[98], int(statistics.median(rows for _, rows in found)))


async def _asked(client: httpx2.AsyncClient, asking: Asking) -> httpx2.Response:
    headers = signed_in(asking.who)
    if asking.body is None:
        return await client.get(asking.path, params=asking.query, headers=headers)
    return await client.post(asking.path, params=asking.query, json=asking.body, headers=headers)


async def deep_pages(client: httpx2.AsyncClient, *, pages: int) -> Answered:
    """Read the work list on and on: the last page must not take longer than the first."""
    found: list[tuple[float, int]] = []
    cursor: dict[str, str] = {}
    for _ in range(pages):
        began = time.perf_counter()
        page = (await _asked(client, _list(**cursor))).json()
        found.append(((time.perf_counter() - began) * 1000, len(page["items"])))
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    return figures_of("work list, page after page", found)


async def measured(cases: int, asks: int) -> Sequence[Answered]:
    """All figures on a database of its own."""
    with place() as where:
        async with running(where) as (process, client):
            print(f"making {cases:,} cases")
            await stock_up(process.transactions, where.urls.owner_url, where.settings.key_ring, cases=cases, say=print)
            async with _quiet():
                found = []
                for name, question in QUESTIONS.items():
                    await answered(client, name, question, asks=WARM_UP)
                    found.append(await answered(client, name, question, asks=asks))
                    print(line_of(found[-1]))
                found += [await deep_pages(client, pages=asks), await mixed(client, asks=2 * asks)]
                print("\n".join(map(line_of, found[-2:])))
    return found


@asynccontextmanager
async def _quiet() -> AsyncIterator[None]:
    """Without the log of each request; it goes to a file in production, here it would go over the table."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def line_of(one: Answered) -> str:
    """A row of the table."""
    return f"| {one.question:<30} | {one.rows:>4} | {one.p50:>7.1f} | {one.p95:>7.1f} | {one.p99:>7.1f} |"


def keep(cases: int, found: Sequence[Answered]) -> None:
    """Write the figures to `.benchmarks/worklist.json`."""
    RESULTS.mkdir(exist_ok=True)
    content: dict[str, Any] = {"cases": cases, "limit_ms": LIMIT_MS, "figures": [asdict(one) for one in found]}
    (RESULTS / "worklist.json").write_text(json.dumps(content, indent=2) + "\n")


def main() -> int:
    """Measure, print, keep; 1 when a 95th percentile is over the limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worklist", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--asks", type=int, default=300, help="how often each question is asked")
    options = parser.parse_args()
    print(f"| {'milliseconds':<30} | rows |  median | 95th % | 99th % |")
    found = asyncio.run(measured(options.cases, options.asks))
    keep(options.cases, found)
    slow = [one for one in found if one.p95 > LIMIT_MS]
    for one in slow:
        print(f"over {LIMIT_MS:.0f} ms: {line_of(one)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
