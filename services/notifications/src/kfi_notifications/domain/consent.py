"""The consent of an organisation to electronic announcement by retrieval (§ 41 (2a) S. 1 VwVfG)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass
class Consent:
    """What an organisation says now. It holds for letters that are ordered later, and for no earlier one."""

    id: UUID
    organisation: str
    given: bool = False
    since: date | None = None
    version: int = 0

    def change(self, given: bool, on: date) -> bool:  # noqa: FBT001 - the very thing that is said
        """Consent, or take the consent back; false when that was said before already."""
        if given is self.given:
            return False
        self.given, self.since = given, on
        self.version += 1
        return True
