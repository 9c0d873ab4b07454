"""What a town answers: that it took note, and what names a person, which is never sent and always fetched."""

from typing import Any

import httpx2


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
