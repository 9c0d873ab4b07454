"""Calls and budget plans as versions of two persons: one at a time waits, none in force is ever changed."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kfi_applications.domain.errors import FourEyesViolated, WrongState
from kfi_applications.domain.master_records import MasterRecord, ReturnedBecause, Standing, Step

TODAY = date(2026, 3, 9)
PERSONS = ("person-a", "person-b", "person-c")
OFFICE, NOBODY = frozenset({"budget-officer"}), frozenset({"auditor"})


@pytest.fixture
def proposed() -> MasterRecord[str]:
    record: MasterRecord[str] = MasterRecord(uuid4(), "a-call")
    record.propose("the first terms", by="person-a", on=TODAY)
    return record


def test_who_proposed_cannot_approve(proposed: MasterRecord[str]) -> None:
    with pytest.raises(FourEyesViolated):
        proposed.approve(by="person-a", on=TODAY)
    assert (proposed.in_force, proposed.version) == (None, 1)
    approved = proposed.approve(by="person-b", on=TODAY)
    assert (approved.content, proposed.in_force, proposed.pending) == ("the first terms", approved, None)


def test_a_version_that_waits_is_not_overtaken(proposed: MasterRecord[str]) -> None:
    with pytest.raises(WrongState):
        proposed.propose("other terms", by="person-b", on=TODAY)


def test_what_is_returned_never_comes_into_force(proposed: MasterRecord[str]) -> None:
    proposed.give_back(by="person-a", on=TODAY, because=ReturnedBecause.WITHDRAWN)
    with pytest.raises(WrongState):
        proposed.approve(by="person-b", on=TODAY)
    assert proposed.in_force is None


@pytest.mark.parametrize(
    ("person", "roles", "steps"),
    [
        ("person-a", OFFICE, (Step.RETURN,)),
        ("person-b", OFFICE, (Step.APPROVE, Step.RETURN)),
        ("person-b", NOBODY, ()),
    ],
)
def test_each_person_is_told_what_it_may_do(
    proposed: MasterRecord[str], person: str, roles: frozenset[str], steps: tuple[Step, ...]
) -> None:
    duties = {"proposers": OFFICE, "approvers": OFFICE}
    assert proposed.allowed(person=person, roles=roles, **duties) == steps
    proposed.approve(by="person-b", on=TODAY)
    assert proposed.allowed(person=person, roles=roles, **duties) == ((Step.CORRECT,) if roles is OFFICE else ())


class ARecord(RuleBasedStateMachine):
    """Anybody tries anything; what is not allowed is refused and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.record: MasterRecord[int] = MasterRecord(uuid4(), "a-title")
        self.approved: dict[int, Any] = {}

    @rule(person=st.sampled_from(PERSONS), content=st.integers(), step=st.sampled_from(Step))
    def somebody_tries(self, person: str, content: int, step: Step) -> None:
        before = (self.record.version, tuple(self.record.versions))
        try:
            if step is Step.CORRECT:
                self.record.propose(content, by=person, on=TODAY)
            elif step is Step.APPROVE:
                version = self.record.approve(by=person, on=TODAY)
                self.approved[version.number] = version
            else:
                self.record.give_back(by=person, on=TODAY, because=ReturnedBecause.DATES)
        except (FourEyesViolated, WrongState):
            assert before == (self.record.version, tuple(self.record.versions))

    @invariant()
    def every_version_in_force_is_of_two_persons_and_stays_what_it_was(self) -> None:
        for version in self.record.versions:
            if version.standing is Standing.APPROVED:
                assert version.proposed_by != version.decided_by
                assert self.approved[version.number] == version
        assert self.record.version == len(self.record.steps)
        assert [version.number for version in self.record.versions] == list(range(1, len(self.record.versions) + 1))
        waiting = [version for version in self.record.versions if version.standing is Standing.PROPOSED]
        assert waiting == ([] if self.record.pending is None else [self.record.pending])


def test_whatever_is_tried_a_version_in_force_is_of_two_persons() -> None:
    run_state_machine_as_test(ARecord, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))
