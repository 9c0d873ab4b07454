"""Spans as OpenTelemetry makes them; imported only where traces are on."""

from collections.abc import Mapping, Sequence
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags, Tracer

_KINDS: Final = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "consumer": SpanKind.CONSUMER,
    "producer": SpanKind.PRODUCER,
}
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_EXPORT_SECONDS: Final = 5.0


def provider(endpoint: str, *, service: str, instance: str, version: str) -> TracerProvider:
    """What sends spans to a collector (OTLP over HTTP), in the background and in batches; a full queue drops some."""
    resource = Resource.create(
        {
            "service.namespace": "kfi",
            "service.name": service,
            "service.instance.id": instance,
            "service.version": version,
        }
    )
    made = TracerProvider(resource=resource, shutdown_on_exit=False)
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=_EXPORT_SECONDS)))
    return made


def start(
    tracer: Tracer,
    name: str,
    kind: str,
    parent: str | None,
    links: Sequence[str],
    attributes: Mapping[str, str | int | float | bool],
    start_time: int | None = None,
) -> Span:
    """Begin a span under a traceparent, or a trace of its own."""
    return tracer.start_span(
        name,
        context=_under(parent),
        kind=_KINDS[kind],
        links=[Link(place) for link in links if (place := _place(link)) is not None],
        attributes=attributes,
        start_time=start_time,
        record_exception=False,
        set_status_on_exception=False,
    )


def traceparent(span: Span) -> str:
    """The place of a span, as W3C Trace Context writes it (3.2)."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def fail(span: Span, kind: str) -> None:
    """Mark a span as failed, by the kind of the error."""
    span.set_status(Status(StatusCode.ERROR, kind))


def _under(parent: str | None) -> Context:
    place = None if parent is None else _place(parent)
    return Context() if place is None else trace.set_span_in_context(trace.NonRecordingSpan(place), Context())


def _place(given: str) -> SpanContext | None:
    """Whoever sends a traceparent is traced here, whether or not it sampled itself: the flag is not asked."""
    try:
        _, trace_id, span_id, _ = given.split("-")
        made = SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=_SAMPLED)
    except ValueError:
        return None
    return made if made.is_valid else None
