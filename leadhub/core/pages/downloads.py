"""Files as they are handed out: saved rather than shown, kept by nobody on the way."""

from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header


def hand_out(content: bytes, *, media_type: str, name: str) -> HttpResponse:
    """Answer with a file after its reader was found to be allowed to have it.

    It is saved, not opened, so that nothing in it runs as if it were a page of ours; its type is
    what its content was found to be, and no browser guesses another. It is encoded already, which
    keeps it from being compressed once more for nothing.
    """
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=name
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Encoding"] = "identity"
    add_never_cache_headers(response)
    return response
