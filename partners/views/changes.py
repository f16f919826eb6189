"""The audit log: who changed what of the set-up and of people's rights."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_safe

from leadhub.core.pages.answers import show
from partners.change_log import Wanted, changes_visible_to, who_changed
from partners.change_words import act_in_words, fields_in_words, kind_in_words
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.set_up_forms import ChangeFilterForm

CHANGES_A_PAGE = 30
# So many fields are shown at once; what has more opens with a tap.
FIELDS_AT_ONCE = 4


@require_safe
@desk_page(Capability.SEE_CHANGES)
def show_changes(request: PersonRequest) -> HttpResponse:
    """Show who changed what of the set-up and of rights."""
    actor = request.person.at_desk
    people = who_changed(actor)
    form = ChangeFilterForm(request.GET, people=people)
    wanted = _wanted(form) if form.is_valid() else Wanted()
    page = Paginator(changes_visible_to(actor, wanted), CHANGES_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "place": "set-up",
        "form": form,
        "page": page,
        "query": _without_page(request.GET),
        "is_filtered": wanted != Wanted(),
        "changes": [_shown(change, people) for change in page.object_list],
    }
    return show(request, "partners/desk/changes.html", context, part="found")


def _wanted(form: forms.Form) -> Wanted:
    given = form.cleaned_data
    last = given["last_day"]
    return Wanted(
        kind=given["kind"],
        text=given["text"].replace("\0", ""),
        actor=given["actor"],
        object_key=given["object"],
        since=_midnight(given["first_day"]),
        until=_midnight(last + timedelta(days=1)) if last else None,
    )


def _midnight(day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone()).astimezone(UTC)


def _without_page(query: QueryDict) -> str:
    kept = query.copy()
    kept.pop("page", None)
    return f"{kept.urlencode()}&" if kept else ""


def _shown(change: Any, people: dict[str, str]) -> dict[str, Any]:
    fields = fields_in_words(change)
    return {
        "change": change,
        "kind": kind_in_words(change.kind),
        "act": act_in_words(change),
        "by": people.get(change.actor, ""),
        "by_kind": change.actor.partition(":")[0],
        "fields": fields,
        "is_long": len(fields) > FIELDS_AT_ONCE,
    }
