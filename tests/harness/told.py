"""What services and broker logged while a test went wrong: a report shows only what the test's own process saw."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

MOST_BYTES = 4_000_000
"""So much of the end of a log is looked at."""
MOST_CHARACTERS = 400
OWN_CLIENTS = "aiokafka"
"""They log each attempt while a broker is away, in such numbers that nothing else is seen."""
MOST_LINES = 20


def told_since(folder: Path, moment: float) -> str:
    """Of each log what was a warning or worse since then (Unix time): how often, when last, and that line."""
    return "\n".join(line for log in sorted(folder.glob("*.log")) for line in _told(log, moment))


def told_by_kafka_since(folder: Path, moment: float) -> str:
    """The last lines of each broker's log since then; it logs warnings and worse alone."""
    logs = sorted(folder.glob("kafka*/kafka.log"))
    lines = [line for log in logs for line in log.read_text(errors="replace").splitlines() if _moment(line) >= moment]
    return "\n".join(line[:MOST_CHARACTERS] for line in lines[-MOST_LINES:])


def without_own_clients(captured: str) -> str:
    """What a test's process logged, without what its Kafka clients have to say."""
    return "\n".join(line for line in captured.splitlines() if OWN_CLIENTS not in line)


def _told(log: Path, moment: float) -> list[str]:
    count, last = Counter[str](), dict[str, str]()
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - MOST_BYTES))
        for line in file:
            told = _read(line)
            if told.get("level") in {"warning", "error", "critical"} and _when(told) >= moment:
                event = f"{told['event']} {told.get('reason', '')}".strip()
                count[event] += 1
                last[event] = line.decode(errors="replace").strip()[:MOST_CHARACTERS]
    return [f"{log.stem}: {times} x {event}, last {last[event]}" for event, times in count.most_common()]


def _when(told: dict[str, Any]) -> float:
    return datetime.fromisoformat(told["time"]).timestamp()


def _moment(line: str) -> float:
    try:
        return datetime.fromisoformat(line.partition(" ")[0].replace(",", ".")).timestamp()
    except ValueError:
        return 0.0  # a line of a trace belongs to the one above it


def _read(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) and {"time", "event"} <= told.keys() else {}
