"""Asks for the two doors that must be opened first: an endpoint for webhooks, and a topic of the town's own."""

import asyncio
from uuid import uuid4

import httpx2

from municipality_client.settings import Settings

OPEN_WITHIN_SECONDS = 60


async def add_webhook(settings: Settings, client: httpx2.AsyncClient, url: str, contact: str) -> str:
    """Events go to this address from now on; its key is kept. Tells the id of the endpoint."""
    answer = await client.post(
        f"{settings.own}/webhooks",
        json={"url": url, "contact": contact, "signature": "v1"},
        headers={"Idempotency-Key": str(uuid4())},
    )
    webhook = answer.raise_for_status().json()["id"]
    await fetch_keys(settings, client, webhook)
    return str(webhook)


async def fetch_keys(settings: Settings, client: httpx2.AsyncClient, webhook: str) -> None:
    """Keep all keys that sign now; once more after each change of a key."""
    answer = await client.get(f"{settings.own}/webhooks/{webhook}/keys")
    settings.keep("webhook", [each["key"] for each in answer.raise_for_status().json()])


async def open_topic(settings: Settings, client: httpx2.AsyncClient) -> str:
    """Ask for the topic, keep its user, and wait until the doorkeeper has opened it. Tells its name."""
    door = f"{settings.own}/kafka-door"
    answer = await client.post(door, headers={"Idempotency-Key": str(uuid4())})
    told = answer.raise_for_status().json()
    settings.keep("topic", {"username": told["username"], "password": told["password"]})
    async with asyncio.timeout(OPEN_WITHIN_SECONDS):
        while True:
            shown = (await client.get(door)).raise_for_status().json()
            if shown["state"] == "open":
                return str(shown["topic"])
            await asyncio.sleep(0.5)
