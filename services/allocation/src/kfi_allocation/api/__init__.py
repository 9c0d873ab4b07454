"""The HTTP side of the allocation service."""

from collections.abc import Sequence

from fastapi import APIRouter

from kfi_allocation.api import (
    account,
    arrival_lists,
    bookings,
    feed,
    flats,
    households,
    policies,
    quota_publications,
    reception,
    series,
    stops,
)


def build_routers() -> Sequence[APIRouter]:
    """The routes below /allocation/v1."""
    rooms = (
        arrival_lists,
        households,
        feed,
        policies,
        series,
        account,
        bookings,
        quota_publications,
        reception,
        stops,
        flats,
    )
    return [room.router for room in rooms]
