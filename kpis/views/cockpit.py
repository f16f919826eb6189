"""The cockpit."""

from django.http import HttpResponse

from partners.decorators import PersonRequest, desk_page


@desk_page()
def show_cockpit(request: PersonRequest) -> HttpResponse:
    """The cockpit."""
    return HttpResponse()
