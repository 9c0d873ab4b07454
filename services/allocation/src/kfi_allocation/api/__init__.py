"""The HTTP side of the allocation service."""

from collections.abc import Sequence

from fastapi import APIRouter


def build_routers() -> Sequence[APIRouter]:
    """The routes below /allocation/v1."""
    return []
