"""Reads instance files and writes plans, whole or not at all."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.instance_document import instance_from

GZIP = b"\x1f\x8b"


def read_instance(path: Path) -> Instance:
    """The instance in a JSON file, plain or `.gz`. Raises DocumentNotReadable."""
    return instance_from(read_json(path))


def read_json(path: Path) -> Any:
    """The JSON of a file, plain or `.gz`, its decimals exact. Raises DocumentNotReadable."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw.startswith(GZIP) else raw).decode()
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (OSError, EOFError, ValueError, RecursionError) as error:
        raise DocumentNotReadable([f"{path.name}: {error}"]) from error


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Write a document whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    part.replace(path)
