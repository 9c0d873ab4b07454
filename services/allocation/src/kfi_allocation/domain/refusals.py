"""What policies, the ledger and the towns' side refuse; raised before anything has changed."""

from kfi_allocation.domain.errors import RuleBroken


class SettledAlready(RuleBroken):
    """It was settled before, and what is settled is not changed."""

    code = "settled-already"
    title = "It is settled already"


class SecondPersonNeeded(RuleBroken):
    """Whoever drafted the policy cannot be the person who puts it into force."""

    code = "second-person-needed"
    title = "Another person has to put it into force"


class NoPolicyInForce(RuleBroken):
    """No policy is in force on the day asked for."""

    code = "no-policy-in-force"
    title = "No policy is in force on that day"


class TakenName(RuleBroken):
    """There is one of this name already."""

    code = "taken-name"
    title = "There is one of this name already"


class BookingNotPossible(RuleBroken):
    """The account cannot hold this entry."""

    code = "booking-not-possible"
    title = "The account cannot hold this entry"


class PresenceNotPossible(RuleBroken):
    """The persons it is about are not there."""

    code = "presence-not-possible"
    title = "The persons it is about are not there"


class OfferNotFree(RuleBroken):
    """The flat is reserved, taken or withdrawn."""

    code = "offer-not-free"
    title = "The flat is not free"
