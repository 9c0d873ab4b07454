"""The demo service: things that are made, renamed and shown; as plain as a service can be."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from kfi_chassis import logs
from kfi_chassis.consumer import Consumer
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.identity import SYSTEM
from kfi_chassis.problems import NotFound
from kfi_chassis.service import Service, command_line
from kfi_chassis.settings import ServiceSettings
from kfi_chassis.work import Transactions, VersionConflict, Work
from kfi_chassis.worker import Worker
from kfi_contracts.notifications import NotificationAnnounced


class DemoSettings(ServiceSettings):
    service: str = "demo"


class NewThing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    hold: float = 0.0


class ThingView(BaseModel):
    id: UUID
    name: str
    version: int


class DemoWork(Work):
    settings: DemoSettings

    async def make(self, name: str) -> UUID:
        made = uuid4()
        statement = text("INSERT INTO thing (id, name, version) VALUES (:id, :name, 1)")
        await self.connection.execute(statement, {"id": made, "name": name})
        return made

    async def thing(self, thing_id: UUID) -> ThingView:
        found = await self.connection.execute(text("SELECT * FROM thing WHERE id = :id"), {"id": thing_id})
        row = found.one_or_none()
        if row is None:
            raise NotFound
        return ThingView(id=row.id, name=row.name, version=row.version)

    async def rename(self, thing_id: UUID, name: str, seen: int) -> None:
        statement = text("UPDATE thing SET name = :name, version = version + 1 WHERE id = :id AND version = :seen")
        changed = await self.connection.execute(statement, {"id": thing_id, "name": name, "seen": seen})
        if changed.rowcount == 0:
            raise VersionConflict(retry=False)


Door = Annotated[Edge[DemoWork], edge("maker")]


def routers() -> Sequence[APIRouter]:
    router = APIRouter()
    router.add_api_route("/things", make_thing, methods=["POST"], status_code=201)
    router.add_api_route("/things/{thing_id}", show_thing, methods=["GET"])
    router.add_api_route("/things/{thing_id}/name", rename_thing, methods=["POST"])
    return [router]


async def make_thing(body: NewThing, door: Door, once: Idempotent) -> ThingView:
    async def make(work: DemoWork) -> UUID:
        made = await work.make(body.name)
        await asyncio.sleep(body.hold)
        if body.name == "impossible":
            raise NotFound
        return made

    view = await door.create(once, make, lambda thing_id, work: work.thing(thing_id))
    door.etag(view.version)
    return view


async def show_thing(thing_id: UUID, door: Door) -> ThingView:
    return await door.read(lambda work: work.thing(thing_id))


async def rename_thing(thing_id: UUID, body: NewThing, door: Door, seen: IfMatch) -> ThingView:
    async def rename(work: DemoWork) -> ThingView:
        await work.rename(thing_id, body.name, seen)
        return await work.thing(thing_id)

    return await door.command(rename)


consumer = Consumer(group="demo")
worker = Worker()


@consumer.on(NotificationAnnounced)
async def nothing_follows(event: NotificationAnnounced, work: DemoWork) -> None:
    """The demo has no use for it."""


@worker.each("count-things", every=timedelta(milliseconds=50))
async def things_are_counted(transactions: Transactions[DemoWork]) -> int:
    async def count(work: DemoWork) -> None:
        things = (await work.connection.execute(text("SELECT count(*) FROM thing"))).scalar_one()
        logs.event("things_counted", things=things, instance_of_settings=work.settings.instance)

    await transactions.run(count, actor=SYSTEM("demo"))
    return 0


SERVICE = Service(
    name="demo",
    package="kfi_demo",
    settings_class=DemoSettings,
    work_class=DemoWork,
    build_routers=routers,
    consumer=consumer,
    worker=worker,
)

if __name__ == "__main__":
    command_line(SERVICE)
