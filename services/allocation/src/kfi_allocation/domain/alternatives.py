"""The chosen town against the others for one household, criterion by criterion: the figures behind a letter."""

from dataclasses import dataclass
from fractions import Fraction

from kfi_allocation.domain.cost import Scale, household_units, town_units
from kfi_allocation.domain.instance import Household, Instance, Municipality

BEST = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """What placing the household in this town costs, all other places unchanged, in the policy's units of cost.

    `even_distribution` is what the towns' deviation from target grows by compared with the household having no place;
    `obstacles` name why the town is closed to the household.
    """

    ags: str
    relatives: Fraction
    fit: Fraction
    even_distribution: Fraction
    obstacles: tuple[str, ...]

    @property
    def total(self) -> Fraction:
        """The sum of the criteria."""
        return self.relatives + self.fit + self.even_distribution


def compare(instance: Instance, places: dict[str, str], household: str, best: int = BEST) -> tuple[Comparison, ...]:
    """The household's town, then the best alternatives, open ones first. Raises KeyError: no such household."""
    home = next((h for h in instance.households if h.id == household), None)
    if home is None:
        raise KeyError(household)
    load = {town.ags: 0 for town in instance.municipalities}
    for other in instance.households:
        if other.id != household:
            load[places[other.id]] += other.persons
    every = [_comparison(instance, home, town, load[town.ags]) for town in instance.municipalities]
    chosen = next(c for c in every if c.ags == places[household])
    others = sorted((c for c in every if c is not chosen), key=lambda c: (bool(c.obstacles), c.total, c.ags))
    return (chosen, *others[:best])


def _comparison(instance: Instance, home: Household, town: Municipality, load: int) -> Comparison:
    scale = Scale.of(instance.policy)
    district = next((t.district for t in instance.municipalities if t.ags == home.relatives_in), None)
    fit = home.persons * scale.fit * town.fit.get(home.profile, 0)
    relatives = household_units(home, town, district, scale) - fit
    policy = instance.policy
    even = town_units(town, load + home.persons, policy, scale) - town_units(town, load, policy, scale)
    return Comparison(
        town.ags, scale.amount(relatives), scale.amount(fit), scale.amount(even), _obstacles(home, town, load)
    )


def _obstacles(home: Household, town: Municipality, load: int) -> tuple[str, ...]:
    found = []
    if home.must_join and town.ags != home.relatives_in:
        found.append(f"the core family is in {home.relatives_in}")
    elif not home.must_join:
        found += [f"does not offer {need}" for need in sorted(home.needs - town.offers)]
    if town.capacity == 0:
        found.append("reception stop")
    elif load + home.persons > town.capacity:
        found.append(f"{town.capacity - load} places left for {home.persons} persons")
    return tuple(found)
