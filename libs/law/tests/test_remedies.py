from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_law.announcement import Channel, Regime
from kfi_law.legal_calendar import is_working_day
from kfi_law.periods import end_of_month_period
from kfi_law.remedies import Instruction, final_from, finality, last_day_for_action, remedy_period

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 12, 31))
CHANNELS = st.sampled_from([Channel.LETTER, Channel.ELECTRONIC])
INSTRUCTIONS = st.sampled_from(list(Instruction))


@pytest.mark.parametrize(
    ("announced", "last_day"),
    [
        pytest.param(date(2026, 3, 13), date(2026, 4, 13), id="a"),
        pytest.param(date(2026, 3, 31), date(2026, 4, 30), id="b April has no 31st"),
        pytest.param(date(2026, 4, 1), date(2026, 5, 4), id="c 1 May then weekend"),
        pytest.param(date(2025, 11, 25), date(2025, 12, 29), id="d Christmas then weekend"),
        pytest.param(date(2026, 3, 6), date(2026, 4, 7), id="e Easter Monday"),
    ],
)
def test_case_f23_last_day_for_an_action_with_a_correct_instruction(announced: date, last_day: date) -> None:
    assert last_day_for_action(announced).value == last_day


def test_case_f23_f_one_year_when_the_instruction_is_missing() -> None:
    last = last_day_for_action(date(2026, 3, 16), Instruction.MISSING_OR_WRONG)
    assert last.value == date(2027, 3, 16)
    assert "58 (2)" in last.steps[0].paragraph


def test_case_f24_a_final_the_day_after_the_period() -> None:
    last = last_day_for_action(date(2026, 3, 13))
    final = finality(last)
    assert final is not None
    assert final.value == final_from(last.value) == date(2026, 4, 14)


def test_case_f24_b_a_waiver_makes_it_final_at_once() -> None:
    final = finality(last_day_for_action(date(2026, 3, 13)), waived_on=date(2026, 3, 18))
    assert final is not None
    assert final.value == date(2026, 3, 18)
    assert "waiver" in final.step.paragraph


def test_case_f24_c_an_action_pending_holds_it() -> None:
    last = last_day_for_action(date(2026, 3, 13))
    assert finality(last, action_pending=True) is None
    assert finality(last, waived_on=date(2026, 3, 18), action_pending=True) is None


def test_a_waiver_after_the_period_changes_nothing() -> None:
    last = last_day_for_action(date(2026, 3, 13))
    assert finality(last, waived_on=date(2026, 4, 20)) == finality(last)


@given(DAYS, INSTRUCTIONS)
def test_the_last_day_is_a_working_day_a_month_or_a_year_after_announcement(
    day: date, instruction: Instruction
) -> None:
    months = 1 if instruction is Instruction.CORRECT else 12
    last = last_day_for_action(day, instruction)
    assert last.value == end_of_month_period(day, months)
    assert is_working_day(last.value)


@given(CHANNELS, DAYS, INSTRUCTIONS, st.sampled_from(list(Regime)))
def test_nothing_is_final_before_the_later_of_both_readings_ended(
    channel: Channel, on: date, instruction: Instruction, regime: Regime
) -> None:
    period = remedy_period(channel, on, instruction, regime)
    assert on < period.announced.value <= period.latest_announced.value
    assert period.announced.value < period.last_day.value <= period.latest_last_day.value
    assert period.final_from.value == period.latest_last_day.value + timedelta(days=1)


@given(CHANNELS, DAYS, DAYS)
def test_a_later_posting_never_makes_an_act_final_earlier(channel: Channel, one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert remedy_period(channel, first).final_from.value <= remedy_period(channel, second).final_from.value


def test_a_saturday_is_read_both_ways_and_the_later_counts_for_finality() -> None:
    period = remedy_period(Channel.LETTER, date(2026, 3, 10))
    assert (period.announced.value, period.last_day.value) == (date(2026, 3, 14), date(2026, 4, 14))
    assert (period.latest_announced.value, period.latest_last_day.value) == (date(2026, 3, 16), date(2026, 4, 16))
    assert period.final_from.value == date(2026, 4, 17)


def test_the_trace_of_finality_goes_back_to_the_posting() -> None:
    steps = remedy_period(Channel.LETTER, date(2026, 3, 9)).final_from.steps
    assert [step.rule for step in steps] == ["announced_on", "remedy_period_end", "last_day_for_action", "final_from"]
    assert steps[0].inputs["on"] == "2026-03-09"
