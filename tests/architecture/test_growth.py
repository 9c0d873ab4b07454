"""Of every table somebody has said whether it may grow with the cases; the soak measures it."""

from importlib import import_module
from importlib.metadata import entry_points

import pytest
from benchmarks.soak_watch import KEPT, PASSING, SMALL
from sqlalchemy import MetaData

SERVICES = {point.name: point.load().package for point in entry_points(group="kfi.services")}


@pytest.mark.parametrize("name", SERVICES)
def test_every_table_is_said_to_grow_or_not(name: str) -> None:
    found = vars(import_module(f"{SERVICES[name]}.tables")).values()
    (metadata,) = {id(value): value for value in found if isinstance(value, MetaData)}.values()
    assert set(metadata.tables) - set(KEPT[name]) - SMALL - PASSING == set(), "put them into benchmarks/soak_watch.py"


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_said_twice(name: str) -> None:
    assert set(KEPT[name]) & (SMALL | PASSING) == set()
    assert not SMALL & PASSING
