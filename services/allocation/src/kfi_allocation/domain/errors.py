"""What a rule of the trade forbids. Raised before anything has changed; each names what to do."""

from typing import ClassVar


class RuleBroken(Exception):
    """A rule forbids what was asked; nothing has changed.

    ``code`` is the stable name (it is the problem type at the edge, one for the whole platform), ``field`` the input
    that is to blame, if one is.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, *, fix: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix
        self.field = field


class WrongState(RuleBroken):
    """The household's placement is not in a state in which this can be done."""

    code = "placement-not-in-this-state"
    title = "The placement is not in a state in which this can be done"


class NotInThisState(RuleBroken):
    """It is not in a state in which this can be done."""

    code = "not-in-this-state"
    title = "It is not in a state in which this can be done"


class FourEyesViolated(RuleBroken):
    """The person who drafted the decision cannot be the person who signs it."""

    code = "drafter-cannot-sign"
    title = "Drafter and signatory must be two persons"


class LetterChanged(RuleBroken):
    """The letter that was seen is no longer the letter that would be sent."""

    code = "letter-changed"
    title = "The letter changed since it was read"


class ReasonsMissing(RuleBroken):
    """A decision says why this town and no other, and answers what the family said in its hearing."""

    code = "reasons-missing"
    title = "The decision lacks individual reasons"


class PeriodRuns(RuleBroken):
    """Somebody who was asked may still answer."""

    code = "period-runs"
    title = "A period still runs"


class PeriodOver(RuleBroken):
    """The last day on which this could be done has passed."""

    code = "period-over"
    title = "The period is over"


class ObjectionOpen(RuleBroken):
    """The town has objected, and nobody has decided about it yet."""

    code = "objection-open"
    title = "An objection of the town is open"


class TownExcluded(RuleBroken):
    """An objection of this town against this household was upheld."""

    code = "town-excluded"
    title = "The town is excluded for this household"


class DateNotPossible(RuleBroken):
    """The date contradicts what has happened already."""

    code = "day-not-possible"
    title = "This date is not possible"


class AddressMissing(RuleBroken):
    """A letter needs a person it can name and a place it can be sent to."""

    code = "address-missing"
    title = "The household cannot be written to"


class LetterTooLong(RuleBroken):
    """A letter that could not be sealed is refused before anybody signs it."""

    code = "allocation-letter-too-long"
    title = "The letter is too long"
