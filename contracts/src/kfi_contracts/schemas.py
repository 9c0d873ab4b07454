"""Freezes the published language: ``python -m kfi_contracts.schemas [--check] [--root FOLDER]``.

A compatible change raises the model's ``revision`` and freezes another file beside the old ones; an incompatible one
is refused and needs a new type (``.v2``). ``--check`` writes nothing and fails when the code says something else than
the frozen files.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from kfi_contracts.catalogue import ALL_EVENTS
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event, Published
from kfi_contracts.examples import EVENT_EXAMPLES, example_envelope
from kfi_contracts.frozen import Contract, findings, freeze
from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import LetterContent, content_bytes, read_content
from kfi_contracts.municipality import MUNICIPAL_EVENTS
from kfi_contracts.municipality_examples import MUNICIPAL_EXAMPLES
from kfi_contracts.strict_json import read_json

CONTRACTS_FOLDER: Final = Path(__file__).parents[2]


def event_contract(event: type[Event], examples: Mapping[str, Event]) -> Contract:
    """An event's contract; its documents are structured CloudEvents."""
    return Contract(
        name=event.short_type(),
        revision=event.revision,
        schema=_schema_of(event),
        examples={name: read_json(example_envelope(each).to_structured()) for name, each in examples.items()},
        payload_of=lambda document: CloudEvent.from_structured(document).data,
        read=event.read,
    )


def letter_contract() -> Contract:
    """The contract between those who order letters and those who write them; its documents are what gets sealed."""
    return Contract(
        name="letters.letter-content.v1",
        revision=LetterContent.revision,
        schema=_schema_of(LetterContent),
        examples={name: read_json(content_bytes(content)) for name, content in LETTER_EXAMPLES.items()},
        payload_of=lambda document: document,
        read=read_content,
        readers_first=True,
    )


def all_contracts() -> tuple[Contract, ...]:
    """Every contract there is, as the code says it now."""
    return (
        *(event_contract(event, EVENT_EXAMPLES[event]) for event in ALL_EVENTS),
        *(event_contract(event, MUNICIPAL_EXAMPLES[event]) for event in MUNICIPAL_EVENTS),
        letter_contract(),
    )


def _schema_of(model: type[Published]) -> dict[str, Any]:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {**dialect, **model.model_json_schema(mode="validation")}


def checkout() -> Path:
    """The folder contracts/ of a checkout; ends the program with a sentence where the package is installed alone."""
    if (CONTRACTS_FOLDER / "pyproject.toml").is_file():
        return CONTRACTS_FOLDER
    raise SystemExit("the package is installed without its frozen files; run this in a checkout or name the place")


def main(arguments: Sequence[str] | None = None) -> int:
    """Freeze or check; returns 0 when code and frozen files agree, else 1 with one line per finding."""
    parser = argparse.ArgumentParser(prog="python -m kfi_contracts.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    parser.add_argument("--root", type=Path, help="folder that holds schemas/ and examples/")
    chosen = parser.parse_args(arguments)
    root, contracts = chosen.root or checkout(), all_contracts()
    for path in [] if chosen.check else freeze(root, contracts):
        sys.stdout.write(f"frozen: {path.relative_to(root)}\n")
    found = findings(root, contracts)
    sys.stderr.writelines(f"{finding}\n" for finding in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
