"""Figures of a running server for Prometheus. Labels are few: routes and outcomes, never what was asked."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.answer import Answer
from qa.serving.service import Service

_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """The figures of one server."""

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        registry = self.registry
        self.requests = Counter(
            "sanad_requests", "Requests, by route and status.", ("route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "sanad_request_seconds", "From a request to the end of its answer.", ("route",), buckets=_SECONDS, registry=registry
        )  # fmt: skip
        self.answers = Counter("sanad_answers", "Answers, by what came of them.", ("outcome",), registry=registry)
        self.claims = Counter("sanad_claims", "Sentences of answers, by verdict.", ("verdict",), registry=registry)
        inside = Gauge("sanad_requests_inside", "Requests being answered or waiting for it.", registry=registry)
        inside.set_function(lambda: service.admission.inside)
        Gauge("sanad_places", "Requests that may be inside.", registry=registry).set(service.admission.places)

    def count(self, answer: Answer) -> None:
        """A whole answer."""
        self.answers.labels("answered" if answer.answered else "refused").inc()
        for claim in answer.claims:
            self.claims.labels(claim.verdict).inc()


class Measured:
    """ASGI middleware that counts and times every request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), "none"

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "none")  # the template: a label for each path would never end
            self._metrics.requests.labels(route, status).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - began)
