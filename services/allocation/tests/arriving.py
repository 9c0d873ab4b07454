"""What tests do with lists of arrivals at the running service: upload, read, import, look."""

from collections.abc import Sequence
from typing import Any

from services.allocation.tests.arrival_lists import csv_of, person

from kfi_allocation.use_cases.import_arrival_list import import_next_portion
from kfi_allocation.use_cases.read_arrival_list import read_next_list

CSV = "text/csv"
FAMILY = [person("F-1", Vorname="Ada"), person("F-1", Vorname="Zoë", Geburtsdatum="03.04.2019")]


async def upload(desk: Any, content: bytes, kind: str = CSV, who: str = "planner", **said: Any) -> Any:
    words = {"source": "bamf", "mapping": "example-persons"} | said
    query = "&".join(f"{name}={value}" for name, value in words.items())
    return await desk.send(who, f"/arrival-lists?{query}", content, kind)


async def uploaded(desk: Any, rows: Sequence[dict[str, str]], **said: Any) -> str:
    answer = await upload(desk, csv_of(rows), **said)
    assert answer.status_code == 201, answer.text
    assert await read_next_list(desk.transactions) == 1
    return str(answer.json()["id"])


async def shown(desk: Any, list_id: str) -> dict[str, Any]:
    answer = await desk.get("planner", f"/arrival-lists/{list_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def imported(desk: Any, rows: Sequence[dict[str, str]], *, order: Any = None, **said: Any) -> str:
    list_id = await uploaded(desk, rows, **said)
    await desk.done("planner", f"/arrival-lists/{list_id}", "import", order or {})
    await all_portions(desk)
    assert (await shown(desk, list_id))["state"] == "imported"
    return list_id


async def all_portions(desk: Any) -> None:
    while await import_next_portion(desk.transactions):
        pass


async def items(desk: Any, path: str, **query: Any) -> list[dict[str, Any]]:
    return list((await desk.get("planner", path, **query)).json()["items"])


async def events(desk: Any) -> list[tuple[str, int]]:
    rows = await desk.rows("SELECT type, key, sequence FROM outbox ORDER BY position")
    return [(row.type.split(".")[-2], row.sequence) for row in rows]
