"""Acting on many leads at once: they are chosen, looked at once more, and answered one by one.

Which leads were chosen stands in the form, so that it works without scripts and nothing is kept
until something is done. What was done is kept, and has a page of its own: a form that is sent twice
leads to the same page.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.ids import new_id
from leadhub.core.pages.answers import show
from leadhub.core.pages.forms import note_refusal
from leadhub.core.tenancy.context import tenant_context
from leads.bulk import LEADS_AT_MOST, answers_of, begin_deed, carry_out, deeds_visible_to
from leads.disclosures import leads_with_contact, note_disclosures
from leads.dispatch import partner_to_assign
from leads.dossier import find_partners
from leads.overview import rows_in_order, rows_of
from leads.selectors import leads_visible_to
from leads.views.bulk_deeds import BULK, BulkAction
from leads.views.deeds import Order, verbs_possible
from partners.decorators import PersonRequest, desk_batch_page, desk_page
from partners.roles import Capability

PAGE = "leads/desk/bulk.html"


class Chosen(NamedTuple):
    """A lead that was chosen, as it stands.

    :ivar is_possible: it can be done to it, as far as anybody knows yet.
    """

    lead: Any
    is_possible: bool


@require_POST
@desk_page(Capability.DISPATCH_LEADS)
def choose(request: PersonRequest) -> HttpResponse:
    """Show the leads that were chosen, and ask for what is needed to act on them."""
    action = BULK.get(request.POST.get("do", ""))
    ids = list(_seen_in(request))
    if action is None or not ids:
        messages.error(request, gettext("Choose leads first, then what to do with them."))
        return redirect(_board(request))
    if len(ids) > LEADS_AT_MOST:
        problem = gettext("Choose %(count)s leads at most.") % {"count": LEADS_AT_MOST}
        messages.error(request, problem)
        return redirect(_board(request))
    return _ask(request, action, action.form(), at=clock.now())


@require_POST
@desk_batch_page(Capability.DISPATCH_LEADS)
def act(request: PersonRequest, verb: str) -> HttpResponse:
    """Do to each lead what a form asks for, and lead to what came of it."""
    action, actor, at = BULK[verb], request.person.at_desk, clock.now()
    form, seen = action.form(request.POST), _seen_in(request)
    deed_id = _deed_in(request)
    if not seen or len(seen) > LEADS_AT_MOST or deed_id is None:
        messages.error(request, gettext("Choose leads first, then what to do with them."))
        return redirect(_board(request))
    with tenant_context(actor.manufacturer_id):
        if not form.is_valid() or not _is_for_all(form, actor.manufacturer_id):
            return _ask(request, action, form, at=at, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    deed = begin_deed(deed_id=deed_id, verb=verb, lead_ids=seen, by=actor, at=at)

    def do(lead: Any, now: datetime) -> str:
        return action.do(Order(lead, form, actor, now))

    carry_out(deed=deed, seen=seen, act=do, by=actor)
    return redirect(reverse("desk-leads-bulk-done", args=[deed.id]) + _back(request))


@require_safe
@desk_page(Capability.DISPATCH_LEADS)
def show_done(request: PersonRequest, deed_id: UUID) -> HttpResponse:
    """Tell for each lead what was done to it, or why nothing was."""
    at, actor = clock.now(), request.person.at_desk
    deed = deeds_visible_to(actor).filter(id=deed_id).first()
    if deed is None:
        raise NotVisible
    answers = answers_of(deed)
    leads = rows_in_order(rows_of(leads_visible_to(actor)), deed.leads)
    note_disclosures(leads_with_contact(leads), by=actor, at=at)
    told = [(lead, answers.get(lead.id)) for lead in leads]
    context = {
        "place": "leads",
        "now": at,
        "action": BULK[deed.verb],
        "deed": deed,
        "done": [(lead, answer) for lead, answer in told if answer and answer.is_done],
        "refused": [(lead, answer) for lead, answer in told if answer and not answer.is_done],
        "unanswered": [lead for lead, answer in told if answer is None],
        "back": request.GET.urlencode(),
    }
    return show(request, "leads/desk/bulk_done.html", context)


def _ask(
    request: PersonRequest,
    action: BulkAction,
    form: Any,
    *,
    at: datetime,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    actor, seen = request.person.at_desk, _seen_in(request)
    leads = rows_in_order(rows_of(leads_visible_to(actor)), list(seen))
    note_disclosures(leads_with_contact(leads), by=actor, at=at)
    chosen = [Chosen(lead, action.verb in verbs_possible(lead)) for lead in leads]
    text = request.POST.get("find", "").replace("\0", "").strip()[:120]
    context = {
        "place": "leads",
        "now": at,
        "action": action,
        "form": form,
        "chosen": chosen,
        "possible": sum(one.is_possible for one in chosen),
        "deed_id": _deed_in(request) or new_id(),
        "find": text,
        "found": find_partners(text, actor=actor) if text else None,
        "back": request.POST.get("back", ""),
    }
    return show(request, PAGE, context, status=status)


def _is_for_all(form: Any, manufacturer_id: UUID) -> bool:
    """Tell whether what is the same for all leads is right, and say at its field what is not."""
    if "partner" not in form.fields:
        return True
    try:
        partner_to_assign(partner_id=form.cleaned_data["partner"], manufacturer_id=manufacturer_id)
    except InvalidInput as refusal:
        note_refusal(form, refusal)
        return False
    return True


def _seen_in(request: PersonRequest) -> dict[UUID, int]:
    """Read which leads were chosen, each with the number of its last wave as it was seen."""
    sent = request.POST.getlist("lead")
    if request.POST.get("all"):
        sent = [*sent, *request.POST.getlist("listed")]
    seen = {}
    for text in sent:
        lead_id, _, wave = text.partition(".")
        try:
            seen[UUID(lead_id)] = int(wave)
        except ValueError:
            continue
    return seen


def _deed_in(request: PersonRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("deed", ""))
    except ValueError:
        return None


def _board(request: PersonRequest) -> str:
    return reverse("desk-leads") + _back(request)


def _back(request: PersonRequest) -> str:
    """Write what the board showed, to lead back there."""
    query = QueryDict(request.POST.get("back", "")).urlencode()
    return f"?{query}" if query else ""
