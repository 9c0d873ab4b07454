"""A policy of one person is none."""

import json
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.policy_document import policy_from
from kfi_allocation.domain.policy_record import PolicyRecord, PolicyStep, ReturnedBecause, Standing
from kfi_allocation.domain.refusals import SecondPersonNeeded, SettledAlready

DOCUMENT = json.loads((Path(__file__).parents[2] / "examples" / "policy.json").read_text("utf-8"))
TODAY = date(2026, 11, 23)


def drafted() -> PolicyRecord:
    return PolicyRecord.draft(uuid4(), policy_from(DOCUMENT), DOCUMENT, by="person-8", on=TODAY)


def test_another_person_puts_a_policy_into_force() -> None:
    record = drafted()
    with pytest.raises(SecondPersonNeeded):
        record.put_into_force(by="person-8", on=TODAY, another_holds=False)
    assert (record.standing, record.version) == (Standing.DRAFTED, 1)
    record.put_into_force(by="person-9", on=TODAY, another_holds=False)
    assert (record.standing, record.decided_by, record.version) == (Standing.IN_FORCE, "person-9", 2)


def test_a_policy_in_force_is_never_changed() -> None:
    record = drafted()
    record.put_into_force(by="person-9", on=TODAY, another_holds=False)
    with pytest.raises(SettledAlready):
        record.give_back(by="person-9", on=TODAY, because=ReturnedBecause.FIGURES)
    with pytest.raises(SettledAlready):
        record.put_into_force(by="person-9", on=TODAY, another_holds=False)


def test_a_policy_replaces_no_other_for_days_that_have_passed() -> None:
    with pytest.raises(DateNotPossible, match="another one held on that day"):
        drafted().put_into_force(by="person-9", on=TODAY, another_holds=True)


def test_the_steps_open_to_each_are_told() -> None:
    record = drafted()
    assert record.allowed(person="person-8", signs=True, drafts=True) == (PolicyStep.RETURN,)
    assert record.allowed(person="person-9", signs=True, drafts=False) == (
        PolicyStep.PUT_INTO_FORCE, PolicyStep.RETURN,
    )  # fmt: skip
    assert record.allowed(person="person-7", signs=False, drafts=True) == ()
    record.give_back(by="person-8", on=TODAY, because=ReturnedBecause.WITHDRAWN)
    assert record.allowed(person="person-9", signs=True, drafts=True) == ()
