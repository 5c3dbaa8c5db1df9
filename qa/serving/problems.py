"""Errors as one line of JSON, "problem details" (RFC 9457). What was sent is never repeated in them."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from index.errors import IndexUnusable, ModelUnavailable, SanadError, UnreadableArticle, UsageError
from qa.cancel import Cancelled
from qa.plain import printable
from qa.serving.admission import TooSlow, Unavailable
from qa.serving.articles import UnknownArticle

if TYPE_CHECKING:
    from qa.contract import ProblemJSON

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[SanadError], HTTPStatus], ...] = (
    (UsageError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnknownArticle, HTTPStatus.NOT_FOUND),
    (UnreadableArticle, HTTPStatus.CONFLICT),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (IndexUnusable, HTTPStatus.SERVICE_UNAVAILABLE),
    (ModelUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (Cancelled, HTTPStatus.SERVICE_UNAVAILABLE),
    (TooSlow, HTTPStatus.GATEWAY_TIMEOUT),
    (SanadError, HTTPStatus.INTERNAL_SERVER_ERROR),
)
_ADVICE = {
    HTTPStatus.BAD_REQUEST: "the request cannot be read; send JSON as /openapi.json describes it",
    HTTPStatus.NOT_FOUND: "there is nothing at this address; /openapi.json lists what there is",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address takes another method; see Allow, and /openapi.json",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the server failed at this request; its log says how",
}


def problem(status: int, detail: str) -> ProblemJSON:
    """The body of an answer that is an error."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": printable(detail)}


def problem_of(error: Exception) -> ProblemJSON:
    """As `problem`, of an error; one that nobody foresaw keeps its words to the log."""
    if not isinstance(error, SanadError):
        return problem(500, _ADVICE[HTTPStatus.INTERNAL_SERVER_ERROR])
    return problem(next(status for kind, status in _STATUS if isinstance(error, kind)), str(error))


def problem_response(body: ProblemJSON, headers: dict[str, str] | None = None) -> Response:
    """ASCII alone, for a message may quote what is not valid Unicode."""
    return Response(
        json.dumps(body) + "\n", body["status"], {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE
    )


def error_response(error: Exception) -> Response:
    """As `problem_response`, of an error."""
    retry_after = error.retry_after if isinstance(error, Unavailable) else None
    return problem_response(problem_of(error), {"Retry-After": str(retry_after)} if retry_after else None)


def answer_with_problems(app: FastAPI) -> None:
    """Every error of the app becomes a problem."""

    async def of_sanad(_: Request, error: Exception) -> Response:
        return error_response(error)

    async def of_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        detail = _ADVICE.get(HTTPStatus(error.status_code), str(error.detail))
        return problem_response(problem(error.status_code, detail), dict(error.headers or {}))

    async def of_validation(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        if first["loc"] == ("body",):
            detail = "the body is no JSON object; send one, with Content-Type: application/json"
        else:
            detail = f"{ascii(where)[1:-1]:.100}: {first['msg']}; /openapi.json describes what is taken"
        return problem_response(problem(422, detail))

    app.add_exception_handler(SanadError, of_sanad)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(Exception, of_sanad)
