"""The routes of `sanad serve`. Types of bodies: `bodies`; of what is answered: `qa.contract`, the JSON of the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import TypeAdapter
from starlette.responses import Response

from qa.cancel import Cancelled
from qa.contract import AnswerJSON, ArticlesJSON, HealthJSON, LinesJSON, ProblemJSON, SearchJSON, VerdictsJSON
from qa.receipt import version
from qa.serving import problems
from qa.serving.bodies import AskBody, SearchBody, VerifyBody
from qa.serving.events import MEDIA_TYPE as EVENTS
from qa.serving.events import AnswerEvents
from qa.serving.guard import Door, Guard
from qa.serving.metrics import Measured, Metrics
from qa.serving.problems import answer_with_problems
from qa.serving.service import Run, Service, T

MAX_LINES = 1000
_PROBLEMS = {
    400: "Not JSON.",
    401: "The token is missing or wrong.",
    403: "Asked from the page of another site, or by another name than this machine's.",
    404: "No such article, line or address.",
    408: "The body did not come in time.",
    409: "The article's file cannot be read any more.",
    413: "The body is too large.",
    422: "What was asked for cannot be.",
    429: "Too often; Retry-After says when.",
    503: "Busy, stopping, or without a usable index or model; Retry-After says when, if waiting helps.",
    504: "No answer in time.",
}
_EVENTS = (
    "The answer. As events: "
    "`nearest`, then `claim` (its number and the claim; a number that comes again replaces what it said), and at the end "
    "`answer`, the same JSON as without events, or `error`, problem details."
)


def make_app(service: Service, door: Door) -> FastAPI:
    """The application over one service."""
    metrics = Metrics(service)
    app = FastAPI(
        title="sanad",
        version=version() or "0",
        description="Answers over a collection of articles; every sentence rests on one exact line of a source.",
        docs_url=None,  # their pages fetch scripts from elsewhere
        redoc_url=None,
        responses={status: _problem(text) for status, text in _PROBLEMS.items()},
        telemetry={"auto_configure": True, "operation_spans": False, "metrics": False, "logs": False},
    )
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # as FastAPI's documentation extends it
    answer_with_problems(app)
    app.add_middleware(Guard, door=door)
    app.add_middleware(Measured, metrics=metrics)
    app.include_router(_health(service))
    secured = (
        [Depends(HTTPBearer(auto_error=False))] if door.token else []
    )  # told to readers of OpenAPI; the guard checks
    app.include_router(_routes(service, metrics), dependencies=secured)
    return app


def _health(service: Service) -> APIRouter:
    router = APIRouter()

    @router.get("/health")
    async def health() -> HealthJSON:
        """That the server is there; no token is asked for."""
        return {"status": "stopping" if service.admission.stopping else "ok", "version": version()}

    return router


def _routes(service: Service, metrics: Metrics) -> APIRouter:
    router = APIRouter()

    @router.post("/ask", response_model=AnswerJSON, responses=_content(EVENTS, _EVENTS))
    async def ask(body: AskBody, request: Request) -> Response:
        """Answer a question; each sentence with the lines it rests on. With `Accept: text/event-stream` it comes as it grows."""
        run = service.ask(body.question, id=body.id, follow_up_to=body.follow_up_to, only=body.only.filter())
        if EVENTS in request.headers.get("accept", ""):
            return AnswerEvents(run, metrics.count)
        answer = await _unless_gone(run, request)
        metrics.count(answer)
        return _json(answer.to_dict())

    @router.post("/search", response_model=SearchJSON)
    async def search(body: SearchBody) -> Response:
        """The lines nearest to a question, in any language."""
        return _json(await service.search(body.question, body.k, id=body.id, only=body.only.filter()))

    @router.post("/verify", response_model=VerdictsJSON)
    async def verify(body: VerifyBody) -> Response:
        """Does each source support its claim?"""
        verdicts = await service.verify([(pair.claim, pair.source) for pair in body.pairs])
        for pair, verdict in zip(body.pairs, verdicts, strict=True):
            if pair.id is not None:
                verdict["id"] = pair.id
        return _json({"verdicts": verdicts})

    @router.get("/articles", response_model=ArticlesJSON)
    async def articles(
        offset: Annotated[int, Query(ge=0, le=2**53)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> Response:
        """The articles of the collection, by path."""
        return _json(await service.articles(offset, limit))

    @router.get("/articles/{path:path}", response_model=LinesJSON)
    async def article(
        path: str,
        first: Annotated[int, Query(ge=1, le=2**53, description="From this line, counted from 1.")] = 1,
        lines: Annotated[int, Query(ge=1, le=MAX_LINES, description="At most so many.")] = MAX_LINES,
    ) -> Response:
        """Lines of an article as its file is now."""
        return _json(await service.article(path, first, first + lines - 1))

    @router.get("/metrics", response_class=Response, responses=_content("text/plain", "Prometheus' text format."))
    async def figures() -> Response:
        """Figures for Prometheus."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _unless_gone(run: Run[T], request: Request) -> T:
    """What the run reports last; a client that goes away ends it. Raises Cancelled, which nobody will read then."""
    answer = asyncio.ensure_future(run.last())
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise Cancelled
        return answer.result()
    finally:
        run.cancel()
        answer.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(value: Mapping[str, Any]) -> Response:
    """As the command line prints it."""
    return Response(json.dumps(value, ensure_ascii=False) + "\n", media_type="application/json")


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{ProblemJSON.__name__}"}
    return {"description": description, "content": {problems.MEDIA_TYPE: {"schema": schema}}}


def _content(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}}


def _openapi(app: FastAPI) -> dict[str, Any]:
    """What FastAPI describes, with the body of errors, which no route returns."""
    if app.openapi_schema is None:
        described = FastAPI.openapi(app)
        described["components"]["schemas"][ProblemJSON.__name__] = TypeAdapter(ProblemJSON).json_schema()
    assert app.openapi_schema is not None
    return app.openapi_schema
