import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_law.errors import MalformedTrace
from kfi_law.traces import Figure, Step, trace_from_json, trace_to_json

TEXTS = st.text(max_size=20)
STEPS = st.builds(Step, TEXTS, TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=4), TEXTS, TEXTS)
STEP = Step("rate", "1", "§ 1", {"total": "10.00"}, "8.00", "s")


@given(st.lists(STEPS, max_size=5))
def test_a_trace_comes_back_as_it_was_written(steps: list[Step]) -> None:
    assert trace_from_json(trace_to_json(steps)) == tuple(steps)


@given(st.lists(STEPS, max_size=3))
def test_equal_traces_give_equal_text(steps: list[Step]) -> None:
    turned = [
        Step(s.rule, s.version, s.paragraph, dict(reversed(list(s.inputs.items()))), s.result, s.source) for s in steps
    ]
    assert trace_to_json(steps) == trace_to_json(turned)


def test_a_value_without_a_trace_is_no_figure() -> None:
    with pytest.raises(ValueError, match="at least one step"):
        Figure(1, ())


def test_a_step_keeps_its_inputs_whatever_happens_to_those_it_was_given() -> None:
    given_inputs = {"total": "10.00"}
    step = Step("rate", "1", "§ 1", given_inputs, "8.00", "s")
    given_inputs["total"] = "99.00"
    assert step.inputs == {"total": "10.00"}
    assert step == STEP
    assert len({step, STEP}) == 1


def changed(**fields: object) -> str:
    document = json.loads(trace_to_json([STEP]))
    document["steps"][0].update(fields)
    return json.dumps(document)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"trace":2,"steps":[]}',
        '{"trace":1,"steps":{}}',
        '{"trace":1,"steps":[],"more":1}',
        '{"trace":1,"steps":[1]}',
        '{"trace":1,"steps":[{"rule":"r"}]}',
        "[" * 100_000,
        changed(result=8),
        changed(inputs=[]),
        changed(inputs={"total": 10}),
        changed(more="text"),
    ],
)
def test_anything_else_is_no_trace(text: str) -> None:
    with pytest.raises(MalformedTrace, match=r"\.$"):
        trace_from_json(text)
