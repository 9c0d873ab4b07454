"""No log line repeats content: names, addresses, tokens are planted wherever an error or a library may carry them."""

import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError

from kfi_chassis import logs
from kfi_chassis.redaction import code, redacted

NAME = "Erika Mustermann"
ADDRESS = "erika@verein.example"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJlcmlrYSJ9.c2ln"
PLANTED = (NAME, "Erika", "Mustermann", ADDRESS, "verein.example", TOKEN, "c2ln")
CONTENT = f"{NAME} {ADDRESS} {TOKEN}"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything the process says, as `configure` has it said; afterwards all is as it was."""
    root, own = logging.getLogger(), logging.getLogger("kfi")
    before = (root.handlers[:], root.level, own.level, logging.raiseExceptions)
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning)
    said = io.StringIO()
    logs.configure("INFO", service="demo", instance="demo-1", roles="worker")
    root.handlers[0].stream = said  # type: ignore[attr-defined]
    yield said
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])
    logging.raiseExceptions = before[3]
    sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning = hooks


class Person(BaseModel):
    age: int


def of_the_driver() -> None:
    raise asyncpg.UniqueViolationError(f"Key (name)=({CONTENT}) already exists.")


def of_sqlalchemy() -> None:
    try:
        of_the_driver()
    except asyncpg.UniqueViolationError as error:
        raise IntegrityError("INSERT INTO person VALUES ($1)", {"name": CONTENT}, error) from error


def of_pydantic() -> None:
    Person.model_validate({"age": CONTENT})


def of_several() -> None:
    raise ExceptionGroup(CONTENT, [ValueError(CONTENT), KeyError(CONTENT)])


def with_a_note() -> None:
    error = RuntimeError(CONTENT)
    error.add_note(CONTENT)
    raise error


def of_a_key() -> None:
    _ = {}[CONTENT]


CARRIERS = (of_the_driver, of_sqlalchemy, of_pydantic, of_several, with_a_note, of_a_key)
ALL = pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__)


def caught(carrier: Callable[[], None]) -> BaseException:
    try:
        carrier()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("it must raise")


def lines_of(written: io.StringIO) -> list[dict[str, Any]]:
    """Every line said, each a JSON object without anything planted."""
    text = written.getvalue()
    assert [each for each in PLANTED if each in text] == []
    return [json.loads(line) for line in text.splitlines()]


@ALL
def test_an_error_of_ours_says_nothing_of_what_it_carries(carrier: Any, written: io.StringIO) -> None:
    logs.event("step_failed", error=caught(carrier), reason=CONTENT, listed=[CONTENT], named={CONTENT: CONTENT})
    (line,) = lines_of(written)
    assert line["error"]["type"]


@ALL
@pytest.mark.parametrize("logger", ["uvicorn.error", "aiokafka", "sqlalchemy.pool", "asyncpg", "nobody.knows"])
def test_a_library_that_logs_an_error_says_nothing_either(logger: str, carrier: Any, written: io.StringIO) -> None:
    error = caught(carrier)
    library = logging.getLogger(logger)
    library.error("failed for %s: %r", CONTENT, error, exc_info=error)
    library.error("failed for %(who)s", {"who": CONTENT})
    library.error("failed", extra={"who": CONTENT, "what": error})
    assert len(lines_of(written)) == 3


def test_a_text_that_a_library_spelled_out_is_not_shown(written: io.StringIO) -> None:
    for logger in ("sqlalchemy.engine", "aiokafka.faststream", "asyncio"):
        logging.getLogger(logger).error(f"failed for {CONTENT}")  # noqa: G004 - as libraries do
    assert [line["logger"] for line in lines_of(written)] == ["sqlalchemy.engine", "aiokafka.faststream", "asyncio"]


@ALL
def test_what_nobody_caught_is_told_by_kind_and_place(carrier: Any, written: io.StringIO) -> None:
    error = caught(carrier)
    sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=carrier)
    thread.start()
    thread.join()
    first, second = lines_of(written)
    assert first["event"] == second["event"] == "uncaught_error"
    assert first["error"]["type"] == second["error"]["type"]


def test_a_warning_is_told_by_kind_and_place(written: io.StringIO) -> None:
    warnings.warn_explicit(CONTENT, UserWarning, "model.py", 7)
    (line,) = lines_of(written)
    assert (line["event"], line["kind"], line["place"]) == ("warning", "UserWarning", "model.py:7")


def test_a_line_that_cannot_be_written_is_not_printed_instead(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    class Awkward:
        def __repr__(self) -> str:
            raise ValueError(CONTENT)

    logs.event("odd", what=Awkward(), number=float("nan"), deep=[[[[[[CONTENT]]]]]])
    logging.getLogger("uvicorn.error").error("%d and %s", CONTENT, Awkward())
    lines_of(written)
    shown = capsys.readouterr()
    assert [each for each in PLANTED if each in shown.out + shown.err] == []


def test_a_foreign_events_ids_are_not_repeated(written: io.StringIO) -> None:
    event_id = UUID("da36765c-b54f-4b46-8174-852c0be6fb9e")
    with logs.within(correlation="Mustermann", handled=(event_id, "Mustermann")):
        logs.event("record_held")
    (line,) = lines_of(written)
    assert (line["correlation_id"], line["aggregate_id"]) == ("(10 characters)", "(10 characters)")


def test_a_line_says_when_where_for_which_role_and_about_what(written: io.StringIO) -> None:
    event_id, aggregate_id = UUID(int=1), str(UUID(int=2))
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with logs.within(role="consumer", correlation="7", trace=trace, handled=(event_id, aggregate_id)):
        logs.event("record_held", level=logging.WARNING, offset=3)
    logs.event("purged")
    first, second = lines_of(written)
    assert {name: first[name] for name in ("level", "event", "service", "instance", "role", "offset")} == {
        "level": "warning", "event": "record_held", "service": "demo", "instance": "demo-1", "role": "consumer",
        "offset": 3,
    }  # fmt: skip
    assert first["time"].endswith("+00:00")
    assert (first["correlation_id"], first["trace_id"]) == ("7", "0af7651916cd43dd8448eb211c80319c")
    assert (first["event_id"], first["aggregate_id"]) == (str(event_id), aggregate_id)
    assert second["role"] == "worker"
    assert not {"trace_id", "event_id", "correlation_id"} & set(second)


def test_numbers_codes_and_kinds_pass() -> None:
    given = {"topic": "applications.application.v1", "state": "PARKED", "at": UUID(int=1), "error": ValueError(NAME)}
    assert redacted(given) == {
        "topic": "applications.application.v1", "state": "PARKED", "at": str(UUID(int=1)), "error": "(ValueError)",
    }  # fmt: skip
    assert code("invalid_data:field:enum") == "invalid_data:field:enum"
    assert code(TOKEN) == f"({len(TOKEN)} characters)"


def test_a_librarys_own_words_stay_readable(written: io.StringIO) -> None:
    logging.getLogger("aiokafka.x").warning("%s of %s at %d: %r", TopicPartition("a.b", 3), "g", 7, KafkaError(NAME))
    (line,) = lines_of(written)
    assert line["message"] == "a.b/3 of g at 7: '(KafkaError)'"


def test_a_program_that_fails_before_anything_runs_prints_no_message() -> None:
    program = f"""
from kfi_chassis import logs
logs.configure("INFO", service="demo")
raise RuntimeError({CONTENT!r})
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert [each for each in PLANTED if each in ended.stdout + ended.stderr] == []
    assert json.loads(ended.stdout)["event"] == "uncaught_error"
