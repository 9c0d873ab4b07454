"""What the domain refuses, as problems of RFC 9457; each type has its page."""

from typing import Final

from kfi_allocation.api.rule_problems import kinds, unknown
from kfi_allocation.api.run_problems import RUN_KINDS, RUN_PROBLEMS
from kfi_allocation.api.town_problems import TOWN_KINDS, TOWN_PROBLEMS
from kfi_allocation.domain import errors
from kfi_allocation.domain.arrivals import arrival_list
from kfi_allocation.domain.arrivals.arrival_list import UnknownArrivalList
from kfi_allocation.domain.doors import addresses, kafka_door, webhook
from kfi_allocation.doors.webhooks import UnknownWebhook
from kfi_allocation.households import UnknownHousehold
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.town_notices import UnknownNotice
from kfi_chassis.http import DomainProblems
from kfi_chassis.problems import FieldError, Problem

_OWN: Final = {
    errors.WrongState: (409, "Read the placement again; it lists the actions allowed now."),
    errors.NotInThisState: (409, "Read it again; it lists the actions that are allowed now."),
    errors.FourEyesViolated: (409, "Have another signatory check and sign; another account changes nothing."),
    errors.LetterChanged: (409, "Read the letter again and sign its digest."),
    errors.ReasonsMissing: (422, "State the reasons, and answer what the family said."),
    errors.PeriodRuns: (409, "Wait for the answer or for the end of the last day."),
    errors.PeriodOver: (409, "Talk to the planners; they can still place anew."),
    errors.ObjectionOpen: (409, "Decide about the objection first."),
    errors.TownExcluded: (409, "Choose another town."),
    errors.DateNotPossible: (422, "Correct the date."),
    arrival_list.ListNotReadAsSaid: (422, "Say how the list is to be read, and send it again."),
    arrival_list.ListNotCorrectable: (409, "Correct the newest imported list of the chain."),
    arrival_list.CancellationsNotConfirmed: (409, "Look at the changes of the list, and confirm how many it cancels."),
    arrival_list.ListNotWhole: (409, "Ask for the whole list, or say that what is there shall come in."),
    errors.AddressMissing: (409, "Have the list corrected, then try again."),
    errors.LetterTooLong: (422, "Shorten what it says."),
    addresses.AddressRefused: (422, "Name a public https address."),
    webhook.TooManyWebhooks: (409, "Delete an endpoint that is not needed any more."),
    webhook.WebhookDisabled: (409, "Activate the endpoint first."),
    webhook.ReplayRunning: (409, "Wait until the replay is through."),
    kafka_door.DoorThere: (409, "Change its user, or close the door first."),
    kafka_door.DoorNotOpen: (409, "Read the door again; it says how it stands."),
    kafka_door.BothUsersInUse: (409, "Wait until one ends, or end one."),
}
KINDS: Final = {**kinds(_OWN), **TOWN_KINDS, **RUN_KINDS}


def _rule_broken(broken: errors.RuleBroken) -> Problem:
    if broken.field is None:
        return Problem.of(KINDS[type(broken)], f"{broken.detail} {broken.fix}")
    error = FieldError(f"/{broken.field}", broken.code, broken.fix)
    return Problem.of(KINDS[type(broken)], broken.detail, errors=[error])


DOMAIN_PROBLEMS: Final[DomainProblems] = {
    errors.RuleBroken: _rule_broken,
    **TOWN_PROBLEMS,
    **RUN_PROBLEMS,
    **dict.fromkeys((UnknownArrivalList, UnknownHousehold, UnknownNotice, UnknownPlacement, UnknownWebhook), unknown),
}
"""What the chassis answers for exceptions of this service."""
