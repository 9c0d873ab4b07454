"""What the town knows: its households, as the events told it. Kept in one file, together with the place in the feed."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REMOVED = {"placement-withdrawn", "household-cancelled", "household-erased"}
STATES = {
    "placement-proposed": "proposed",
    "objection-recorded": "objected",
    "placement-agreed": "agreed",
    "placement-decided": "decided",
    "arrival-confirmed": "arrived",
    "household-moved-in": "arrived",
}
NOT_KEPT = {"ags", "household_id", "dataref", "decided_on", "agreed_on", "objected_on", "reason", "moved_on", "change"}


@dataclass
class Town:
    """The town's households by id. `position` is the `sequence` of the last event that is in them."""

    ags: str
    position: int = 0
    cursor: str | None = None
    households: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    journal: Path | None = field(default=None, compare=False)
    """Where each event is written as a line before anything else happens; not part of the state."""

    def begin(self, snapshot: dict[str, Any]) -> None:
        """Replace everything by a snapshot."""
        self.position, self.cursor = snapshot["position"], snapshot["cursor"]
        self.households = {each["household_id"]: each for each in snapshot["households"]}

    def take(self, event: dict[str, Any]) -> bool:
        """Take in an event; False for one that is known already. Raises LookupError when one before it is missing."""
        place = int(event["sequence"])
        if place <= self.position:
            return False
        if place != self.position + 1:
            raise LookupError(f"{self.position + 1} is missing before {place}: read the feed from the cursor")
        self._note(event)
        self._change(event["type"].removeprefix("de.nrw.kfi.municipality.").removesuffix(".v1"), event["data"])
        self.position = place
        return True

    def _note(self, event: dict[str, Any]) -> None:
        if self.journal is not None:
            with self.journal.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(event, ensure_ascii=False) + "\n")

    def _change(self, what: str, data: dict[str, Any]) -> None:
        household = data.get("household_id")
        if household is None:
            self.skipped.append(what)  # about the town: a stop, an account, a test
        elif what in REMOVED:
            self.households.pop(household, None)
        elif what == "household-moved-out":
            self._move_out(household, data["persons"])
        else:
            known = self.households.setdefault(household, {"household_id": household, "state": STATES.get(what)})
            known |= {name: value for name, value in data.items() if name not in NOT_KEPT}
            known["state"] = STATES.get(what, known["state"])

    def _move_out(self, household: str, persons: int) -> None:
        known = self.households.get(household)
        if known is not None:
            known["persons"] -= persons
            if known["persons"] <= 0:
                del self.households[household]

    def save(self, file: Path) -> None:
        """Write all of it, or nothing: the place in the feed and the households belong together."""
        unfinished = file.with_suffix(".unfinished")
        known = {name: value for name, value in self.__dict__.items() if name != "journal"}
        unfinished.write_text(json.dumps(known), encoding="utf-8")
        unfinished.replace(file)

    @classmethod
    def load(cls, file: Path, ags: str, journal: Path | None = None) -> "Town":
        """What was saved; an empty town when nothing was."""
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"ags": ags}
        return cls(**known, journal=journal)
