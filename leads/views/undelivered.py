"""Messages that could not be delivered, for those who look after leads."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from leadhub.core import clock
from leadhub.core.pages.answers import go_to, show
from leads.undelivered import in_words, send_again, undelivered_visible_to
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

ROWS_A_PAGE = 25
resending_page = desk_page(Capability.RESEND_MESSAGES)


@resending_page
@require_safe
def show_undelivered(request: PersonRequest) -> HttpResponse:
    """List messages that were given up, the last first, each with its reason."""
    found = undelivered_visible_to(request.person.at_desk)
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"place": "set-up", "page": page, "rows": in_words(list(page.object_list))}
    return show(request, "leads/desk/undelivered.html", context)


@resending_page
@require_POST
def send_one_again(request: PersonRequest, message_id: UUID) -> HttpResponse:
    """Let one message be tried from the beginning."""
    count = send_again(by=request.person.at_desk, at=clock.now(), message_id=message_id)
    return _done(request, count)


@resending_page
@require_POST
def send_all_again(request: PersonRequest) -> HttpResponse:
    """Let all messages be tried from the beginning."""
    return _done(request, send_again(by=request.person.at_desk, at=clock.now()))


def _done(request: PersonRequest, count: int) -> HttpResponse:
    words = ngettext(
        "%(count)s message is on its way again.",
        "%(count)s messages are on their way again.",
        count,
    )
    messages.success(request, words % {"count": count})
    return go_to(request, "desk-messages")
