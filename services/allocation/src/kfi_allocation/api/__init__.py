"""The HTTP side of the allocation service."""

from collections.abc import Sequence

from fastapi import APIRouter

from kfi_allocation.api import feed


def build_routers() -> Sequence[APIRouter]:
    """The routes below /allocation/v1."""
    rooms = (feed,)
    return [room.router for room in rooms]
