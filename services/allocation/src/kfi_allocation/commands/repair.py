"""``kfi-allocation repair``: a new plan with the fewest moves, who moves and why."""

import argparse
from pathlib import Path

from kfi_allocation.commands.saying import say
from kfi_allocation.commands.solve import listener, read_orders, solver_version
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.cost import exact_number
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import FORMAT, Status, as_document
from kfi_allocation.exit_codes import INFEASIBLE
from kfi_allocation.files import read_instance, read_json, write_document
from kfi_allocation.optimiser.effort import Effort
from kfi_allocation.optimiser.repair import repair


def run(parsed: argparse.Namespace) -> int:
    """Repair one plan file; 0 with a plan, 3 when the changed instance is infeasible."""
    instance = read_instance(parsed.instance)
    earlier = read_assignments(parsed.plan)
    orders = _orders(parsed, instance)
    effort = Effort(seed=parsed.seed, seconds=parsed.seconds)
    repaired = repair(instance, earlier, orders, effort, listener(tell=parsed.progress))
    document = as_document(repaired.plan, solver_version(), orders)
    document["repair"] = {
        "ranked": float(exact_number(repaired.ranked)),
        "ranked_bound": float(exact_number(repaired.ranked_bound)),
        "fewest_moves": repaired.fewest,
        "moves": [
            {"household": move.household, "from": move.origin, "to": move.destination, "reason": move.reason}
            for move in repaired.moves
        ],
    }
    write_document(parsed.out, document)
    say(f"{repaired.plan.status}: {len(repaired.moves)} households move, at least {repaired.fewest} must")
    return INFEASIBLE if repaired.plan.status is Status.INFEASIBLE else 0


def _orders(parsed: argparse.Namespace, instance: Instance) -> Orders:
    """What the file of orders says, and what the options add to it."""
    given = read_orders(parsed.orders, instance)
    excluded = dict(given.excluded)
    for household, ags in _pairs(parsed.exclude, instance):
        excluded[household] = excluded.get(household, frozenset()) | {ags}
    return Orders(fixed={**given.fixed, **dict(_pairs(parsed.fix, instance))}, excluded=excluded)


def read_assignments(path: Path) -> dict[str, str]:
    """Who lives where in a plan file. Raises DocumentNotReadable."""
    document = read_json(path)
    places = document.get("assignments") if isinstance(document, dict) else None
    if not isinstance(places, dict) or document.get("format") != FORMAT:
        raise DocumentNotReadable([f'{path.name}: format must be "{FORMAT}" with assignments'])
    return places


def _pairs(given: list[str], instance: Instance) -> list[tuple[str, str]]:
    homes = {home.id for home in instance.households}
    towns = {town.ags for town in instance.municipalities}
    pairs = [(text.rpartition("=")[0], text.rpartition("=")[2]) for text in given]
    unknown = [
        f"{home}={ags}: no such household or municipality"
        for home, ags in pairs
        if home not in homes or ags not in towns
    ]
    if unknown:
        raise DocumentNotReadable(unknown)
    return pairs
