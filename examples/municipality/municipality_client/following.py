"""One town that reads one door, for ever: what was taken in is saved before the next event is asked for."""

import asyncio
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from municipality_client import feed, topic, webhook
from municipality_client.settings import Settings
from municipality_client.town import Town

MOST_BYTES = 262_144


async def follow_feed(settings: Settings) -> None:
    """Door 1."""
    town = await begun(settings)
    async with settings.client() as client:
        while True:
            told(town, await feed.read_on(client, town))
            town.save(settings.state)


async def follow_topic(settings: Settings) -> None:
    """Door 3. What the topic holds from before the snapshot is in the snapshot."""
    town, user = await begun(settings), settings.keys()["topic"]
    security = os.environ.get("KFI_KAFKA_SECURITY", "SASL_SSL")
    reader = topic.consumer(settings.ags, os.environ["KFI_KAFKA"], **user, security_protocol=security)
    async with reader:
        while True:
            try:
                told(town, await topic.read_on(reader, town, save=lambda: town.save(settings.state)))
            except LookupError:
                told(town, await caught_up(settings, town))
                town.save(settings.state)


def listen(settings: Settings) -> None:
    """Door 2. A web server of yours in front of it has the certificate; it hands on to KFI_LISTEN."""
    host, _, port = os.environ.get("KFI_LISTEN", "127.0.0.1:8400").rpartition(":")
    Receiver.settings, Receiver.town = settings, asyncio.run(begun(settings))
    HTTPServer((host, int(port)), Receiver).serve_forever()


class Receiver(BaseHTTPRequestHandler):
    """Takes one event per request, one after the other."""

    settings: Settings
    town: Town

    def do_POST(self) -> None:
        """Check, take in, save, answer."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MOST_BYTES))
        headers = {name.lower(): text for name, text in self.headers.items()}
        try:
            event = webhook.checked(headers, body, self.settings.keys()["webhook"])
        except webhook.NotFromThem:
            self.answer(401)
            return
        told(self.town, asyncio.run(taken(self.settings, self.town, event)))
        self.town.save(self.settings.state)
        self.answer(204)

    def answer(self, status: int) -> None:
        """Answer without a body."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""


async def taken(settings: Settings, town: Town, event: dict[str, Any]) -> int:
    """Take in an event; where one before it has not come, what the feed has instead. Tells how many were new."""
    try:
        return int(town.take(event))
    except LookupError:
        return await caught_up(settings, town)


async def caught_up(settings: Settings, town: Town) -> int:
    """Read the feed, which has all events, from the place it was read to last until nothing follows."""
    new, before = 0, None
    async with settings.client() as client:
        while town.cursor != before:
            before = town.cursor
            new += await feed.read_on(client, town, wait=0)
    return new


async def begun(settings: Settings) -> Town:
    """The town as it was saved; a new one begins with the snapshot."""
    town = settings.town()
    if town.cursor is None:
        async with settings.client() as client:
            await feed.begin(client, town)
        town.save(settings.state)
    return town


def told(town: Town, new: int) -> int:
    """Say what came."""
    if new:
        sys.stdout.write(f"{new} events, position {town.position}, {len(town.households)} households\n")
        sys.stdout.flush()
    return new
