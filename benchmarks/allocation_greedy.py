"""Greedy peers: each household in turn to the town with the largest deficit, or where it adds least cost."""

import numpy as np

from kfi_allocation.domain.cost import Scale
from kfi_allocation.domain.instance import Instance
from kfi_allocation.proof.model import NO_PLACE, Ints, Model, build


def placed(instance: Instance, *, by_deficit: bool) -> dict[str, str]:
    """Town by household; a household without room is left out."""
    model = build(instance, Scale.of(instance.policy))
    place = np.full(len(model.kind), -1, np.int64)
    target = np.array([float(town.target) for town in instance.municipalities])
    completed(model, place, target if by_deficit else None)
    return named(instance, place)


def named(instance: Instance, place: Ints) -> dict[str, str]:
    """The plan by household id and AGS."""
    towns = instance.municipalities
    return {home.id: towns[t].ags for home, t in zip(instance.households, place, strict=True) if t >= 0}


def completed(model: Model, place: Ints, target: "np.ndarray[tuple[int], np.dtype[np.float64]] | None") -> None:
    """Places who has no place yet: those with the fewest towns first, then the large."""
    load = model.loads(place)
    open_towns = (model.cost < NO_PLACE).sum(axis=1)[model.kind]
    late = np.nonzero(place < 0)[0]
    scarce = 4 * open_towns[late] >= model.towns
    for h in late[np.lexsort((late, -model.size[model.kind[late]], scarce))]:
        k = model.kind[h]
        after = load + model.size[k]
        room = (model.cost[k] < NO_PLACE) & (after <= model.most)
        if not room.any():
            continue
        if target is not None:
            value = load - target
        else:
            reached = np.minimum(after, model.most)
            value = model.cost[k] + model.town_cost[model.start + reached] - model.town_cost[model.start + load]
        place[h] = int(np.argmin(np.where(room, value, np.inf)))
        load[place[h]] = after[place[h]]
