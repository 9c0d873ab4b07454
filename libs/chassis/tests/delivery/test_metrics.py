"""The metrics of a process: all declared in one place, shown as Prometheus reads them."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from kfi_chassis import metrics as module
from kfi_chassis.metrics import Metrics

SOURCES = Path(module.__file__).parent


def test_every_metric_carries_a_comment_that_says_what_it_is() -> None:
    lines = Path(module.__file__).read_text().splitlines()
    declared = [
        number for number, line in enumerate(lines) if re.match(r"\s+self\.\w+ = (Counter|Gauge|Histogram)", line)
    ]
    assert len(declared) > 15
    for number in declared:
        before = next(line for line in reversed(lines[:number]) if not re.match(r"\s+(self\.|\)|\")", line))
        assert re.match(r"\s+# (Counter|Gauge|Histogram): ", before), lines[number]


def test_metrics_are_made_in_one_module_only() -> None:
    for source in SOURCES.rglob("*.py"):
        assert source.name == "metrics.py" or not re.search(r"\b(Counter|Gauge|Histogram)\(\"", source.read_text()), (
            source
        )


def test_a_request_is_counted_and_timed() -> None:
    metrics = Metrics()
    metrics.request_answered(route="/a/{id}", method="GET", code=200, seconds=0.02)
    content, content_type = metrics.exposition()
    families = {family.name: family for family in text_string_to_metric_families(content.decode())}
    [sample] = [s for s in families["http_requests"].samples if s.name == "http_requests_total"]
    assert (sample.labels, sample.value) == ({"route": "/a/{id}", "method": "GET", "code": "200"}, 1.0)
    assert "http_request_duration_seconds" in families
    assert content_type.startswith("text/plain")


def test_two_processes_share_no_metric() -> None:
    one, other = Metrics(), Metrics()
    one.outbox_pending.set(5)
    assert other.registry.get_sample_value("outbox_pending") == 0
