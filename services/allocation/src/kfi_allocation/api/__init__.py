"""The HTTP side of the allocation service."""

from collections.abc import Sequence

from fastapi import APIRouter

from kfi_allocation.api import arrival_lists, feed, households, run_results, runs


def build_routers() -> Sequence[APIRouter]:
    """The routes below /allocation/v1."""
    rooms = (
        arrival_lists,
        households,
        feed,
        runs,
        run_results,
    )
    return [room.router for room in rooms]
