"""How a person is told: what they choose, and the browsers that may be told."""

import json
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.channels.vapid import public_key
from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.pages.answers import go_to, show
from leadhub.core.pages.mistakes import focus_first_mistake
from partners.decorators import PersonRequest, person_page
from partners.devices import add_device, devices_of, remove_device
from partners.notice_forms import NoticesForm
from partners.notices import (
    FOR_PARTNERS,
    FOR_STAFF,
    Quiet,
    choose_quiet,
    keep_wishes,
    quiet_of,
    wishes_of,
)
from partners.people import LoggedInPerson, firms_of
from partners.sessions import name_device

# A subscription of a browser takes a few hundred bytes.
LARGEST = 8_192
# In the session: which device this browser is.
DEVICE_KEY = "device"


@person_page
@require_http_methods(["GET", "POST"])
def show_notices(request: PersonRequest) -> HttpResponse:
    """Show a person how they are told, and let them choose."""
    user_id = request.person.user.id
    wishes = wishes_of(user_id)
    form = NoticesForm(
        request.POST if request.method == "POST" else None,
        wishes=wishes,
        topics=_topics_of(request.person),
    )
    if form.is_valid():
        keep_wishes(user_id=user_id, wishes=form.chosen())
        messages.success(request, gettext("The changes were saved."))
        return go_to(request, "person-notices")
    focus_first_mistake(form)
    businesses = [firm for firm in firms_of(request.person) if firm.opening_hours]
    context = {
        "quiet": quiet_of(wishes, has_hours=bool(businesses)),
        "wishes": wishes,
        "businesses": businesses,
        "layout": "layouts/desk.html" if request.person.chosen else "layouts/phone.html",
        "place": "account",
        "form": form,
        "devices": devices_of(user_id),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return show(request, "partners/notices.html", context, status=status)


@person_page
@require_POST
def set_quiet(request: PersonRequest) -> HttpResponse:
    """Let a person's quiet time come from what they chose with one tap."""
    try:
        quiet = Quiet(request.POST.get("quiet", ""))
    except ValueError:
        messages.error(request, gettext("This cannot be chosen."))
    else:
        choose_quiet(user_id=request.person.user.id, quiet=quiet)
        messages.success(request, gettext("The changes were saved."))
    return go_to(request, "person-notices")


@person_page
@require_http_methods(["GET", "POST", "DELETE"])
def own_devices(request: PersonRequest) -> HttpResponse:
    """Let a page's script subscribe the browser it runs in, and end the subscription.

    GET tells the key to subscribe with, by their digests which browsers are known, and the token
    that a service worker has no form to read from; POST takes the subscription as the browser gives
    it; DELETE its ``endpoint``. Logging out ends the subscription of the browser that one is in.
    """
    user_id = request.person.user.id
    if request.method == "GET":
        return JsonResponse(
            {
                "public_key": public_key(),
                "known": [device.endpoint_digest.hex() for device in devices_of(user_id)],
                "token": get_token(request),
            }
        )
    try:
        sent = _read(request)
        if request.method == "DELETE":
            remove_device(user_id=user_id, endpoint=_text(sent, "endpoint"))
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        keys = sent.get("keys")
        keys = keys if isinstance(keys, dict) else {}
        device = add_device(
            user_id=user_id,
            endpoint=_text(sent, "endpoint"),
            public_key=_text(keys, "p256dh"),
            secret=_text(keys, "auth"),
            name=name_device(request.headers.get("User-Agent", "")),
            at=clock.now(),
        )
    except InvalidInput as refusal:
        refused = {"code": refusal.code, "field": refusal.field, "detail": refusal.in_words()}
        return JsonResponse(refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    request.session[DEVICE_KEY] = str(device.id)
    return JsonResponse({"id": str(device.id)}, status=HTTPStatus.CREATED)


@person_page
@require_POST
def forget_device(request: PersonRequest, device_id: UUID) -> HttpResponse:
    """Tell one of the person's browsers nothing any more."""
    if not remove_device(user_id=request.person.user.id, device_id=device_id):
        raise NotVisible
    messages.success(request, gettext("This device is told nothing any more."))
    return go_to(request, "person-notices")


def _topics_of(person: LoggedInPerson) -> list[Any]:
    return [
        *(FOR_PARTNERS if person.works_for else ()),
        *(FOR_STAFF if person.staff_of else ()),
    ]


def _read(request: PersonRequest) -> dict[str, Any]:
    """Read a JSON object.

    :raises InvalidInput: if it is none.
    """
    try:
        sent = json.loads(request.body[: LARGEST + 1])
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise InvalidInput(field="", message="Send a JSON object.", code="malformed")
    return sent


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    return value if isinstance(value, str) and "\0" not in value else ""
