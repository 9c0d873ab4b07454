"""What people have decided before a plan is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Orders:
    """What people have decided beforehand, by household id.

    `fixed`: the town it must get. `excluded`: towns it must not get. `kept`: the town it has so far; every household
    that leaves it costs `move_units` more.
    """

    fixed: Mapping[str, str] = field(default_factory=dict)
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    move_units: int = 0
