"""Follows the town's feed and prints what changes: `python -m municipality_client`.

Settings are variables: KFI_URL (the gateway), KFI_TOKEN_URL, KFI_CLIENT, KFI_SECRET, KFI_AGS, KFI_STATE (a file).
"""

import asyncio
import os
import sys
from pathlib import Path

import httpx2

from municipality_client import feed
from municipality_client.access import Access
from municipality_client.town import Town


async def follow() -> None:
    """Read on until Ctrl-C; what was taken in is saved before the next question."""
    told = os.environ
    file, ags = Path(told.get("KFI_STATE", "town.json")), told["KFI_AGS"]
    town = Town.load(file, ags)
    access = Access(told["KFI_TOKEN_URL"], told["KFI_CLIENT"], told["KFI_SECRET"])
    async with httpx2.AsyncClient(base_url=told["KFI_URL"], auth=access) as client:
        while True:
            new = await feed.read_on(client, town)
            town.save(file)
            if new:
                sys.stdout.write(f"{new} events, position {town.position}, {len(town.households)} households\n")


if __name__ == "__main__":
    asyncio.run(follow())
