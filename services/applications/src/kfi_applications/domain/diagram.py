"""The diagram of the states, drawn from the table: ``python -m kfi_applications.domain.diagram`` writes it."""

from collections.abc import Iterable
from pathlib import Path

from kfi_applications.domain.states import ENDED, GERMAN, TRANSITIONS, State, Transition

TARGET = Path("docs/states-of-an-application.md")
_INTRODUCTION = """# States of an application

Drawn from the table in `services/applications/src/kfi_applications/domain/states.py` by
`python -m kfi_applications.domain.diagram`; a test compares both. State names in German after the case law of grants.
What leaves a case where it is stands in the table only.
"""


def diagram() -> str:
    """The Markdown page: a Mermaid diagram and a table of who may do what, under which guard."""
    return "\n".join([_INTRODUCTION, "```mermaid", *_mermaid(), "```", "", *_table(), ""])


def _mermaid() -> list[str]:
    names = [f'    state "{GERMAN[state]}<br>{state}" as {_node(state)}' for state in State]
    arrows = dict.fromkeys(
        f"    {_node(t.source)} --> {_node(t.target)} : {t.action}" for t in TRANSITIONS if t.source is not t.target
    )
    return ["stateDiagram-v2", *names, *arrows, *(f"    {_node(state)} --> [*]" for state in State if state in ENDED)]


def _node(state: State | None) -> str:
    return "[*]" if state is None else state.replace("-", "_")


def _table() -> list[str]:
    alike: dict[tuple[object, ...], list[Transition]] = {}
    for step in TRANSITIONS:
        stays = step.source is step.target
        alike.setdefault((step.action, None if stays else step, step.movers, step.guard), []).append(step)
    return ["| action | from | to | by | guard |", "| --- | --- | --- | --- | --- |", *map(_row, alike.values())]


def _row(steps: list[Transition]) -> str:
    step = steps[0]
    target = "stays" if step.source is step.target else step.target
    movers = ", ".join(step.movers)
    return f"| {step.action} | {_sources(steps)} | {target} | {movers} | {step.guard} |"


def _sources(steps: Iterable[Transition]) -> str:
    return ", ".join(step.source or "" for step in steps)


if __name__ == "__main__":
    TARGET.write_text(diagram(), encoding="utf-8")
