"""Whatever lists come one after the other, and wherever the service dies: what is known is what the lists say."""

import random
from typing import Any

import pytest
from services.allocation.tests.arrival_lists import person
from services.allocation.tests.arriving import items, shown, uploaded

from kfi_allocation.promises import INVARIANTS
from kfi_allocation.use_cases import import_arrival_list
from kfi_allocation.use_cases.import_arrival_list import import_next_portion

pytestmark = pytest.mark.servers
REFERENCES = [f"F-{number}" for number in range(8)]


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_known_is_what_the_lists_say(desk: Any, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(import_arrival_list, "PORTION", 3)
    chosen = random.Random(seed)  # noqa: S311 - the same lists in every run
    known, corrected = dict[str, tuple[str, int]](), None
    for _ in range(5):
        said = {reference: _said(chosen) for reference in chosen.sample(REFERENCES, chosen.randint(1, 8))}
        rows = [row for reference, words in said.items() for row in _rows(reference, *words)]
        chosen.shuffle(rows)
        list_id = await uploaded(desk, rows, **({} if corrected is None else {"corrects": corrected}))
        known = _after(known, said, corrects=corrected is not None)
        shown_now = await shown(desk, list_id)
        if shown_now["state"] == "unreadable":
            continue
        order = {"cancellations": shown_now["found"]["cancelled"]}
        await desk.done("planner", f"/arrival-lists/{list_id}", "import", order)
        await _portions_with_deaths(desk, monkeypatch, chosen)
        await _must_be_known(desk, known)
        corrected = list_id


def _said(chosen: random.Random) -> tuple[str, str, int]:
    """What a list says of a household: how, on which charter, how many persons."""
    return (
        chosen.choice(("good", "good", "good", "bad", "cancelled")),
        f"C-{chosen.randint(1, 2)}",
        chosen.randint(1, 3),
    )


def _rows(reference: str, kind: str, charter: str, persons: int) -> list[dict[str, str]]:
    rows = [person(reference, Vorname=f"P{number}", Charter=charter) for number in range(persons)]
    if kind == "bad":
        rows[-1]["Geburtsdatum"] = "?"
    if kind == "cancelled":
        rows[0]["Status"] = "storniert"
    return rows


def _after(
    known: dict[str, tuple[str, int]], said: dict[str, tuple[str, str, int]], *, corrects: bool
) -> dict[str, tuple[str, int]]:
    after = {reference: what for reference, what in known.items() if reference in said or not corrects}
    for reference, (kind, charter, persons) in said.items():
        if kind == "good":
            after[reference] = (charter, persons)
        elif kind == "cancelled":
            after.pop(reference, None)
    return after


async def _portions_with_deaths(desk: Any, monkeypatch: pytest.MonkeyPatch, chosen: random.Random) -> None:
    entries, deal_with = import_arrival_list.ArrivalEntries, import_arrival_list.ArrivalEntries.deal_with

    async def dying(*values: Any) -> None:
        if chosen.random() < 0.4:
            raise Killed
        await deal_with(*values)

    with monkeypatch.context() as mortal:
        mortal.setattr(entries, "deal_with", dying)
        done = 1
        while done:
            try:
                done = await import_next_portion(desk.transactions)
            except Killed:
                done = 1


async def _must_be_known(desk: Any, known: dict[str, tuple[str, int]]) -> None:
    homes = await items(desk, "/households", limit=100)
    live = {home["reference"]: (home["charter"], home["persons"]) for home in homes if home["cancelled_on"] is None}
    assert live == known
    for name, query in INVARIANTS.items():
        assert await desk.rows(query.replace("SELECT FROM", "SELECT 1 FROM", 1)) == [], name
    for row in await desk.rows("SELECT count(*) AS n, max(sequence) AS last FROM outbox GROUP BY topic, key"):
        assert row.n == row.last
