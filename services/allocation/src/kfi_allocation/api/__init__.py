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
    outlook,
    policies,
    presence,
    presence_reports,
    quota_publications,
    reception,
    run_results,
    runs,
    series,
    stops,
)


def build_routers() -> Sequence[APIRouter]:
    """The routes below /allocation/v1."""
    rooms = (
        arrival_lists,
        households,
        feed,
        runs,
        run_results,
        policies,
        series,
        account,
        bookings,
        quota_publications,
        reception,
        stops,
        flats,
        presence,
        presence_reports,
        outlook,
    )
    return [room.router for room in rooms]
