"""Refuses requests that no browser sends, before anything in them reaches the database."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

NUL = "\x00"
CHARACTER_SETS = ("", "utf-8", "utf8", "us-ascii")


class WellFormedRequests:
    """Answers 400 to a NUL in the path or a cookie, and to forms in another character set.

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
        return self.get_response(request)


def _is_well_formed(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "").lower()
    texts = (request.path_info, *request.COOKIES.values())
    return charset in CHARACTER_SETS and not any(NUL in text for text in texts)
