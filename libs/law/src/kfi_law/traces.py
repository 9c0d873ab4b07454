"""Figures with their traces: a computed value together with every step that led to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Generic, TypeVar

from kfi_law.errors import MalformedTrace

T = TypeVar("T")

TRACE_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One application of one rule: which rule in which version, by which paragraph, from what, to what.

    Inputs and result are plain text (dates ISO 8601, amounts with a point), so a trace outlives the types of its time.
    An input named like the rule of an earlier step of the same trace is that step's result.
    """

    rule: str
    version: str
    paragraph: str
    inputs: Mapping[str, str] = field(hash=False)
    result: str
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", dict(self.inputs))


@dataclass(frozen=True, slots=True)
class Figure(Generic[T]):
    """A value with the steps that lead to it, never empty; the last step's result is the value as text."""

    value: T
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError("A figure needs at least one step; a value without a trace is no figure.")

    @property
    def step(self) -> Step:
        """The last step, the one whose result is the value."""
        return self.steps[-1]


def trace_to_json(steps: Sequence[Step]) -> str:
    """The trace as canonical JSON: sorted keys, no spaces, equal traces give equal text."""
    document = {"trace": TRACE_FORMAT, "steps": [_step_to_dict(step) for step in steps]}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def trace_from_json(text: str) -> tuple[Step, ...]:
    """The steps of a trace written by `trace_to_json`.

    Raises MalformedTrace for anything else: another format number, a missing or unknown field, a value that is no text.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedTrace("The trace is no JSON document; store it as trace_to_json wrote it.") from error
    if not isinstance(document, dict) or document.get("trace") != TRACE_FORMAT or set(document) != {"trace", "steps"}:
        raise MalformedTrace(f"The document is no trace of format {TRACE_FORMAT}; store it as trace_to_json wrote it.")
    if not isinstance(document["steps"], list):
        raise MalformedTrace("The steps of the trace are no list; store it as trace_to_json wrote it.")
    return tuple(_step_from(number, raw) for number, raw in enumerate(document["steps"], start=1))


def _step_to_dict(step: Step) -> dict[str, object]:
    return {name: dict(step.inputs) if name == "inputs" else getattr(step, name) for name in _STEP_FIELDS}


def _step_from(number: int, raw: object) -> Step:
    if not isinstance(raw, dict) or set(raw) != set(_STEP_FIELDS):
        raise MalformedTrace(f"Step {number} of the trace needs exactly the fields {', '.join(_STEP_FIELDS)}.")
    inputs = raw["inputs"]
    if not isinstance(inputs, dict):
        raise MalformedTrace(f"The inputs of step {number} of the trace are no object of texts.")
    texts = [raw[name] for name in _STEP_FIELDS if name != "inputs"] + list(inputs.values())
    if not all(isinstance(text, str) for text in texts):
        raise MalformedTrace(f"Step {number} of the trace holds a value that is no text.")
    return Step(**raw)


_STEP_FIELDS = tuple(item.name for item in fields(Step))
