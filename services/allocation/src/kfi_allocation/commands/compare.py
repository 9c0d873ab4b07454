"""``kfi-allocation compare``: why this town and not another, for one household, as JSON."""

import argparse
import json

from kfi_allocation.commands.repair import read_assignments
from kfi_allocation.commands.saying import say
from kfi_allocation.domain.alternatives import Comparison, compare
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.cost import exact_number
from kfi_allocation.files import read_instance


def run(parsed: argparse.Namespace) -> int:
    """Print the household's town and its three best alternatives."""
    instance, places = read_instance(parsed.instance), read_assignments(parsed.plan)
    try:
        found = compare(instance, places, parsed.household)
    except KeyError as error:
        raise DocumentNotReadable([f"{error.args[0]}: has no place in the plan"]) from error
    say(json.dumps([_line(comparison) for comparison in found], indent=2))
    return 0


def _line(comparison: Comparison) -> dict[str, object]:
    figures = ("relatives", "fit", "even_distribution", "total")
    named = {name: float(exact_number(getattr(comparison, name))) for name in figures}
    return {"ags": comparison.ags, **named, "obstacles": list(comparison.obstacles)}
