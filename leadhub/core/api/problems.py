"""Problem documents (RFC 9457): every error of the API, whatever the client accepts."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, TypedDict

import orjson
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from leadhub.core.errors import InvalidInput, NotAllowed, NotVisible, Refusal, StateConflict
from leadhub.core.rate_limits import Verdict

logger = logging.getLogger(__name__)

UNIQUE_VIOLATION = "23505"
CONTENT_TYPE = "application/problem+json"
STATUS_OF_REFUSAL: tuple[tuple[type[Refusal], int], ...] = (
    (NotVisible, 404),
    (NotAllowed, 403),
    (StateConflict, 409),
)


class FieldError(TypedDict):
    """What is wrong with one field of a body or a query."""

    field: str
    code: str
    detail: str


class BodyTooLarge(exceptions.APIException):
    """The body is larger than the call takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_detail = "The body is too large."


class IdempotencyMismatch(exceptions.APIException):
    """An idempotency key came with another body before."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key was used with another request; choose a new one."


class StillRunning(exceptions.APIException):
    """The first request with this idempotency key has not been answered yet."""

    status_code = HTTPStatus.CONFLICT
    default_code = "idempotency_key_in_use"
    default_detail = "A request with this Idempotency-Key is still running; try again shortly."


class TooManyRequests(exceptions.APIException):
    """Somebody asks too often."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "too_many_requests"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(
            f"Too many requests: at most {verdict.limit.rate:g} a second and {verdict.limit.burst}"
            f" at once for each {verdict.kind}. Try again in {verdict.retry_after} s."
        )
        self.headers = verdict.headers


class AlreadyAnswered(Exception):
    """A request that was answered before: the stored answer goes out again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def problem(
    status: int,
    *,
    code: str,
    detail: str,
    errors: list[FieldError] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Make a problem document; ``errors`` names the fields that are wrong."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors is not None:
        document["errors"] = errors
    return HttpResponse(
        orjson.dumps(document), status=status, content_type=CONTENT_TYPE, headers=headers
    )


def answer_problem(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """Turn any exception of an API view into a problem document."""
    if isinstance(exc, AlreadyAnswered):
        return exc.response
    answer = _expected(exc)
    if answer is None:
        view = type(context.get("view")).__name__
        logger.error("unexpected failure in %s", view, exc_info=exc)
        answer = _broken()
    return answer


def _expected(exc: Exception) -> HttpResponse | None:
    match exc:
        case Refusal():
            return _refused(exc)
        case Http404():
            return problem(404, code="not_found", detail="Not found.")
        case exceptions.ValidationError():
            errors = errors_of(exc)
            return problem(400, code="invalid", detail=_first(errors), errors=errors)
        case exceptions.APIException():
            return _api_problem(exc)
        case OperationalError() | InterfaceError() | IntegrityError():
            return _refused_by_database(exc)
        case _:
            return None


def _refused_by_database(
    exc: OperationalError | InterfaceError | IntegrityError,
) -> HttpResponse | None:
    """Answer what trying again may cure: no connection, a deadlock, or two that were one."""
    if isinstance(exc, OperationalError | InterfaceError):
        logger.error("the database did not answer: %s", exc)
        return problem(
            503,
            code="unavailable",
            detail="The database cannot answer now; nothing was stored. Try again in a moment.",
            headers={"Retry-After": "2"},
        )
    if getattr(exc.__cause__, "pgcode", None) != UNIQUE_VIOLATION:
        return None
    return problem(
        409,
        code="made_meanwhile",
        detail="Another request made the same thing at the same moment; try again.",
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that the web server's rules refuse, such as one for another host."""
    return _plain(request, problem(400, code="bad_request", detail="This request is malformed."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a path that leads nowhere."""
    return _plain(request, problem(404, code="not_found", detail="Not found."))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer a failure that no view caught."""
    return _plain(request, _broken())


def _plain(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Give a problem document under ``/api/``, and one line of text elsewhere."""
    if request.path.startswith("/api/"):
        return answer
    line = HTTPStatus(answer.status_code).phrase
    return HttpResponse(
        f"{line}.", status=answer.status_code, content_type="text/plain; charset=utf-8"
    )


def _broken() -> HttpResponse:
    return problem(
        500,
        code="internal_error",
        detail="Something went wrong on our side; nothing was stored. Try again later.",
    )


def errors_of(exc: InvalidInput | exceptions.ValidationError) -> list[FieldError]:
    """List the fields that are wrong, by their paths."""
    if isinstance(exc, InvalidInput):
        return [{"field": exc.field, "code": exc.code, "detail": str(exc)}]
    return list(_field_errors(exc.get_full_details(), ""))


def _refused(refusal: Refusal) -> HttpResponse:
    if isinstance(refusal, InvalidInput):
        errors = errors_of(refusal)
        return problem(400, code="invalid", detail=_first(errors), errors=errors)
    status = next(status for kind, status in STATUS_OF_REFUSAL if isinstance(refusal, kind))
    return problem(status, code=refusal.code, detail=str(refusal))


def _api_problem(exc: exceptions.APIException) -> HttpResponse:
    headers = dict(getattr(exc, "headers", {}))
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
    errors: list[FieldError] | None = None
    code = str(exc.get_codes())
    detail = str(exc.detail)
    if isinstance(exc, (exceptions.ParseError, BodyTooLarge)):
        errors = [{"field": "body", "code": code, "detail": detail}]
    return problem(exc.status_code, code=code, detail=detail, errors=errors, headers=headers)


def _field_errors(details: Any, path: str) -> Iterable[FieldError]:
    """Flatten nested validation errors to dotted paths."""
    if isinstance(details, dict) and "message" in details and "code" in details:
        yield {
            "field": path or "body",
            "code": str(details["code"]),
            "detail": str(details["message"]),
        }
    elif isinstance(details, dict):
        for name, inner in details.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from _field_errors(inner, ".".join(filter(None, (path, step))))
    elif isinstance(details, list):
        many = any(isinstance(inner, dict) and "message" not in inner for inner in details)
        for position, inner in enumerate(details):
            yield from _field_errors(inner, f"{path}.{position}".lstrip(".") if many else path)


def _first(errors: list[FieldError]) -> str:
    first = errors[0]
    return f"{first['field']}: {first['detail']}"
