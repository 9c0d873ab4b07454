"""Draws the states of a plan run for docs/states-of-a-plan-run.md; a test compares both.

python -m kfi_allocation.domain.run_diagram
"""

from pathlib import Path
from typing import Final

from kfi_allocation.domain.run_states import RUN_ENDED, RUN_GERMAN, RUN_TRANSITIONS, RunState

_DOCUMENT: Final = Path(__file__).parents[5] / "docs" / "states-of-a-plan-run.md"
_HEAD: Final = """# States of a plan run

Drawn from the table in `services/allocation/src/kfi_allocation/domain/run_states.py` by
`python -m kfi_allocation.domain.run_diagram`; a test compares both.

```mermaid
stateDiagram-v2
"""
_FOOT: Final = "```\n\n| step | from | to | who | on condition |\n| --- | --- | --- | --- | --- |\n"


def document() -> str:
    """The whole document: the diagram, and the table with its guards."""
    names = [f'    state "{RUN_GERMAN[state]}<br>{state}" as {state}\n' for state in RunState]
    steps = [f"    {step.source or '[*]'} --> {step.target} : {step.action}\n" for step in RUN_TRANSITIONS]
    ends = [f"    {state} --> [*]\n" for state in RunState if state in RUN_ENDED]
    rows = [
        f"| `{step.action}` | {step.source or ''} | {step.target} | {step.mover} | {step.guard} |\n"
        for step in RUN_TRANSITIONS
    ]
    return "".join((_HEAD, *names, *steps, *ends, _FOOT, *rows))


if __name__ == "__main__":
    _DOCUMENT.write_text(document(), "utf-8")
