"""Webhooks at the desk: which there are, how they stand, what went to them and what came back."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leadhub.core.pages.forms import note_refusal
from leads.webhook_forms import OverlapForm, WebhookForm
from leads.webhooks.log import (
    WAITING,
    complete_messages,
    messages_visible_to,
    send_again,
    send_test,
)
from leads.webhooks.subscriptions import (
    add_webhook,
    change_webhook,
    remove_webhook,
    rotate_secret,
    webhooks_visible_to,
)
from leads.webhooks.words import USUAL_TYPES, problem_in_words, type_in_words
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

ROWS_A_PAGE = 25
# Whoever looks at a message that is tried within this time waits for it.
_SOON = timedelta(seconds=30)
webhook_page = desk_page(Capability.MANAGE_WEBHOOKS)


@webhook_page
@require_safe
def show_webhooks(request: PersonRequest) -> HttpResponse:
    """List webhooks, the newest first."""
    webhooks = webhooks_visible_to(request.person.at_desk).order_by("-id")
    context = {"place": "set-up", "webhooks": [_described(one) for one in webhooks]}
    return show(request, "leads/webhooks/list.html", context)


@webhook_page
@require_http_methods(["GET", "POST"])
def add(request: PersonRequest) -> HttpResponse:
    """Have an address told of events; its secret is shown in the answer, this once."""
    form = WebhookForm(
        request.POST if request.method == "POST" else None,
        initial={"event_types": list(USUAL_TYPES)},
    )
    if form.is_valid():
        try:
            webhook, secret = add_webhook(
                **form.cleaned_data, by=request.person.at_desk, at=clock.now()
            )
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        except StateConflict as refusal:
            form.add_error(None, refusal.in_words())
        else:
            return _show_secret(request, webhook, secret)
    return _show_form(request, form)


@webhook_page
@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Change where a webhook listens and of what it is told."""
    webhook = _find(request, webhook_id)
    names = ("name", "url", "event_types")
    form = WebhookForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(webhook, name) for name in names},
    )
    if form.is_valid():
        changes = {**form.cleaned_data, "name": form.cleaned_data["name"] or None}
        try:
            change_webhook(webhook=webhook, by=request.person.at_desk, at=clock.now(), **changes)
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        else:
            messages.success(request, gettext("The changes were saved."))
            return go_to(request, "desk-webhook", webhook.id)
    return _show_form(request, form, webhook=webhook)


@webhook_page
@require_safe
def show_webhook(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Show how a webhook stands, what can be done with it, and its log."""
    webhook, at = _find(request, webhook_id), clock.now()
    log = messages_visible_to(request.person.at_desk, webhook=webhook).order_by("-id")
    page = Paginator(log, ROWS_A_PAGE).get_page(request.GET.get("page"))
    is_changing_over = webhook.previous_until is not None and webhook.previous_until > at
    context = {
        "place": "set-up",
        "webhook": webhook,
        "types": [type_in_words(type_) for type_ in webhook.event_types],
        "is_changing_over": is_changing_over,
        "form": OverlapForm(),
        "page": page,
        "rows": _told(list(page.object_list)),
    }
    return show(request, "leads/webhooks/webhook.html", context)


@webhook_page
@require_POST
def switch(request: PersonRequest, webhook_id: UUID, to: str) -> HttpResponse:
    """Switch a webhook on or off."""
    webhook, is_on = _find(request, webhook_id), to == "on"
    change_webhook(webhook=webhook, is_on=is_on, by=request.person.at_desk, at=clock.now())
    messages.success(
        request,
        gettext("The webhook is on: it is told of what happens from now on.")
        if is_on
        else gettext("The webhook is off: it is told nothing."),
    )
    return go_to(request, "desk-webhook", webhook.id)


@webhook_page
@require_POST
def rotate(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Give a webhook a new secret, shown in the answer, this once."""
    webhook, form = _find(request, webhook_id), OverlapForm(request.POST)
    if not form.is_valid():
        return go_to(request, "desk-webhook", webhook.id)
    try:
        secret = rotate_secret(
            webhook=webhook,
            overlap=form.overlap_time,
            by=request.person.at_desk,
            at=clock.now(),
        )
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-webhook", webhook.id)
    return _show_secret(request, _find(request, webhook.id), secret)


@webhook_page
@require_POST
def remove(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Tell an address nothing any more."""
    webhook = _find(request, webhook_id)
    remove_webhook(webhook=webhook, by=request.person.at_desk, at=clock.now())
    messages.success(request, gettext("The webhook was removed."))
    return go_to(request, "desk-webhooks")


@webhook_page
@require_POST
def test(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Send a test, and lead to where its answer will stand."""
    webhook = _find(request, webhook_id)
    message = send_test(webhook=webhook, by=request.person.at_desk, at=clock.now())
    return go_to(request, "desk-webhook-message", webhook.id, message.id)


@webhook_page
@require_safe
def show_message(request: PersonRequest, webhook_id: UUID, message_id: UUID) -> HttpResponse:
    """Show one message with every attempt; the page asks again while one is at hand."""
    webhook = _find(request, webhook_id)
    found = messages_visible_to(request.person.at_desk, webhook=webhook)
    message = found.filter(id=message_id).first()
    if message is None:
        raise NotVisible
    (told,) = _told([message])
    context = {
        "place": "set-up",
        "webhook": webhook,
        "message": told,
        "is_soon": told.status == WAITING and told.next_attempt_at <= clock.now() + _SOON,
    }
    return show(request, "leads/webhooks/message.html", context, part="message")


@webhook_page
@require_POST
def again(request: PersonRequest, webhook_id: UUID, message_id: UUID) -> HttpResponse:
    """Send a message again now."""
    webhook = _find(request, webhook_id)
    try:
        send_again(
            webhook=webhook,
            message_id=message_id,
            by=request.person.at_desk,
            at=clock.now(),
        )
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-webhook-message", webhook.id, message_id)
    return go_to(request, "desk-webhook-message", webhook.id, message_id)


def _find(request: PersonRequest, webhook_id: UUID) -> Any:
    webhooks = webhooks_visible_to(request.person.at_desk)
    webhook = webhooks.filter(id=webhook_id).first()
    if webhook is None:
        raise NotVisible
    return _described(webhook)


def _described(webhook: Any) -> Any:
    webhook.host = urlsplit(webhook.url).hostname
    return webhook


def _told(found: list[Any]) -> list[Any]:
    """Put messages and their attempts into words."""
    complete_messages(found)
    for message in found:
        message.type_words = type_in_words(message.kind)
        for attempt in message.log:
            attempt.words = problem_in_words(attempt.problem)
        message.last = message.log[-1] if message.log else None
    return found


def _show_form(request: PersonRequest, form: WebhookForm, webhook: Any = None) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"place": "set-up", "form": form, "webhook": webhook}
    return show(request, "leads/webhooks/form.html", context, status=status)


def _show_secret(request: PersonRequest, webhook: Any, secret: str) -> HttpResponse:
    """Show a new secret in the answer itself: no other page could, for it is kept sealed."""
    context = {"place": "set-up", "webhook": webhook, "secret": secret}
    return show(request, "leads/webhooks/secret.html", context)
