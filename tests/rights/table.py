"""`python -m tests.rights.table [--check]`: writes docs/rights.md, or fails when it does not say what was tried."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from .doors import Route, Told, tried
from .roles import DUTIES, NOBODY

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "rights.md"
Tried = Mapping[Route, Mapping[str, Told]]
_MARKS: Final = {Told.LET_IN: "yes", Told.REFUSED: "", Told.SIGN_IN: "", Told.NOTHING_HERE: "404"}
_HEAD: Final = """\
# Who may what

Written by `python -m tests.rights.table`: every route of every service was tried as every role and as
nobody. It says who gets as far as a use case; there the rules of the trade go on (own organisation, four
eyes, deputies, the state of a case). `tests/rights/test_rights.py` compares it with the duties.

- `yes`: is let in. Empty: is refused (403), or asked to sign in (401).
- `404`: is told that nothing is there, because this role must not learn what there is.
- An organisation is told the same of another one's case, letter, file or message as of one that does not
  exist (`tests/rights/test_isolation.py`).

## The duties

| role | duty |
| --- | --- |
"""


def written(found: Tried) -> str:
    """The document."""
    duties = "".join(f"| `{role}` | {duty} |\n" for role, duty in DUTIES.items())
    return _HEAD + duties + "".join(_sections(found))


def is_of_every(route: Route) -> bool:
    """Whether each service has it: health, metrics, the pages of problems, its own document."""
    return not route.path.startswith(f"/{route.service}/") or route.path.endswith("/openapi.json")


def _sections(found: Tried) -> Iterator[str]:
    for service in sorted({route.service for route in found}):
        own = {route: told for route, told in found.items() if route.service == service and not is_of_every(route)}
        yield _section(f"Service {service}", own)
    of_every = {_unnamed(route): told for route, told in found.items() if is_of_every(route)}
    yield _section("Every service", of_every)


def _unnamed(route: Route) -> Route:
    return replace(route, service="", operation="", path=route.path.replace(f"/{route.service}/", "/<service>/"))


def _section(title: str, found: Tried) -> str:
    shown = [role for role in (NOBODY, *DUTIES) if any(_MARKS[told[role]] for told in found.values())]
    others = ", ".join(f"`{role}`" for role in (NOBODY, *DUTIES) if role not in shown)
    rows = "".join(_row(route, [told[role] for role in shown]) for route, told in sorted(found.items()))
    head = f"| route | {' | '.join(f'`{role}`' for role in shown)} |\n|{' --- |' * (len(shown) + 1)}\n"
    closed = f"Nothing is open to {others}.\n\n" if others else ""
    return f"\n## {title}\n\n{closed}{head}{rows}"


def _row(route: Route, told: Sequence[Told]) -> str:
    cells = [f" {_MARKS[each]} " if _MARKS[each] else " " for each in told]
    return f"| `{route}` |{'|'.join(cells)}|\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the document or check it."""
    parser = argparse.ArgumentParser(prog="python -m tests.rights.table", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    text = written(tried())
    if not parser.parse_args(arguments).check:
        DOCUMENT.write_text(text, "utf-8")
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text("utf-8") == text:
        return 0
    sys.stderr.write("docs/rights.md is not what the services do: run `python -m tests.rights.table` and look at it.\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
