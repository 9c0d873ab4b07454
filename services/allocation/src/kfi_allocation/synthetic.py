"""Synthetic instances on the real municipalities of North Rhine-Westphalia, for benchmarks and tests.

The shares follow the benchmark of methods: households of 1-8 persons (mean 2.85), 30 % with relatives (place by
population^1.15), 2 % core family, 4 % barrier-free, 8 % specialist care, large homes in about 60 % of the towns, 5 % of
the towns with a stop, targets by water-filling of past intake and batch onto the population key.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random
from typing import Any

from kfi_law.municipalities import Municipality, register

SIZES = (1, 2, 3, 4, 5, 6, 7, 8)
SIZE_WEIGHTS = (24, 23, 20, 17, 9, 4, 2, 1)
PROFILES = "ABCDEFGHIJKL"
CENT = Decimal("0.01")
LARGE_FROM = 6
POLICY = {
    "off_target_per_person": 100,
    "beyond_tolerance_per_person": 300,
    "tolerance_persons": 3,
    "tolerance_share": 0.05,
    "relatives_missed_per_person": 200,
    "relatives_same_district_per_person": 80,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a synthetic instance is like; shares are of households or of towns, `slack` is capacity over demand."""

    relatives: float = 0.30
    core_family: float = 0.02
    accessible: float = 0.04
    specialist: float = 0.08
    rare_needs: int = 0
    stops: float = 0.05
    slack: float = 1.2
    unique: bool = False
    past_weeks: int = 26


SHAPES = {
    "plain": Shape(),
    "key": Shape(past_weeks=0),
    "tight": Shape(slack=1.02),
    "needs": Shape(accessible=0.1, specialist=0.2, rare_needs=12),
    "relatives": Shape(relatives=0.6),
    "unique": Shape(unique=True),
    "stops": Shape(stops=0.4),
    "infeasible": Shape(slack=0.97),
}


def generate(households: int, shape: str = "plain", seed: int = 1) -> dict[str, Any]:
    """An instance document of the named shape; the same arguments give the same document."""
    return _Generator(SHAPES[shape], Random(f"{shape}-{households}-{seed}")).document(households)  # noqa: S311


class _Generator:
    def __init__(self, shape: Shape, random: Random) -> None:
        self.shape = shape
        self.random = random
        self.towns = list(register())
        self.profiles = list(PROFILES)

    def document(self, count: int) -> dict[str, Any]:
        sizes = self.random.choices(SIZES, SIZE_WEIGHTS, k=count)
        targets = self._targets(sum(sizes))
        if self.shape.unique:
            self.profiles = [f"P{i:04d}" for i in range(min(count, 500))]
        offers = [self._offers() for _ in self.towns]
        households = [self._household(i, persons, offers) for i, persons in enumerate(sizes, start=1)]
        capacities = self._capacities(targets, sum(sizes))
        municipalities = [
            {
                "ags": town.ags,
                "district": town.kreis_ags,
                "target": float(target),
                "capacity": capacity,
                "offers": offer,
                "fit": {profile: self.random.randint(0, 60) for profile in self.profiles},
            }
            for town, target, capacity, offer in zip(self.towns, targets, capacities, offers, strict=True)
        ]
        return {
            "format": "kfi-allocation-instance/1",
            "policy": dict(POLICY),
            "municipalities": municipalities,
            "households": self._placeable(households, municipalities),
        }

    def _targets(self, persons: int) -> list[Decimal]:
        inhabitants = sum(town.population for town in self.towns)
        key = [town.population / inhabitants for town in self.towns]
        past_total = 128 * self.shape.past_weeks
        past = [share * past_total * self.random.uniform(0.88, 1.12) for share in key]
        return _in_cents(_water_filled(key, past, persons), persons)

    def _offers(self) -> list[str]:
        shares = {"accessible": 0.2, "specialist_medicine": 0.3, "large_home": 0.6}
        shares |= {f"rare_{i:02d}": 0.03 for i in range(self.shape.rare_needs)}
        return [offer for offer, share in shares.items() if self.random.random() < share]

    def _household(self, number: int, persons: int, offers: list[list[str]]) -> dict[str, Any]:
        draw, shape = self.random.random, self.shape
        needs = ["accessible"] if draw() < shape.accessible else []
        needs += ["specialist_medicine"] if draw() < shape.specialist else []
        needs += ["large_home"] if persons >= LARGE_FROM else []
        if shape.rare_needs and draw() < 0.15:
            needs.append(f"rare_{self.random.randrange(shape.rare_needs):02d}")
        if not any(set(needs) <= set(offer) for offer in offers):
            needs = needs[:1]
        relatives = self._drawn_by_population().ags if draw() < shape.relatives else None
        core = relatives is not None and draw() < shape.core_family / max(shape.relatives, shape.core_family)
        profile = self.random.choice(self.profiles)
        return {
            "id": f"H{number:06d}",
            "persons": persons,
            "profile": profile,
            "needs": needs,
            "relatives_in": relatives,
            "must_join": core,
        }

    def _drawn_by_population(self) -> Municipality:
        return self.random.choices(self.towns, [town.population**1.15 for town in self.towns])[0]

    def _capacities(self, targets: list[Decimal], persons: int) -> list[int]:
        draw = self.random
        stopped = {town.ags for town in self.towns if draw.random() < self.shape.stops}
        wanted = [
            0.0 if town.ags in stopped else draw.uniform(1.0, 2.2) * float(target) + draw.randint(2, 8)
            for town, target in zip(self.towns, targets, strict=True)
        ]
        generous = sum(int(value) for value in wanted) >= self.shape.slack * persons and self.shape.slack >= 1.2
        factor = 1.0 if generous else self.shape.slack * persons / sum(wanted)
        return [0 if value == 0.0 else max(1, round(value * factor)) for value in wanted]

    def _placeable(self, households: list[dict[str, Any]], towns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """No core family is bound to a town that cannot take it, unless the shape is made to be infeasible."""
        if self.shape.slack < 1:
            return households
        left = {town["ags"]: town["capacity"] for town in towns}
        for household in (h for h in households if h["must_join"]):
            left[household["relatives_in"]] -= household["persons"]
            if left[household["relatives_in"]] < 0:
                left[household["relatives_in"]] += household["persons"]
                household["must_join"] = False
        return households


def _water_filled(key: list[float], past: list[float], persons: int) -> list[float]:
    """Each town's part of the batch when the towns least fulfilled so far are filled up first to one level."""
    low, high = 0.0, float(sum(past) + persons) / min(key)
    for _ in range(200):
        level = (low + high) / 2
        if sum(max(0.0, level * k - p) for k, p in zip(key, past, strict=True)) < persons:
            low = level
        else:
            high = level
    return [max(0.0, high * k - p) for k, p in zip(key, past, strict=True)]


def _in_cents(values: list[float], total: int) -> list[Decimal]:
    """The values with two decimals and their sum exact; the largest value carries the rest."""
    rounded = [Decimal(value).quantize(CENT, ROUND_HALF_EVEN) for value in values]
    largest = max(range(len(rounded)), key=rounded.__getitem__)
    rounded[largest] += total - sum(rounded)
    return rounded
