"""Pages by cursor: the place after the last thing seen, so that nothing is skipped or shown twice.

A cursor holds the sort key of a thing its reader saw. It grants nothing: what a page shows is decided anew each time.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from kfi_chassis.problems import FieldError, InvalidInput

MAX_LIMIT: Final = 100
_LARGEST_NUMBER: Final = 2**63 - 1  # of a bigint
T = TypeVar("T")
Row = TypeVar("Row")


class Page(BaseModel, Generic[T]):
    """Some things in order, and the cursor of the page after them; none when these were the last."""

    items: list[T]
    next: Annotated[str | None, Field(description="Send it as `cursor` to read on; absent after the last page.")] = None


@dataclass(frozen=True)
class PageRequest:
    """Which page is asked for."""

    cursor: str | None
    limit: int

    def after(self, *readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
        """The sort key to go on after, each part read by its reader (`UUID`, `date.fromisoformat`); None at the start.

        Raises InvalidInput for a cursor that was not made for this list.
        """
        if self.cursor is None:
            return None
        try:
            parts = _texts(json.loads(urlsafe_b64decode(self.cursor + "==")))
            return tuple(_storable(read(part)) for read, part in zip(readers, parts, strict=True))
        except (ValueError, RecursionError):
            raise InvalidInput(errors=[_NOT_A_CURSOR]) from None

    @property
    def rows(self) -> int:
        """How many rows to read: one more than is shown, which tells whether there is a next page."""
        return self.limit + 1

    def page(self, found: Sequence[Row], view: Callable[[Row], T], key: Callable[[Row], Sequence[object]]) -> Page[T]:
        """The page of the rows found, which may be one more than the limit."""
        shown = found[: self.limit]
        more = len(found) > self.limit
        return Page(items=[view(row) for row in shown], next=_cursor(key(shown[-1])) if more else None)


_NOT_A_CURSOR: Final = FieldError(
    "query:cursor", "not_a_cursor", "Send `next` of the page before, or no cursor at all."
)


def _texts(parts: object) -> list[str]:
    if not isinstance(parts, list) or not all(isinstance(part, str) and "\x00" not in part for part in parts):
        raise ValueError("a cursor is a list of texts")
    return parts


def _storable(value: object) -> object:
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        raise ValueError("a number no column holds")
    return value


def _cursor(key: Sequence[object]) -> str:
    text = json.dumps([str(part) for part in key], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


async def page_request(
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
) -> PageRequest:
    """Which page the query asks for."""
    return PageRequest(cursor, limit)


Paged = Annotated[PageRequest, Depends(page_request)]
"""Parameter of every route that lists."""
