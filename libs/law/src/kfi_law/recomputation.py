"""Whether a stored trace still comes out the same: every step computed anew, every link between steps followed."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from kfi_law.announcement import ANNOUNCED_ON, LAST_DAY_FOR_RETRIEVAL, announcement_step, retrieval_step
from kfi_law.courts import COURT, court_step
from kfi_law.errors import LawError
from kfi_law.remedies import (
    FINAL_FROM,
    LAST_DAY_FOR_ACTION,
    REMEDY_PERIOD_END,
    finality_step,
    last_day_step,
    nominal_step,
)
from kfi_law.traces import Step

StepMaker = Callable[[str, Mapping[str, str]], Step]
"""Computes a step of a rule from the version of the rule and the inputs; raises LawError, ValueError or KeyError."""

LAW_RULES: Mapping[str, StepMaker] = MappingProxyType(
    {
        ANNOUNCED_ON: announcement_step,
        LAST_DAY_FOR_RETRIEVAL: retrieval_step,
        REMEDY_PERIOD_END: nominal_step,
        LAST_DAY_FOR_ACTION: last_day_step,
        FINAL_FROM: finality_step,
        COURT: court_step,
    }
)


def recompute(steps: Sequence[Step], rules: Mapping[str, StepMaker] = LAW_RULES) -> bool:
    """Whether the trace is not empty and every step comes out the same.

    A service checks traces with steps of its own by `{**LAW_RULES, **its_rules}`.
    """
    return bool(steps) and not differences(steps, rules)


def differences(steps: Sequence[Step], rules: Mapping[str, StepMaker] = LAW_RULES) -> tuple[str, ...]:
    """What does not come out the same, one sentence per step; empty for a sound trace."""
    found = []
    for number, step in enumerate(steps, start=1):
        reason = _broken_link(step, steps[: number - 1]) or _changed(step, rules)
        if reason:
            found.append(f"Step {number} ({step.rule}): {reason}")
    return tuple(found)


def _broken_link(step: Step, earlier: Sequence[Step]) -> str | None:
    for name, value in step.inputs.items():
        results = {other.result for other in earlier if other.rule == name}
        if results and value not in results:
            return f"its input {name} is no result of the steps before it."
    return None


def _changed(step: Step, rules: Mapping[str, StepMaker]) -> str | None:
    maker = rules.get(step.rule)
    if maker is None:
        return "no such rule is known here."
    try:
        anew = maker(step.version, step.inputs)
    except (LawError, ValueError, KeyError, ArithmeticError) as error:
        return f"it cannot be computed anew ({type(error).__name__})."
    return None if anew == step else f"it comes out as {anew.result} by {anew.paragraph}."
