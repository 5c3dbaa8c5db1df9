"""Spans of OpenTelemetry. Without a configured SDK its API does nothing; questions and texts are never put into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode


@contextmanager
def traced(name: str, attributes: Mapping[str, str | int]) -> Iterator[Span]:
    """A span around the block; an error is noted by its kind alone, for its message may hold what was asked."""
    tracer = trace.get_tracer("sanad")
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise
