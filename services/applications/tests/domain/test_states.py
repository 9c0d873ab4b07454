"""The table of states, its diagram, and any path through it (the invariants of the case law of grants)."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kfi_applications.domain.application import Application, Happening
from kfi_applications.domain.budget import BudgetTitle, BudgetYear
from kfi_applications.domain.case import Case
from kfi_applications.domain.decision import Outcome, Proposal, ReturnReason, YearAmount
from kfi_applications.domain.diagram import TARGET, diagram
from kfi_applications.domain.errors import RuleBroken
from kfi_applications.domain.information_request import IfUnanswered, InformationRequest, MissingItem
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.remedies import ActionEnd, FinalityBasis
from kfi_applications.domain.states import ENDED, GERMAN, TRANSITIONS, Action, State

assess = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"].assess
PERSONS = st.sampled_from(["person-a", "person-b", "person-c"])
AMOUNTS = st.sampled_from([Decimal("0.00"), Decimal("7200.00"), Decimal("14400.00"), Decimal("14400.01")])
START = date(2026, 3, 9)


def test_the_committed_diagram_is_drawn_from_the_table() -> None:
    root = Path(__file__).resolve().parents[4]
    assert (root / TARGET).read_text(encoding="utf-8") == diagram()


def test_every_state_can_be_reached_and_only_finality_and_withdrawal_end() -> None:
    reached = {None}
    for _ in TRANSITIONS:
        reached |= {step.target for step in TRANSITIONS if step.source in reached}
    assert reached == {None, *State}
    assert set(GERMAN) == set(State)
    moving = {step.source for step in TRANSITIONS if step.source is not step.target}
    assert set(State) - moving == ENDED == {State.FINAL, State.WITHDRAWN}


class CasesAndBudget(RuleBasedStateMachine):
    """Two cases compete for one title of 20,000.00 EUR, in any order of actions; refusals change nothing."""

    @initialize()
    def begin(self) -> None:
        self.title = BudgetTitle(uuid4(), "X", "Title X", {2026: BudgetYear(Decimal("12000.00"), Decimal("8000.00"))})
        self.case: Case = self.case_of()
        self.applications = [self.application_of(self.case) for _ in range(2)]
        self.today = START

    case_of: Callable[..., Case]
    application_of: Callable[[Case], Application]

    def attempt(self, application: Application, act: Callable[[], object]) -> None:
        """Act like a transaction does: a refusal leaves state, steps and budget as they were."""
        before = (application.state, len(application.steps), len(application.happened), self.title.years[2026].free)
        try:
            act()
        except RuleBroken:
            after = (application.state, len(application.steps), len(application.happened), self.title.years[2026].free)
            assert after == before

    @rule(which=st.integers(0, 1))
    def check(self, which: int) -> None:
        application = self.applications[which]
        self.attempt(application, application.open_formal_check)
        self.attempt(application, lambda: application.open_substance_check(assess(self.case)))

    @rule(which=st.integers(0, 1), amount=AMOUNTS, by=PERSONS)
    def propose(self, which: int, amount: Decimal, by: str) -> None:
        application = self.applications[which]
        years = (YearAmount(2026, amount),) if amount else ()
        proposal = Proposal(amount, years, ("Grund.",), (), "X", by, self.today)
        self.attempt(application, lambda: application.propose(proposal, assess(self.case)))

    @rule(which=st.integers(0, 1))
    def reserve(self, which: int) -> None:
        application = self.applications[which]
        if application.state is State.PROPOSED and application.proposal and not application.proposal.is_rejection:
            wanted = application.proposal.by_year
            if self.title.years[2026].free >= wanted[2026]:
                self.title.reserve(application.id, wanted)
                application.reserve_funds()
            else:
                self.attempt(application, lambda: self.title.reserve(application.id, wanted))
        else:
            self.attempt(application, application.reserve_funds)

    @rule(which=st.integers(0, 1), by=PERSONS)
    def second_check(self, which: int, by: str) -> None:
        application = self.applications[which]
        self.attempt(application, lambda: application.open_second_check(by))

    @rule(which=st.integers(0, 1), by=PERSONS)
    def give_back(self, which: int, by: str) -> None:
        application = self.applications[which]

        def act() -> None:
            returned = application.return_proposal(by, ReturnReason.FACTS)
            if not returned.is_rejection:
                self.title.release(application.id)

        self.attempt(application, act)

    @rule(which=st.integers(0, 1), by=PERSONS, read=st.booleans())
    def sign(self, which: int, by: str, read: bool) -> None:
        application = self.applications[which]

        def act() -> None:
            decision = application.sign(
                by, seen_digest="a" if read else "b", letter_digest="a", on=self.today,
                decision_id=uuid4(), letter_id=uuid4(),
            )  # fmt: skip
            if decision.outcome is not Outcome.REJECTED:
                self.title.commit(application.id)

        self.attempt(application, act)

    @rule(which=st.integers(0, 1))
    def withdraw(self, which: int) -> None:
        application = self.applications[which]

        def act() -> None:
            if application.withdraw(self.today, today=self.today) is not None:
                self.title.release(application.id)

        self.attempt(application, act)

    @rule(which=st.integers(0, 1), days=st.integers(0, 20))
    def ask(self, which: int, days: int) -> None:
        application = self.applications[which]
        asked = InformationRequest(
            uuid4(), (MissingItem.STATUTES,), None, self.today, self.today + timedelta(days),
            IfUnanswered.DECIDED_ON_THE_FILE, "person-a",
        )  # fmt: skip
        self.attempt(application, lambda: application.request_information(asked))

    @rule(which=st.integers(0, 1), what=st.sampled_from(["answer", "remind", "end"]))
    def while_it_waits(self, which: int, what: str) -> None:
        application = self.applications[which]
        acts: dict[str, Callable[[], object]] = {
            "answer": lambda: application.answer_request("Hier.", self.today, today=self.today),
            "remind": lambda: application.remind(self.today),
            "end": lambda: application.end_answer_period(self.today),
        }
        self.attempt(application, acts[what])

    @rule(which=st.integers(0, 1))
    def announce(self, which: int) -> None:
        application = self.applications[which]
        self.attempt(application, lambda: application.record_announcement(self.today, self.today + timedelta(31)))

    @rule(which=st.integers(0, 1))
    def waive(self, which: int) -> None:
        application = self.applications[which]
        self.attempt(application, lambda: application.waive_remedies(self.today, today=self.today))

    @rule(which=st.integers(0, 1), end=st.none() | st.sampled_from(ActionEnd))
    def go_to_court(self, which: int, end: ActionEnd | None) -> None:
        application = self.applications[which]
        if end is None:
            self.attempt(application, lambda: application.record_court_action(self.today, today=self.today))
        else:
            self.attempt(application, lambda: application.conclude_court_action(end, self.today, today=self.today))

    @rule(which=st.integers(0, 1))
    def end_period(self, which: int) -> None:
        application = self.applications[which]
        self.attempt(application, lambda: application.end_remedy_period(self.today))

    @rule(which=st.integers(0, 1), steps=st.integers(1, 8))
    def go_the_usual_way(self, which: int, steps: int) -> None:
        """Random actions alone rarely get far: this takes the next steps as colleagues usually do."""
        usual: dict[State, Callable[[], None]] = {
            State.RECEIVED: lambda: self.check(which),
            State.FORMAL_CHECK: lambda: self.check(which),
            State.SUBSTANCE_CHECK: lambda: self.propose(which, Decimal("7200.00"), "person-a"),
            State.PROPOSED: lambda: self.reserve(which),
            State.FUNDS_RESERVED: lambda: self.second_check(which, "person-b"),
            State.SECOND_CHECK: lambda: self.sign(which, "person-c", read=True),
            State.GRANTED: lambda: self.announce(which),
            State.REJECTED: lambda: self.announce(which),
        }
        for _ in range(steps):
            usual.get(self.applications[which].state, self.a_day_passes)()

    @precondition(lambda self: hasattr(self, "today"))
    @rule()
    def a_day_passes(self) -> None:
        self.today += timedelta(1)

    @invariant()
    def the_title_is_never_overdrawn_and_its_sums_are_those_of_the_cases(self) -> None:
        if hasattr(self, "title"):
            year = self.title.years[2026]
            assert year.free >= 0
            booked = sum((booking.amounts[2026] for booking in self.title.cases.values()), Decimal(0))
            assert year.reserved + year.committed == booked

    @invariant()
    def every_step_is_in_the_table_and_joins_the_one_before(self) -> None:
        allowed = {(step.action, step.source, step.target) for step in TRANSITIONS}
        for application in getattr(self, "applications", []):
            state = None
            for step in application.steps:
                assert step.source is state
                assert (step.action, step.source, step.target) in allowed
                state = step.target
            assert state is application.state

    @invariant()
    def what_was_withdrawn_was_never_decided_and_holds_no_money(self) -> None:
        for application in getattr(self, "applications", []):
            withdrawn = application.state is State.WITHDRAWN
            assert withdrawn == (application.withdrawn_on is not None) == (Happening.WITHDRAWN in application.happened)
            if withdrawn:
                assert application.decision is None
                assert application.id not in self.title.cases

    @invariant()
    def a_request_for_information_is_told_once_and_one_is_open_at_most(self) -> None:
        for application in getattr(self, "applications", []):
            assert application.happened.count(Happening.INFORMATION_REQUESTED) == len(application.information_requests)
            answered = [request.answered_on is not None for request in application.information_requests]
            if application.state is State.SUBSTANCE_CHECK and application.decision is None and all(answered[:-1]):
                assert application.assessment is not None

    @invariant()
    def nobody_signs_an_own_proposal_and_a_decision_never_changes(self) -> None:
        for application in getattr(self, "applications", []):
            if application.decision:
                assert application.proposal is not None
                assert application.decision.signed_by != application.proposal.by
                assert application.decision.granted_amount <= Decimal("14400.00")
            assert application.happened.count(Happening.DECIDED) == (application.decision is not None)

    @invariant()
    def final_means_announced_with_a_basis_and_money_flows_only_then(self) -> None:
        for application in getattr(self, "applications", []):
            final = application.state is State.FINAL
            remedies = application.remedies
            assert final == (remedies.final_on is not None) == (remedies.basis is not None)
            assert application.happened.count(Happening.BECAME_FINAL) == final
            if not final:
                assert application.payment_block(date.max) is not None
            if remedies.basis is FinalityBasis.WAIVER:
                assert any(step.action is Action.WAIVE_REMEDIES for step in application.steps)


def test_any_path_keeps_the_invariants(
    case_of: Callable[..., Case], application_of: Callable[[Case], Application]
) -> None:
    CasesAndBudget.case_of = staticmethod(case_of)
    CasesAndBudget.application_of = staticmethod(application_of)
    run_state_machine_as_test(CasesAndBudget, settings=settings(max_examples=60, stateful_step_count=40, deadline=None))
