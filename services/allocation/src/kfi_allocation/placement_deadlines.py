"""The days a placement waits for: kept with each step, so that nobody who changes a placement has to think of them."""

from datetime import timedelta
from typing import Final

from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import Action
from kfi_chassis.deadlines import Deadlines

OBJECTION: Final = "objection-period"
HEARING: Final = "hearing-period"
_THE_DAY_AFTER: Final = timedelta(days=1)
_TOWN_ANSWERED: Final = frozenset({Action.RECORD_TOWNS_AGREEMENT, Action.UPHOLD_OBJECTION, Action.REJECT_OBJECTION})


def keep_deadlines(placement: Placement, deadlines: Deadlines) -> None:
    """Set and cancel what follows from the steps of this transaction."""
    for step in placement.steps:
        if step.action in {Action.PROPOSE, Action.REVISE} and placement.object_until is not None:
            deadlines.schedule(OBJECTION, placement.id, placement.object_until + _THE_DAY_AFTER)
        elif step.action in _TOWN_ANSWERED:
            deadlines.cancel(OBJECTION, placement.id)
        elif step.action is Action.ORDER_HEARING and placement.hearing is not None:
            deadlines.schedule(HEARING, placement.id, placement.hearing.answer_by + _THE_DAY_AFTER)
        elif step.action is Action.RECORD_HEARING:
            deadlines.cancel(HEARING, placement.id)
        if step.action is Action.REVISE:
            deadlines.cancel(HEARING, placement.id)
        elif step.action is Action.CANCEL:
            deadlines.cancel(OBJECTION, placement.id)
            deadlines.cancel(HEARING, placement.id)
