"""The board of leads."""

from django.http import HttpResponse

from partners.decorators import PersonRequest, desk_page


@desk_page()
def show_board(request: PersonRequest) -> HttpResponse:
    """The board of leads."""
    return HttpResponse()
