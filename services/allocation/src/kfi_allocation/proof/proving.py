"""Bounds with the prices that prove them, rounded to whole price units and counted exactly."""

from dataclasses import dataclass

import numpy as np

from kfi_allocation.domain.cost import Scale
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.plan import Certificate
from kfi_allocation.proof.bounds import PRICE_UNITS, household_price_bound, town_price_bound
from kfi_allocation.proof.model import Floats, Ints, Model


@dataclass(frozen=True)
class Proof:
    """A lower bound in units, and its certificate."""

    bound: int
    certificate: Certificate


def town_proof(instance: Instance, model: Model, scale: Scale, price: Floats) -> Proof:
    """What prices per person of the towns prove."""
    prices = _whole(price)
    by_ags = {town.ags: int(p) for town, p in zip(instance.municipalities, prices, strict=True)}
    return Proof(town_price_bound(model, prices), Certificate("town prices", scale.unit, PRICE_UNITS, by_ags))


def household_proof(instance: Instance, model: Model, scale: Scale, price: Floats) -> Proof:
    """What prices of the household classes prove."""
    prices = _whole(price)
    by_id = {home.id: int(p) for home, p in zip(instance.households, prices[model.kind], strict=True)}
    certificate = Certificate("household prices", scale.unit, PRICE_UNITS, by_id)
    return Proof(household_price_bound(model, prices), certificate)


def _whole(price: Floats) -> Ints:
    return np.rint(price * PRICE_UNITS).astype(np.int64)
