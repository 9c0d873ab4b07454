"""Door 1, the pull feed: begin with the snapshot, then ask for what follows the cursor, for ever."""

import httpx2

from municipality_client.town import Town

GONE = 410


async def begin(client: httpx2.AsyncClient, town: Town) -> None:
    """Take the town's state as it is now."""
    answer = await client.get(f"/allocation/v1/municipalities/{town.ags}/feed/snapshot")
    answer.raise_for_status()
    town.begin(answer.json())


async def read_on(client: httpx2.AsyncClient, town: Town, wait: int = 10) -> int:
    """Take in what follows; waits so many seconds for news. Tells how many events were new.

    A cursor that has ended (410) means that too much time has passed, or that the authority restored a backup: the
    snapshot replaces what we know.
    """
    if town.cursor is None:
        await begin(client, town)
    asked = {"after": town.cursor, "wait": wait}
    answer = await client.get(f"/allocation/v1/municipalities/{town.ags}/feed", params=asked, timeout=wait + 10)
    if answer.status_code == GONE:
        await begin(client, town)
        return 0
    answer.raise_for_status()
    new = sum(town.take(event) for event in answer.json())
    town.cursor = answer.headers["Feed-Cursor"]
    return new
