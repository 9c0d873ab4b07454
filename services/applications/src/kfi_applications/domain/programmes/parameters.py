"""The dated values of the packaged programmes."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from kfi_law.parameters import Parameter, Parameters

_DATA = files("kfi_applications.domain.programmes") / "data"


def packaged(name: str) -> Mapping[str, Any]:
    """A parsed TOML file of the package."""
    return tomllib.loads((_DATA / name).read_text(encoding="utf-8"))


@cache
def packaged_parameters() -> Parameters:
    """The dated values of the packaged programmes."""
    return Parameters.from_records(packaged("programmes.toml")["parameter"])


def values_on(day: date, programme: str, parameters: Parameters | None = None) -> Callable[[str], Parameter]:
    """Asks for the values of a programme that a decision may rest on that day.

    What it returns raises NoValueInForce or OnlyExpected of ``kfi_law``.
    """
    table = parameters or packaged_parameters()
    return lambda name: table.get(f"{programme}.{name}", day, for_payment=True)
