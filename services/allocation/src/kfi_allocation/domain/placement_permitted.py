"""What a person may do with a placement now: the table of states, the roles, four eyes, and what is open."""

from collections.abc import Callable, Mapping, Set
from typing import Final

from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import TRANSITIONS, Action

_BY_A_LIST: Final = frozenset({Action.AMEND, Action.CANCEL, Action.PROPOSE})
"""What is done to many at once: by an imported list, by an accepted run."""
_ABOUT_A_TOWN_THAT_STAYS: Final = frozenset({
    Action.OBJECT, Action.RECORD_TOWNS_AGREEMENT, Action.RECORD_FAMILYS_ANSWER, Action.ORDER_HEARING,
    Action.RECORD_HEARING, Action.ASK_COMMUNITY, Action.DRAFT,
})  # fmt: skip
_WITHOUT_AN_OBJECTION: Final = frozenset({
    Action.OBJECT, Action.RECORD_TOWNS_AGREEMENT, Action.RECORD_FAMILYS_ANSWER, Action.ORDER_HEARING, Action.DRAFT,
    Action.SIGN,
})  # fmt: skip
_SECOND_PERSON: Final = frozenset({Action.SIGN, Action.RETURN_DRAFT})
_ONLY_IF: Final[Mapping[Action, Callable[[Placement], bool]]] = {
    Action.OBJECT: lambda it: it.town_agreed_on is None,
    Action.RECORD_TOWNS_AGREEMENT: lambda it: it.town_agreed_on is None,
    Action.UPHOLD_OBJECTION: lambda it: it.open_objection is not None,
    Action.REJECT_OBJECTION: lambda it: it.open_objection is not None,
    Action.ORDER_HEARING: lambda it: it.hearing is None,
    Action.RECORD_HEARING: lambda it: it.hearing is not None,
    Action.ASK_COMMUNITY: lambda it: it.community_is_asked and it.community is None,
    Action.RECORD_COMMUNITYS_ANSWER: lambda it: it.community is not None and it.community.answered_on is None,
    Action.SIGN: lambda it: it.town_agreed_on is not None,
    Action.ORDER_LETTER_AGAIN: lambda it: it.failed_letter is not None,
}


def permitted(placement: Placement, *, person: str, roles: Set[str]) -> tuple[Action, ...]:
    """The actions that are open to a person with these roles, in the order of the way."""
    by_role = (
        step.action
        for step in TRANSITIONS
        if step.source is placement.state
        and step.only_in in (None, placement.procedure)
        and not roles.isdisjoint(step.movers)
    )
    return tuple(action for action in dict.fromkeys(by_role) if _fits(action, placement, person))


def _fits(action: Action, placement: Placement, person: str) -> bool:
    if action in _BY_A_LIST or (action in _ABOUT_A_TOWN_THAT_STAYS and placement.needs_another_town):
        return False
    if action in _WITHOUT_AN_OBJECTION and placement.open_objection is not None:
        return False
    draft = placement.proceedings.draft
    if action in _SECOND_PERSON and (draft is None or draft.by == person):
        return False
    return _ONLY_IF[action](placement) if action in _ONLY_IF else True
