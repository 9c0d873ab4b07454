from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_law.announcement import (
    Channel,
    Regime,
    WeekendPolicy,
    announced_by_retrieval,
    announced_on,
    last_day_for_retrieval,
)
from kfi_law.courts import court_figure
from kfi_law.municipalities import register
from kfi_law.recomputation import LAW_RULES, differences, recompute
from kfi_law.remedies import Instruction, finality, last_day_for_action, remedy_period
from kfi_law.traces import Figure, Step, trace_from_json, trace_to_json

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 12, 31))
CHANNELS = st.sampled_from([Channel.LETTER, Channel.ELECTRONIC])
REGIMES = st.sampled_from(list(Regime))
INSTRUCTIONS = st.sampled_from(list(Instruction))
TEXT_FIELDS = ("rule", "version", "paragraph", "result", "source")


def stored_and_read(figure: Figure[date]) -> tuple[Step, ...]:
    return trace_from_json(trace_to_json(figure.steps))


@given(CHANNELS, DAYS, INSTRUCTIONS, REGIMES)
def test_every_figure_of_a_remedy_period_can_be_recomputed_from_its_stored_trace(
    channel: Channel, on: date, instruction: Instruction, regime: Regime
) -> None:
    period = remedy_period(channel, on, instruction, regime)
    for figure in (period.announced, period.last_day, period.latest_last_day, period.final_from):
        assert differences(stored_and_read(figure)) == ()
        assert figure.step.result == figure.value.isoformat()


def test_every_other_figure_of_the_law_can_be_recomputed() -> None:
    waived = finality(last_day_for_action(date(2026, 3, 13)), waived_on=date(2026, 3, 18))
    assert waived is not None
    assert recompute(waived.steps)
    assert recompute(announced_by_retrieval(date(2026, 3, 2), date(2026, 3, 7)).steps)
    assert recompute(announced_by_retrieval(date(2026, 3, 2), date(2026, 3, 7), latest=True).steps)
    moved = announced_on(Channel.LETTER, date(2026, 3, 10), weekend_policy=WeekendPolicy.NEXT_WORKING_DAY)
    assert moved.value == date(2026, 3, 16)
    assert recompute(moved.steps)
    assert all(recompute(court_figure(m.ags).steps) for m in register())
    assert recompute(court_figure(None).steps)


@given(CHANNELS, DAYS, st.integers(min_value=0, max_value=3), st.sampled_from(TEXT_FIELDS), st.text(max_size=12))
def test_a_trace_with_any_text_changed_does_not_recompute(
    channel: Channel, on: date, index: int, field: str, text: str
) -> None:
    steps = list(remedy_period(channel, on).final_from.steps)
    changed = replace(steps[index], **{field: text})  # type: ignore[arg-type]
    steps[index] = changed
    assert recompute(steps) is (changed == remedy_period(channel, on).final_from.steps[index])


@given(CHANNELS, DAYS, st.integers(min_value=0, max_value=3), st.data())
def test_a_trace_with_any_input_changed_does_not_recompute(
    channel: Channel, on: date, index: int, data: st.DataObject
) -> None:
    steps = list(remedy_period(channel, on).final_from.steps)
    name = data.draw(st.sampled_from(sorted(steps[index].inputs)))
    steps[index] = replace(steps[index], inputs={**steps[index].inputs, name: "changed"})
    assert not recompute(steps)


def test_a_step_joined_to_another_result_than_the_one_before_it_is_told() -> None:
    posted = announced_on(Channel.LETTER, date(2026, 3, 9))
    of_another_day = last_day_for_action(date(2026, 3, 16))
    assert recompute(of_another_day.steps)
    assert "announced_on" in differences(posted.steps + of_another_day.steps)[0]


def test_an_input_too_many_or_too_few_is_told() -> None:
    step = announced_on(Channel.LETTER, date(2026, 3, 9)).step
    assert not recompute([replace(step, inputs={**step.inputs, "more": "1"})])
    assert not recompute([replace(step, inputs={"on": "2026-03-09"})])


@pytest.mark.parametrize(("on", "result"), [("2024-12-30", "2025-01-03"), ("9999-12-31", "9999-12-31")])
def test_an_announcement_by_a_rule_of_another_day_is_told(on: str, result: str) -> None:
    step = announced_on(Channel.LETTER, date(2026, 3, 9)).step
    assert not recompute([replace(step, inputs={**step.inputs, "on": on}, result=result)])


def test_a_period_by_a_rule_of_another_day_is_told() -> None:
    step = last_day_for_action(date(2026, 3, 13)).steps[0]
    assert not recompute([replace(step, inputs={**step.inputs, "announced_on": "1990-01-02"}, result="1990-02-02")])


def test_a_month_claimed_for_a_missing_notice_is_told() -> None:
    step = last_day_for_action(date(2026, 3, 13)).steps[0]
    assert not recompute([replace(step, inputs={**step.inputs, "instruction": "missing_or_wrong"})])


def test_a_court_of_another_district_is_told_even_when_it_is_the_same_court() -> None:
    hagen, hamm = court_figure("05914000").step, court_figure("05915000").step
    assert hagen.result == hamm.result
    assert not recompute([replace(hagen, version=hamm.version)])


def test_a_retrieval_window_by_a_rule_of_another_day_or_channel_is_told() -> None:
    window, letter = last_day_for_retrieval(date(2026, 3, 2)).step, announced_on(Channel.LETTER, date(2026, 3, 9)).step
    assert not recompute([replace(window, inputs={"notified_on": "2019-03-04"}, result="2019-03-14")])
    assert not recompute([replace(window, version=letter.version)])


def test_no_steps_are_no_sound_trace() -> None:
    assert not recompute(())


def test_a_service_adds_its_own_rules() -> None:
    def doubled(version: str, inputs: Mapping[str, str]) -> Step:
        return Step("doubled", version, "§ 2", dict(inputs), str(2 * int(inputs["n"])), "s")

    steps = (doubled("1", {"n": "4"}),)
    assert recompute(steps, {**LAW_RULES, "doubled": doubled})
    assert differences(steps) == ("Step 1 (doubled): no such rule is known here.",)
