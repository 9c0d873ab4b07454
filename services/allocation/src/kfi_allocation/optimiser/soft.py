"""Capacities as costs: a search that may pass through plans with a few persons too many finds better whole ones."""

from dataclasses import replace

import numpy as np

from kfi_allocation.proof.model import Ints, Model

EXTRA_PERSONS = 8


def softened(model: Model, per_person: float) -> Model:
    """The model where a town may hold EXTRA_PERSONS above its most, each at the price given, in units."""
    most = model.most + EXTRA_PERSONS
    ends = model.start + model.most
    above = np.arange(1, EXTRA_PERSONS + 1) * int(per_person)
    tables = [
        part
        for t in range(model.towns)
        for part in (model.town_cost[model.start[t] : ends[t] + 1], model.town_cost[ends[t]] + above)
    ]
    start = np.concatenate(([0], np.cumsum(most + 1)))[:-1].astype(np.int64)
    return replace(model, most=most, start=start, town_cost=np.concatenate(tables).astype(np.int64))


def keeps_capacity(model: Model, place: Ints) -> bool:
    """Whether every household has a town and no town is above its capacity."""
    return not (place < 0).any() and bool((model.loads(place) <= model.most).all())
