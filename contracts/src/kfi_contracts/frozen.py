"""Compares a published type with its frozen files, and freezes what is new and compatible.

``schemas/<type>/<revision>.json`` and ``examples/<type>/<revision>-<name>.json`` are written once and never again.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import JsonValue, ValidationError

from kfi_contracts.cloudevents import InvalidEnvelope
from kfi_contracts.compatibility import Schema, breaking_changes
from kfi_contracts.conformity import violations
from kfi_contracts.event import Published
from kfi_contracts.strict_json import read_json, write_readable


@dataclass(frozen=True)
class Contract:
    """One published type: its current schema and examples, and how a document of any revision is read today."""

    name: str
    revision: int
    schema: Schema
    examples: Mapping[str, JsonValue]
    payload_of: Callable[[bytes], bytes]
    read: Callable[[bytes], Published]
    readers_first: bool = False
    """Its readers are updated before its writers, so that it may gain kinds of content."""

    def payload(self, document: JsonValue) -> JsonValue:
        """The part of a document that the schema describes."""
        return read_json(self.payload_of(write_readable(document)))


def findings(root: Path, contracts: Sequence[Contract]) -> list[str]:
    """Compare the code with the frozen files below root; each finding is a sentence that names type and field."""
    names = {contract.name for contract in contracts}
    gone = [f"{name}: published, but no longer in the code" for name in _frozen_names(root) if name not in names]
    return gone + [f"{contract.name}: {found}" for contract in contracts for found in _findings(root, contract)]


def freeze(root: Path, contracts: Sequence[Contract]) -> list[Path]:
    """Write the files of new types and new revisions that are compatible; never touches a file that exists."""
    written = []
    for contract in contracts:
        if not any(_incompatibilities(root, contract)):
            written += [_written(path, content) for path, content in _files_of(root, contract) if not path.exists()]
    return written


def _findings(root: Path, contract: Contract) -> Iterator[str]:
    yield from _incompatibilities(root, contract)
    for path, content in _files_of(root, contract):
        if not path.exists():
            yield f"{path.relative_to(root)} is not frozen yet"
        elif path.read_bytes() != content:
            yield f"{path.relative_to(root)} is frozen and the code differs; raise revision {contract.revision} by one"
    yield from _unreadable_examples(root, contract)


def _incompatibilities(root: Path, contract: Contract) -> Iterator[str]:
    """Against every frozen revision, not just the last: what is stored for years is read by whoever comes."""
    frozen = dict(_frozen_schemas(root, contract))
    for revision in sorted(set(range(1, contract.revision)) - frozen.keys()):
        yield f"revision {revision} was published and its schema is gone"
    for revision, schema in frozen.items():
        if revision > contract.revision:
            yield f"revision {revision} is frozen, the code is still at {contract.revision}"
        for change in breaking_changes(schema, contract.schema, readers_first=contract.readers_first):
            yield f"{change} (since revision {revision}); a breaking change needs a new type"
        for name, document in _examples_for(root, contract, revision):
            for violation in violations(contract.payload(document), schema, tolerant=True):
                yield f"example {name} is unreadable for revision {revision}: {violation}"


def _examples_for(root: Path, contract: Contract, revision: int) -> Iterator[tuple[str, JsonValue]]:
    """The examples that a reader of that revision may meet: all, or only of kinds that it knows."""
    folder = root / "examples" / contract.name
    for name, document in contract.examples.items():
        if not contract.readers_first or (folder / f"{revision}-{name}.json").exists():
            yield name, document


def _unreadable_examples(root: Path, contract: Contract) -> Iterator[str]:
    """Every example ever published is read by today's code, and conforms to the schema of its own revision."""
    schemas = dict(_frozen_schemas(root, contract))
    for path in sorted((root / "examples" / contract.name).glob("*.json")):
        where = path.relative_to(root)
        revision = int(path.name.partition("-")[0])
        try:
            payload = contract.payload_of(path.read_bytes())
            contract.read(payload)
        except InvalidEnvelope as fault:
            yield f"{where} is no longer read: {fault}"
        except ValidationError as error:
            yield f"{where} is no longer read: {', '.join(_places(error))}"
        else:
            for violation in violations(json.loads(payload), schemas.get(revision, contract.schema)):
                yield f"{where} violates the schema of its revision: {violation}"


def _places(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_input=False, include_url=False):
        yield f"{'.'.join(map(str, detail['loc'])) or 'whole document'} ({detail['type']})"


def _files_of(root: Path, contract: Contract) -> Iterator[tuple[Path, bytes]]:
    schema = cast("JsonValue", contract.schema)
    yield root / "schemas" / contract.name / f"{contract.revision}.json", write_readable(schema)
    for name, document in contract.examples.items():
        yield root / "examples" / contract.name / f"{contract.revision}-{name}.json", write_readable(document)


def _frozen_schemas(root: Path, contract: Contract) -> Iterator[tuple[int, Schema]]:
    for path in sorted((root / "schemas" / contract.name).glob("*.json"), key=lambda path: int(path.stem)):
        yield int(path.stem), json.loads(path.read_bytes())


def _frozen_names(root: Path) -> list[str]:
    return sorted({folder.name for kind in ("schemas", "examples") for folder in (root / kind).glob("*")})


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
