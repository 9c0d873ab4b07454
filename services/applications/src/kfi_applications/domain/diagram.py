"""The diagram of the states, drawn from the table: ``python -m kfi_applications.domain.diagram`` writes it."""

from pathlib import Path

from kfi_applications.domain.states import GERMAN, TRANSITIONS, State, Transition

TARGET = Path("docs/states-of-an-application.md")
_INTRODUCTION = """# States of an application

Drawn from the table in `services/applications/src/kfi_applications/domain/states.py` by
`python -m kfi_applications.domain.diagram`; a test compares both. State names in German after the case law of grants.
"""


def diagram() -> str:
    """The Markdown page: a Mermaid diagram and a table of who may do what, under which guard."""
    return "\n".join([_INTRODUCTION, "```mermaid", *_mermaid(), "```", "", *_table(), ""])


def _mermaid() -> list[str]:
    names = [f'    state "{GERMAN[state]}<br>{state}" as {_node(state)}' for state in State]
    arrows = dict.fromkeys(f"    {_node(t.source)} --> {_node(t.target)} : {t.action}" for t in TRANSITIONS)
    return ["stateDiagram-v2", *names, *arrows, f"    {_node(State.FINAL)} --> [*]"]


def _node(state: State | None) -> str:
    return "[*]" if state is None else state.replace("-", "_")


def _table() -> list[str]:
    return ["| action | from | to | by | guard |", "| --- | --- | --- | --- | --- |", *map(_row, TRANSITIONS)]


def _row(step: Transition) -> str:
    movers = ", ".join(step.movers)
    return f"| {step.action} | {step.source or ''} | {step.target} | {movers} | {step.guard} |"


if __name__ == "__main__":
    TARGET.write_text(diagram(), encoding="utf-8")
