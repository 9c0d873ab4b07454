"""A small service that exists only here: things with a name, made and changed over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge, require
from kfi_chassis.health import Health
from kfi_chassis.http import create_api
from kfi_chassis.identity import Principal
from kfi_chassis.problems import NotFound, Unauthenticated, define, documents
from kfi_chassis.work import VersionConflict

OUT_OF_SEASON = define("demo-out-of-season", 409, "Not in season", "Things are made in summer.", "Wait for summer.")


class OutOfSeason(Exception):
    """A rule of the domain that knows nothing of HTTP."""


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Part(Wire):
    label: Annotated[str, Field(min_length=2, max_length=20)]
    count: Annotated[int, Field(ge=1, le=99)]


class Round(Wire):
    shape: Literal["round"]
    radius: int


class Square(Wire):
    shape: Literal["square"]
    side: int


class NewThing(Wire):
    name: Annotated[str, Field(min_length=1, max_length=50)]
    parts: Annotated[list[Part], Field(max_length=10)] = []
    form: Annotated[Round | Square, Field(discriminator="shape")] | None = None


class ThingView(BaseModel):
    id: UUID
    name: str
    version: int


@dataclass
class FakeWork:
    """Stands for a transaction where no database matters."""

    things: dict[UUID, ThingView]
    connection: Any = None


@dataclass
class FakeTransactions:
    """Runs use cases on a dictionary; raises what a test wants the database to raise."""

    things: dict[UUID, ThingView] = field(default_factory=dict)
    failure: Exception | None = None
    correlation_ids: list[str | None] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)

    async def run(
        self,
        use: Callable[[Any], Awaitable[Any]],
        *,
        actor: Principal,
        correlation_id: str | None,
        traceparent: str | None,
    ) -> Any:
        self.correlation_ids.append(correlation_id)
        self.traces.append(traceparent)
        if self.failure is not None:
            raise self.failure
        return await use(FakeWork(self.things))


class FakeVerifier:
    """The token is the role."""

    async def verify(self, token: str) -> Principal:
        if token == "expired":
            raise Unauthenticated("expired")
        return Principal(f"account-{token}", f"person-{token}", frozenset({token}))


@dataclass
class FakeMetrics:
    answered: list[tuple[str, str, int]] = field(default_factory=list)

    def request_answered(self, *, route: str, method: str, code: int, seconds: float) -> None:
        self.answered.append((route, method, code))

    def exposition(self) -> tuple[bytes, str]:
        return b"up 1\n", "text/plain"


@dataclass(frozen=True)
class Limits:
    max_body_bytes: int = 1_048_576
    request_timeout_seconds: float = 5.0


ROUTER = APIRouter()


@ROUTER.post("/things", status_code=201)
async def make_thing(body: NewThing, door: Annotated[Edge[Any], edge("maker")], once: Idempotent) -> ThingView:
    async def make(work: Any) -> UUID:
        thing = ThingView(id=uuid4(), name=body.name, version=1)
        work.things[thing.id] = thing
        return thing.id

    async def show(thing_id: UUID, work: Any) -> ThingView:
        return work.things[thing_id]

    view = await door.create(once, make, show)
    door.located(f"/demo/v1/things/{view.id}")
    door.etag(view.version)
    return view


@ROUTER.get("/things/{thing_id}")
async def show_thing(thing_id: UUID, door: Annotated[Edge[Any], edge()]) -> ThingView:
    async def show(work: Any) -> ThingView:
        if thing_id not in work.things:
            raise NotFound
        return work.things[thing_id]

    view = await door.read(show)
    door.etag(view.version)
    return view


@ROUTER.post("/things/{thing_id}/name")
async def rename_thing(
    thing_id: UUID,
    body: NewThing,
    door: Annotated[Edge[Any], edge("maker", "master")],
    seen: IfMatch,
    limit: int = 3,
) -> ThingView:
    async def rename(work: Any) -> ThingView:
        thing = work.things.get(thing_id)
        if thing is None:
            raise NotFound
        if thing.version != seen:
            raise VersionConflict(retry=False)
        work.things[thing_id] = ThingView(id=thing_id, name=body.name, version=seen + 1)
        return work.things[thing_id]

    view = await door.command(rename)
    door.etag(view.version)
    return view


@ROUTER.post("/faults/{kind}")
@documents(OUT_OF_SEASON)
async def fail(kind: str, who: Annotated[Principal, require()]) -> ThingView:
    raise {"bug": ZeroDivisionError("geheim"), "season": OutOfSeason("geheim"), "race": VersionConflict()}[kind]


@dataclass
class Demo:
    client: httpx2.AsyncClient
    transactions: FakeTransactions
    metrics: FakeMetrics
    health: Health
    app: Any

    def thing(self, version: int = 1) -> ThingView:
        thing = ThingView(id=uuid4(), name="lamp", version=version)
        self.transactions.things[thing.id] = thing
        return thing


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    transactions, metrics, health = FakeTransactions(), FakeMetrics(), Health()
    app = create_api(
        "demo",
        Limits(),
        [ROUTER],
        transactions=transactions,
        verifier=FakeVerifier(),
        health=health,
        metrics=metrics,
        domain_problems={OutOfSeason: OUT_OF_SEASON},
    )
    transport = httpx2.ASGITransport(app=app, client=("192.0.2.7", 4711))
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo") as client:
        yield Demo(client, transactions, metrics, health, app)
