"""The HTTP side of the allocation service."""

from collections.abc import Sequence

from fastapi import APIRouter

from kfi_allocation.api import (
    account,
    allocation_decisions,
    arrival_lists,
    bookings,
    feed,
    flats,
    hearings,
    households,
    kafka_doors,
    objections,
    outlook,
    placements,
    policies,
    presence,
    presence_reports,
    quota_publications,
    reception,
    run_results,
    runs,
    series,
    stops,
    town_households,
    town_notices,
    town_placements,
    town_snapshot,
    webhooks,
)


def build_routers() -> Sequence[APIRouter]:
    """The routes below /allocation/v1."""
    rooms = (
        arrival_lists,
        households,
        feed,
        runs,
        run_results,
        town_snapshot,
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
        placements,
        objections,
        hearings,
        allocation_decisions,
        town_placements,
        town_notices,
        webhooks,
        kafka_doors,
        town_households,
    )
    return [room.router for room in rooms]
