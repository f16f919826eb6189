"""The inbox."""

from django.http import HttpResponse

from partners.decorators import PersonRequest, partner_page


@partner_page
def show_inbox(request: PersonRequest) -> HttpResponse:
    """The inbox."""
    return HttpResponse()
