"""Refuses requests that no page of ours sends, before anything in them is read or stored."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NUL = "\x00"
CHARACTER_SETS = ("", "utf-8", "utf8", "us-ascii")


class WellFormedRequests:
    """Answers 400 to a NUL in the path or a cookie, and to forms in another character set.

    A form that is larger than any file that is taken is answered with 413: it is not read at all,
    for whatever is read of it lies on the disk until it is looked at.

    Programs are answered by the API itself, in its own form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse."""
        if not request.path_info.startswith("/api/") and not _is_well_formed(request):
            return HttpResponse(
                "Bad Request.", status=HTTPStatus.BAD_REQUEST, content_type="text/plain"
            )
        if not request.path_info.startswith("/api/") and _is_too_large(request):
            most = settings.FORM_MAX_BYTES // 1024**2
            return HttpResponse(
                f"This is too large: at most {most} MB can be sent at once.",
                status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                content_type="text/plain",
            )
        return self.get_response(request)


def _is_too_large(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) > settings.FORM_MAX_BYTES


def _is_well_formed(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "").lower()
    texts = (request.path_info, *request.COOKIES.values())
    return charset in CHARACTER_SETS and not any(NUL in text for text in texts)
