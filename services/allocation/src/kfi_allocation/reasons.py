"""Why an event was parked by a rule of this service, for the operators' desk."""

from typing import Final

from kfi_allocation.recovery_reasons import RESTORED
from kfi_chassis.desk.reasons import Explanation, Reasons

REASONS: Final[Reasons] = {
    "unknown-household": Explanation(
        "a notification about a household that is not here: a foreign or restored database",
        "restore the household, then replay; or discard",
    ),
    "placement-not-in-this-state": Explanation(
        "a notification about an act that is none of the household's, or a step its placement cannot take",
        "compare `act_id` with the placement's decisions; mostly discard",
    ),
    **RESTORED,
}
