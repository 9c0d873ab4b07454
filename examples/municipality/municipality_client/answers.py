"""What a town answers: that it took note, who has come; and what names a person, never sent and always fetched."""

from typing import Any
from uuid import uuid4

import httpx2

from municipality_client.settings import Settings


async def take_note(client: httpx2.AsyncClient, ags: str, household: str) -> None:
    """Say that the town took note of a proposal; said again, nothing changes."""
    answer = await client.put(f"/allocation/v1/municipalities/{ags}/households/{household}/receipt")
    answer.raise_for_status()


async def fetch(client: httpx2.AsyncClient, dataref: str) -> dict[str, Any]:
    """The household that `dataref` of an event names. It is recorded who read it: fetch what is needed, when it is."""
    answer = await client.get(dataref)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


async def arrived(settings: Settings, client: httpx2.AsyncClient, household: str, persons: str, day: str) -> str:
    """Say that a household has come, and how many persons are there. Tells its state."""
    placement = f"{settings.own}/placements/{household}"
    seen = (await client.get(placement)).raise_for_status()
    answer = await client.post(
        f"{placement}/arrival",
        json={"persons": int(persons), "arrived_on": day},
        headers={"If-Match": seen.headers["ETag"]},
    )
    return str(answer.raise_for_status().json()["state"])


async def test(settings: Settings, client: httpx2.AsyncClient) -> str:
    """Ask for an event that means nothing and comes through every door of the town. Tells its id."""
    answer = await client.post(f"{settings.own}/feed/test-events", headers={"Idempotency-Key": str(uuid4())})
    return str(answer.raise_for_status().json()["test_id"])
