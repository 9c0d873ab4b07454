"""Orders as a document: in a file of their own, and in the plan that was made around them."""

from typing import Any

from kfi_allocation.domain.checking import Checker, DocumentNotReadable, Fields
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.orders import Orders

FORMAT = "kfi-allocation-orders/1"


def orders_from(document: object, instance: Instance) -> Orders:
    """The orders of a document; households and towns must be those of the instance. Raises DocumentNotReadable."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DocumentNotReadable([f'orders.format: must be "{FORMAT}"'])
    checker = Checker()
    fixed, excluded = _by_household(checker, document, "fixed"), _by_household(checker, document, "excluded")
    orders = Orders(
        fixed={home: ags for home, ags in fixed.items() if _is_text(checker, ags, f"orders.fixed.{home}")},
        excluded={home: checker.words(excluded, home, "orders.excluded") for home in excluded},
    )
    _all_known(checker, orders, instance)
    if checker.problems:
        raise DocumentNotReadable(checker.problems)
    return orders


def orders_of(plan: dict[str, Any], instance: Instance) -> Orders:
    """The orders a plan was made around; none where it names none. Raises DocumentNotReadable."""
    return orders_from(plan["orders"], instance) if "orders" in plan else Orders()


def as_document(orders: Orders) -> dict[str, Any]:
    """What people decided, without what a repair keeps: that is no rule of the plan."""
    return {
        "format": FORMAT,
        "fixed": dict(sorted(orders.fixed.items())),
        "excluded": {home: sorted(towns) for home, towns in sorted(orders.excluded.items())},
    }


def _by_household(checker: Checker, document: Fields, name: str) -> Fields:
    value = document.get(name, {})
    if isinstance(value, dict):
        return value
    checker.say(f"orders.{name}", "must be an object by household")
    return {}


def _is_text(checker: Checker, value: object, at: str) -> bool:
    if isinstance(value, str):
        return True
    checker.say(at, "must be an AGS")
    return False


def _all_known(checker: Checker, orders: Orders, instance: Instance) -> None:
    homes = {home.id for home in instance.households}
    towns = {town.ags for town in instance.municipalities}
    named: list[tuple[str, str, tuple[str, ...]]] = [("fixed", home, (ags,)) for home, ags in orders.fixed.items()]
    named += [("excluded", home, tuple(sorted(those))) for home, those in orders.excluded.items()]
    for what, home, those in named:
        if home not in homes:
            checker.say(f"orders.{what}.{home}", "no household of the instance")
        for ags in those:
            if ags not in towns:
                checker.say(f"orders.{what}.{home}", f"no municipality of the instance is {ags}")
