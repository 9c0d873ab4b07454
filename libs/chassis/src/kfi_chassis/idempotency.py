"""A POST that creates, sent twice, creates once.

The key is stored in the command's own transaction, with a hash of the request and the id of what was created: never the
body, neither asked nor answered. Whoever repeats the request is shown the thing as it is now.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, Request
from sqlalchemy import MetaData, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.access_log import route_template
from kfi_chassis.canonical import digest
from kfi_chassis.problems import FieldError, IdempotencyKeyMissing, InFlight, KeyReused, documents
from kfi_chassis.request_guard import canonical_request_body
from kfi_chassis.tables import chassis_tables

_TABLE: Final = chassis_tables(MetaData()).idempotency_key
_FORM: Final = re.compile(
    r'"?([A-Za-z0-9._~-]{8,128})"?'
)  # the draft's quoted string, or the bare key most clients send


@dataclass(frozen=True)
class OneRequest:
    """What makes a request the same one again: the operation, the client's key, and a hash of all that was asked."""

    operation: str
    key: str
    request_hash: str


@documents(IdempotencyKeyMissing, InFlight, KeyReused)
async def one_request(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", description="A new random UUID per request; the same one when repeating it."),
    ] = None,
) -> OneRequest:
    """The identity of a request that creates. Raises IdempotencyKeyMissing."""
    found = _FORM.fullmatch(idempotency_key or "")
    if found is None:
        reason = "missing" if idempotency_key is None else "not_usable"
        error = FieldError("header:Idempotency-Key", reason, IdempotencyKeyMissing.kind.remedy)
        raise IdempotencyKeyMissing(errors=[error])
    asked = b"\n".join([request.url.path.encode(), request.url.query.encode(), canonical_request_body(request.scope)])
    return OneRequest(f"{request.method} {route_template(request.scope)}", found[1], digest(asked))


Idempotent = Annotated[OneRequest, Depends(one_request)]
"""Parameter of every POST that creates; handed to `Edge.create`."""


async def earlier_result(connection: AsyncConnection, subject: str, request: OneRequest) -> UUID | None:
    """The id of what this very request created before; None lets it begin, held by a lock until the transaction ends.

    Raises InFlight while another transaction is at it, KeyReused when the key came with another request.
    """
    name = "\n".join([subject, request.operation, request.key])
    lock = select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))
    if not (await connection.execute(lock)).scalar_one():
        raise InFlight
    table = _TABLE.c
    stored = select(table.request_hash, table.resource_id).where(
        table.subject == subject, table.operation == request.operation, table.key == request.key
    )
    row = (await connection.execute(stored)).one_or_none()
    if row is None:
        return None
    if row.request_hash != request.request_hash:
        raise KeyReused
    return UUID(row.resource_id)


async def remember(connection: AsyncConnection, subject: str, request: OneRequest, resource_id: UUID) -> None:
    """Store what the request created. Raises InFlight when another transaction stored its key first."""
    row = {
        "subject": subject,
        "operation": request.operation,
        "key": request.key,
        "request_hash": request.request_hash,
        "resource_id": str(resource_id),
    }
    stored = await connection.execute(insert(_TABLE).values(row).on_conflict_do_nothing())
    if stored.rowcount == 0:
        raise InFlight
