"""The permission to begin before the decision (vorzeitiger Maßnahmebeginn)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class EarlyStart:
    """From which day on the project may begin, and who permitted it when; a person, not an account."""

    begins_on: date
    permitted_on: date
    permitted_by: str

    def covers(self, begun_on: date | None) -> bool:
        """Whether a project that began on a day, or has not begun, began with the permission."""
        return begun_on is None or begun_on >= self.begins_on
