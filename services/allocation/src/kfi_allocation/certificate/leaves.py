"""The leaves of a run, each with a salt, without which nobody can guess what is in a leaf he does not hold."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from kfi_allocation.certificate import merkle
from kfi_allocation.domain.instance import Household, Instance, Municipality, Policy

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Leaves:
    """The leaves of one tree by name, in their order, and the secret from which each leaf's salt comes."""

    tree: str
    contents: Mapping[str, Content]
    secret: bytes

    @property
    def root(self) -> str:
        """The root over all leaves, in hexadecimal digits."""
        return merkle.Tree(self._encoded()).root.hex()

    def proofs(self, names: list[str]) -> list[dict[str, Any]]:
        """Each leaf with its salt, its place and its path."""
        tree, order = merkle.Tree(self._encoded()), {name: index for index, name in enumerate(self.contents)}
        return [
            {
                "tree": self.tree,
                "index": order[name],
                "salt": salt(self.secret, self.tree, name).hex(),
                "content": self.contents[name],
                "path": [one.hex() for one in tree.path(order[name])],
            }
            for name in names
        ]

    def _encoded(self) -> list[bytes]:
        return [encoded(salt(self.secret, self.tree, name), content) for name, content in self.contents.items()]


def salt(secret: bytes, tree: str, name: str) -> bytes:
    """The salt of a leaf: who knows some of them learns nothing of the others."""
    return hmac.digest(secret, f"{tree} {name}".encode(), sha256)


def encoded(leaf_salt: bytes, content: Content) -> bytes:
    """A leaf as bytes: its salt, then its content in canonical JSON."""
    return leaf_salt + canonical(content)


def canonical(content: Content) -> bytes:
    """JSON with sorted names and without blanks; figures that are no whole numbers must come as text."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def input_leaves(instance: Instance, secret: bytes, orders: Content | None = None) -> Leaves:
    """The policy, every municipality with its target and capacity, every household, and what people decided before.

    The orders of a household have a leaf of their own, because a town need not see which other one was excluded.
    """
    contents: dict[str, Content] = {"policy": _policy(instance.policy)}
    contents |= {f"municipality {town.ags}": _municipality(town) for town in instance.municipalities}
    contents |= {f"household {home.id}": _household(home) for home in instance.households}
    contents |= {f"orders {name}": content for name, content in _orders(orders or {}).items()}
    return Leaves("input", contents, secret)


def plan_leaves(instance: Instance, assignments: Mapping[str, str], secret: bytes) -> Leaves:
    """Every municipality with all households it gets, so that a town sees that none was left out."""
    homes: dict[str, list[Household]] = {town.ags: [] for town in instance.municipalities}
    for home in instance.households:
        homes[assignments[home.id]].append(home)
    contents = {
        f"municipality {ags}": {
            "kind": "placements",
            "ags": ags,
            "households": sorted(home.id for home in there),
            "persons": sum(home.persons for home in there),
        }
        for ags, there in homes.items()
    }
    return Leaves("plan", contents, secret)


def _orders(orders: Content) -> dict[str, Content]:
    fixed, excluded = orders.get("fixed", {}), orders.get("excluded", {})
    return {
        name: {"kind": "orders", "id": name, "fixed": fixed.get(name), "excluded": sorted(excluded.get(name, ()))}
        for name in sorted({*fixed, *excluded})
    }


def _policy(policy: Policy) -> Content:
    return {
        "kind": "policy",
        "off_target_per_person": str(policy.off_target),
        "beyond_tolerance_per_person": str(policy.beyond_tolerance),
        "tolerance_persons": policy.tolerance_persons,
        "tolerance_share": str(policy.tolerance_share),
        "relatives_missed_per_person": str(policy.relatives_missed),
        "relatives_same_district_per_person": str(policy.same_district),
    }


def _municipality(town: Municipality) -> Content:
    return {
        "kind": "municipality",
        "ags": town.ags,
        "district": town.district,
        "target": f"{town.target:.2f}",
        "capacity": town.capacity,
        "offers": sorted(town.offers),
        "fit": dict(town.fit),
    }


def _household(home: Household) -> Content:
    return {
        "kind": "household",
        "id": home.id,
        "persons": home.persons,
        "profile": home.profile,
        "needs": sorted(home.needs),
        "relatives_in": home.relatives_in,
        "must_join": home.must_join,
    }
