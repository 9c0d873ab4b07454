"""Placements for tests, at any station of their way."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid4

from kfi_allocation.domain.decision import Draft
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.hearing import CommunityHearing, Hearing, HearingAnswer
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.reasons import Reasons, TownCompared

TODAY: Final = date(2026, 11, 23)
RUN: Final = UUID("00000000-0000-4000-8000-00000000a001")
MUENSTER, DORTMUND, BIELEFELD, KOELN = "05515000", "05913000", "05711000", "05315000"
PLANNER, SIGNATORY = "person-8", "person-9"
OBJECT_UNTIL: Final = TODAY + timedelta(days=14)


def announced(group: Group = Group.RESETTLEMENT, persons: int = 4) -> Placement:
    """A household of a list."""
    return Placement.announce(
        uuid4(), list_id=uuid4(), group=group, persons=persons, arrival_on=TODAY + timedelta(days=40), on=TODAY
    )


def proposed(group: Group = Group.RESETTLEMENT) -> Placement:
    """Münster is its town and may object."""
    placement = announced(group)
    placement.propose(RUN, MUENSTER, object_until=OBJECT_UNTIL, on=TODAY)
    return placement


def asked(group: Group = Group.RESETTLEMENT) -> Placement:
    """The family was asked; a community too, where there is one."""
    placement = proposed(group)
    placement.order_hearing(Hearing(uuid4(), MUENSTER, TODAY, TODAY + timedelta(days=10)))
    if placement.community_is_asked:
        placement.ask_community(CommunityHearing(MUENSTER, TODAY, TODAY + timedelta(days=10)))
    return placement


def heard(text: str = "Wir wollen nach Köln.") -> Placement:
    """The family answered."""
    placement = asked()
    placement.record_hearing(HearingAnswer(TODAY, (KOELN,), text), today=TODAY)
    return placement


def reasons_for(placement: Placement, ags: str = MUENSTER) -> Reasons:
    """Reasons of this very household."""
    chosen = TownCompared(ags, (), "0", "40", "100", "140")
    others = tuple(replace(chosen, ags=other, total="200") for other in (DORTMUND, BIELEFELD, KOELN))
    return Reasons(RUN, "ab" * 32, "2026-1", placement.id, chosen, others)


def draft_for(placement: Placement) -> Draft:
    """A draft that answers the family."""
    return Draft(
        PLANNER, TODAY, MUENSTER, reasons_for(placement),
        weighing=("In Münster ist eine passende Wohnung frei.",), reply_to_family="Köln ist voll belegt.",
    )  # fmt: skip


def drafted() -> Placement:
    """A decision waits for the signatory; the town may still object."""
    placement = heard()
    placement.draft_decision(draft_for(placement))
    return placement


def ready() -> Placement:
    """A decision waits for the signatory; the town has agreed."""
    placement = drafted()
    placement.record_towns_agreement(MUENSTER, on=TODAY)
    return placement


def sign(placement: Placement, by: str = SIGNATORY, seen: str = "d", digest: str = "d") -> None:
    """Sign what was read."""
    placement.sign(by, seen_digest=seen, letter_digest=digest, on=TODAY, decision_id=uuid4(), letter_id=uuid4())


def decided() -> Placement:
    """Two persons decided."""
    placement = ready()
    sign(placement)
    return placement
