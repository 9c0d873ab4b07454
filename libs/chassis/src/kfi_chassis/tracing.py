"""Traces from the click to the letter: W3C trace context through requests, outbox, events and rows of work.

Off unless `KFI_TRACES_ENDPOINT` is set: then nothing of OpenTelemetry is imported, and a span is one shared object that
does nothing; what a caller or an event brings along is passed on all the same. Spans carry ids and codes only.

A trace follows what people wait for. It ends where days pass: what a deadline sets off begins a new one.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from kfi_chassis import logs
from kfi_chassis.redaction import code, redacted

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer


class Told(Protocol):
    """A span that more becomes known of while it runs."""

    def tell(self, name: str | None = None, **attributes: object) -> None:
        """Give it its final name, and more attributes: ids and codes."""


class _Nothing:
    def tell(self, name: str | None = None, **attributes: object) -> None:
        """Nothing: there is no trace."""


class _Telling:
    def __init__(self, span: "Span") -> None:
        self._span = span

    def tell(self, name: str | None = None, **attributes: object) -> None:
        """Give it its final name, and more attributes."""
        if name is not None:
            self._span.update_name(name)
        for key, value in attributes.items():
            self._span.set_attribute(_key(key), _value(value))


OFF: Final = nullcontext(_Nothing())
"""The span there is when there is none."""
_tracer: "Tracer | None" = None


def begin(endpoint: str | None, *, service: str, instance: str, version: str) -> Callable[[], None]:
    """Send spans to a collector from now on, if there is an endpoint; returns what sends the last of them and ends."""
    if endpoint is None:
        return lambda: None
    from kfi_chassis import trace_spans  # noqa: PLC0415 - only where traces are on

    provider = trace_spans.provider(endpoint, service=service, instance=instance, version=version)
    use(provider.get_tracer("kfi"))
    return provider.shutdown


def use(tracer: "Tracer | None") -> None:
    """Make spans with this tracer from now on; none switches them off."""
    global _tracer  # noqa: PLW0603 - one per process, as with logs
    _tracer = tracer


def on() -> bool:
    """Whether spans are made."""
    return _tracer is not None


def span(
    name: str,
    kind: str = "internal",
    *,
    parent: str | None = None,
    links: Sequence[str | None] = (),
    **attributes: object,
) -> AbstractContextManager[Told]:
    """A span round what is done: child of `parent` (a traceparent) or of what is being done, or else the first.

    With `links` and without a parent it begins a trace of its own that points to others, as a batch does. Within it,
    `logs.trace` is its own place in the trace, which events take on. `kind`: internal, server, consumer or producer.
    """
    if _tracer is None:
        return OFF
    return _made(_tracer, name, kind, parent if parent or links else logs.trace.get(), links, attributes)


def ended(name: str, kind: str, *, parent: str | None, began: datetime, **attributes: object) -> None:
    """A span of what has just ended and began then; nothing where there is no parent."""
    if _tracer is None or parent is None:
        return
    from kfi_chassis import trace_spans  # noqa: PLC0415 - only where traces are on

    made = trace_spans.start(_tracer, name, kind, parent, (), _told(attributes), start_time=_nanoseconds(began))
    made.end(time.time_ns())


@contextmanager
def _made(
    tracer: "Tracer",
    name: str,
    kind: str,
    parent: str | None,
    links: Sequence[str | None],
    attributes: dict[str, object],
) -> Iterator[Told]:
    from kfi_chassis import trace_spans  # noqa: PLC0415 - only where traces are on

    made = trace_spans.start(tracer, name, kind, parent, [link for link in links if link], _told(attributes))
    token = logs.trace.set(trace_spans.traceparent(made))
    try:
        yield _Telling(made)
    except BaseException as error:
        trace_spans.fail(made, type(error).__name__)  # never its message, which may quote rows
        raise
    finally:
        logs.trace.reset(token)
        made.end()


def _told(attributes: dict[str, object]) -> dict[str, str | int | float | bool]:
    return {_key(name): _value(value) for name, value in attributes.items() if value is not None}


def _key(name: str) -> str:
    """Names of OpenTelemetry's conventions have dots where arguments cannot."""
    return name.replace("__", ".")


def _value(value: object) -> str | int | float | bool:
    shown = redacted(value)
    return shown if isinstance(shown, (str, int, float, bool)) else code(str(shown))


def _nanoseconds(when: datetime) -> int:
    return int(when.timestamp() * 1_000_000_000)
