"""Why an event was parked by a rule of this service, for the operators' desk."""

from typing import Final

from kfi_allocation.recovery_reasons import RESTORED
from kfi_chassis.desk.reasons import Reasons

REASONS: Final[Reasons] = {**RESTORED}
