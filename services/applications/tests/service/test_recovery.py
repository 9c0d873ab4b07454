"""After a restore: what was published of a case is rebuilt with its money; what no event tells is left to a person."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_applications.domain.errors import BudgetExceeded, WrongState
from kfi_applications.recovery import recovery
from kfi_chassis.privacy.keys import ERASED
from kfi_chassis.restore.declaration import Left, Past
from kfi_contracts.applications import (
    ApplicationFiled,
    ApplicationWithdrawn,
    DecisionFinal,
    DecisionMade,
    FinalityBasis,
    InformationRequested,
    Outcome,
    PersonErased,
    YearAmount,
)
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event

pytestmark = pytest.mark.servers


async def rebuilt(desk: Any, event: Event, sequence: int) -> Left | None:
    rebuild = recovery.rebuilder(event.type)
    assert rebuild is not None
    envelope = CloudEvent.wrap(event, id=uuid4(), time=datetime.now(UTC), sequence=sequence)
    outcome: list[Left | None] = []

    async def handle(event: Event, work: Any) -> None:
        outcome.append(await rebuild(event, Past(envelope, (event,)), work))

    await desk.consume(handle, event)
    return outcome[-1]


def decided(case: str, amount: str, outcome: Outcome = Outcome.GRANTED_IN_PART) -> DecisionMade:
    years = () if outcome is Outcome.REJECTED else (YearAmount(year=2026, amount=Decimal(amount)),)
    return DecisionMade(
        application_id=UUID(case), decision_id=uuid4(), file_number="36-2026-0001", outcome=outcome,
        granted_amount=Decimal(amount), decided_on=date(2026, 3, 9), years=years, letter_id=uuid4(),
    )  # fmt: skip


def final(case: str, basis: FinalityBasis) -> DecisionFinal:
    return DecisionFinal(application_id=UUID(case), decision_id=uuid4(), final_on=date(2026, 4, 14), basis=basis)


async def booked(desk: Any) -> list[tuple[str, Decimal]]:
    return [tuple(row) for row in await desk.rows("SELECT booking, amount FROM budget_booking ORDER BY application_id")]


async def seen(desk: Any, case: str) -> tuple[str, int]:
    ((state, sequence),) = await desk.rows("SELECT state, sequence FROM application WHERE id = :id", id=UUID(case))
    return state, sequence


@pytest.mark.parametrize("how_far", ["filed", "proposed", "in_second_check"])
async def test_a_decision_is_rebuilt_with_its_money_however_far_the_case_had_come(desk: Any, how_far: str) -> None:
    case = await getattr(desk, how_far)()
    assert await rebuilt(desk, decided(case, "700.00"), 2) == Left("signatory_unknown")
    assert await seen(desk, case) == ("granted", 2)
    assert await booked(desk) == [("committed", Decimal("700.00"))]
    actions = await desk.rows("SELECT action FROM audit WHERE aggregate_id = :id ORDER BY number", id=UUID(case))
    assert actions[-1].action == "restored"


async def test_the_money_of_the_very_proposal_is_committed_once(desk: Any, proposal_body: Any) -> None:
    case = await desk.in_second_check()
    years = {year["year"]: Decimal(year["amount"]) for year in proposal_body["years"]}
    event = decided(case, str(sum(years.values()))).model_copy(
        update={"years": tuple(YearAmount(year=year, amount=amount) for year, amount in years.items())}
    )
    await rebuilt(desk, event, 2)
    assert sorted(await booked(desk)) == sorted(("committed", amount) for amount in years.values())


async def test_a_request_for_information_is_waited_for_again_and_its_words_are_left_to_a_person(desk: Any) -> None:
    case = await desk.filed()
    asked = InformationRequested(
        application_id=UUID(case), file_number="36-2026-0001", requested_on=date(2026, 3, 9),
        answer_by=date(2026, 4, 7), items=("statutes",), consequence="decided-on-the-file", letter_id=uuid4(),
    )  # fmt: skip
    assert await rebuilt(desk, asked, 2) == Left("request_in_words_lost")
    assert await seen(desk, case) == ("information-requested", 2)
    due = await desk.rows("SELECT kind, due_on FROM deadline ORDER BY kind")
    assert [tuple(row) for row in due] == [
        ("information-period-end", date(2026, 4, 8)), ("information-reminder", date(2026, 3, 31)),
    ]  # fmt: skip
    assert await rebuilt(desk, asked.model_copy(update={"application_id": uuid4()}), 2) == Left("application_lost")


@pytest.mark.parametrize("how_far", ["filed", "proposed", "in_second_check"])
async def test_a_withdrawal_is_rebuilt_and_its_money_is_free(desk: Any, how_far: str) -> None:
    case = await getattr(desk, how_far)()
    withdrawn = ApplicationWithdrawn(
        application_id=UUID(case), file_number="36-2026-0001", withdrawn_on=date(2026, 3, 9)
    )
    assert await rebuilt(desk, withdrawn, 2) is None
    assert (await seen(desk, case), await booked(desk)) == (("withdrawn", 2), [])


async def test_a_rejection_books_nothing(desk: Any) -> None:
    case = await desk.filed()
    await rebuilt(desk, decided(case, "0.00", Outcome.REJECTED), 2)
    assert (await seen(desk, case), await booked(desk)) == (("rejected", 2), [])


async def test_a_decision_that_the_budget_does_not_hold_is_refused_and_changes_nothing(desk: Any) -> None:
    case = await desk.filed()
    with pytest.raises(BudgetExceeded):
        await rebuilt(desk, decided(case, "99999999.00"), 2)
    assert (await seen(desk, case), await booked(desk)) == (("received", 1), [])


async def test_finality_comes_after_decision_and_announcement(desk: Any) -> None:
    case = await desk.filed()
    with pytest.raises(WrongState):
        await rebuilt(desk, final(case, FinalityBasis.REMEDY_PERIOD_ENDED), 3)
    await rebuilt(desk, decided(case, "700.00"), 2)
    with pytest.raises(WrongState):
        await rebuilt(desk, final(case, FinalityBasis.REMEDY_PERIOD_ENDED), 3)


@pytest.mark.parametrize(
    ("basis", "left"),
    [
        (FinalityBasis.REMEDY_PERIOD_ENDED, None),
        (FinalityBasis.WAIVER, Left("waiver_lost")),
        (FinalityBasis.ACTION_CONCLUDED, Left("court_action_lost")),
    ],
)
async def test_what_made_a_decision_final_is_told_where_it_is_lost(
    desk: Any, basis: FinalityBasis, left: Left | None
) -> None:
    case = await desk.filed()
    await rebuilt(desk, decided(case, "700.00"), 2)
    await desk.rows('UPDATE application SET remedies = remedies || \'{"announced_on": "2026-03-13"}\' RETURNING id')
    assert await rebuilt(desk, final(case, basis), 3) == left
    assert await seen(desk, case) == ("final", 3)


async def test_the_number_of_a_lost_application_is_never_given_again(desk: Any) -> None:
    lost = ApplicationFiled(
        application_id=uuid4(), file_number="36-2026-0041", programme="p", call="c", filed_on=date(2026, 3, 9),
        late=False, requested_amount=Decimal("1.00"),
    )  # fmt: skip
    assert await rebuilt(desk, lost, 1) == Left("application_lost")
    assert await rebuilt(desk, lost.model_copy(update={"file_number": "36-2026-0007"}), 1) == Left("application_lost")
    answer = await desk.file()
    assert answer.json()["file_number"] == "36-2026-0042"
    assert await rebuilt(desk, decided(str(uuid4()), "700.00"), 2) == Left("application_lost")


async def test_what_a_backup_brought_back_of_an_erased_person_goes_again(desk: Any) -> None:
    case, lost = await desk.filed(), str(uuid4())
    erasures = {one: PersonErased(application_id=UUID(one), erased_on=date(2040, 1, 2)) for one in (case, lost)}
    assert await rebuilt(desk, erasures[case], 2) is None
    assert await rebuilt(desk, erasures[lost], 2) == Left("application_lost")
    view = (await desk.get("auditor", f"/applications/{case}")).json()
    assert (view["applicant"]["name"], view["erased_on"]) == (ERASED, "2040-01-02")
    assert await desk.rows("SELECT person FROM person_key") == []
    assert len(await desk.rows("SELECT person FROM erased_person")) == 2
