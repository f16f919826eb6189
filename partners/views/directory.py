"""The directory of partners."""

from django.http import HttpResponse

from partners.decorators import PersonRequest, desk_page


@desk_page()
def show_directory(request: PersonRequest) -> HttpResponse:
    """The directory of partners."""
    return HttpResponse()
