"""A collector of traces as operators run one: takes spans by OTLP over HTTP and keeps them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """One span as it came in."""

    service: str
    name: str
    trace: str
    place: str
    parent: str
    attributes: Mapping[str, Any]


@dataclass
class Collector:
    """All spans so far, and everything that came in as it came."""

    spans: list[Seen] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    endpoint: str = ""

    def trace(self, identity: str) -> list[Seen]:
        """The spans of one trace."""
        return [span for span in self.spans if span.trace == identity]

    def take(self, content: bytes) -> None:
        """Keep what one request brings."""
        self.raw += content
        for resource in ExportTraceServiceRequest.FromString(content).resource_spans:
            service = {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"]
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                attributes = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
                ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                self.spans.append(Seen(service, span.name, *ids, attributes))


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of this machine."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") is None:
                collector.take(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.endpoint = f"http://127.0.0.1:{server.server_port}/v1/traces"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
