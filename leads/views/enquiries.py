"""Forms on a manufacturer's own sites: shown to anybody, sent by anybody, without a log-in.

They stand in frames on other sites, where browsers keep no cookies for us: so there is no session,
and in place of the usual check against forged requests stands a stamp (``leads.stamps``). There is
nothing to forge, for whoever sends one acts for nobody.

Nothing that a person typed is lost. What is doubtful - too fast, too late, too often - is shown
again as it was typed, to be sent once more. It is not held for review: leads are held for two
reasons only, and neither is that nobody may have sent it.
"""

import logging
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from leadhub.core import clock
from leadhub.core.actors import system_actor
from leadhub.core.errors import InvalidInput
from leadhub.core.log_context import note_tenant
from leadhub.core.pages.built import NotBuilt, styles_of_pages
from leadhub.core.pages.forms import note_refusal
from leadhub.core.pages.limits import too_many_from
from leadhub.core.pages.mistakes import focus_first_mistake
from leadhub.core.rate_limits import take
from leadhub.core.visitors import origin_of
from leads.enquiry_form import TRAP, EnquiryForm
from leads.intake import receive_lead
from leads.models import WebForm
from leads.stamps import Stamp, make_stamp, read_stamp
from leads.web_forms import ShownForm, find_web_form, read_shown

logger = logging.getLogger(__name__)

STAMP = "stamp"
# The longest message that is taken, in letters of four bytes, and everything else.
MOST_BYTES = 64 * 1024
FRAMES = {"iframe", "frame"}
COLORS_KEPT = 300  # seconds


class Sent(NamedTuple):
    """A form that was sent: what was typed, and the stamp that was on it."""

    filled: EnquiryForm
    stamp: Stamp | None
    at: datetime


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def show_form(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Show a form, or take in what was filled in; the same form sent twice is one lead."""
    if request.method == "POST" and (refusal := _refuse_unread(request)) is not None:
        return refusal
    if (refusal := too_many_from(request)) is not None:
        return refusal
    form = _find(form_id)
    if form.closed_at is not None:
        return _show_closed(request, form)
    if request.method != "POST":
        shown = read_shown(form, language=_language(request))
        with translation.override(shown.language):
            return _ask(request, EnquiryForm(shown=shown), stamp="")
    stamp = read_stamp(request.POST.get(STAMP, ""), form_id=form.id)
    shown = read_shown(
        form, language=_language(request), consent_id=stamp.consent_id if stamp else None
    )
    with translation.override(shown.language):
        filled = EnquiryForm(request.POST, shown=shown)
        return _take(request, Sent(filled, stamp, clock.now()))


@require_safe
def show_thanks(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Thank whoever sent a form, and lead on to where the manufacturer wants them."""
    form = _find(form_id)
    shown = read_shown(form, language=_language(request))
    with translation.override(shown.language):
        return _answer(request, "leads/web_form/thanks.html", shown)


@require_safe
def show_colors(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Give the colours of a manufacturer to its forms: no style may stand in a page."""
    shown = read_shown(_find(form_id), language="")
    rule = f":root {{ --form-color: {shown.brand.color}; --form-ink: {shown.brand.ink}; }}\n"
    headers = {"Cache-Control": f"public, max-age={COLORS_KEPT}"}
    return HttpResponse(rule, content_type="text/css; charset=utf-8", headers=headers)


def _take(request: HttpRequest, sent: Sent) -> HttpResponse:
    """Take in an enquiry, or show it again with what is to be done."""
    form = sent.filled.shown.form
    if sent.filled.is_trapped:
        logger.info("form %s: a program sent it, nothing was kept", form.id)
        return _thank(sent.filled.shown)
    verdict = take(form=form.id, sender=origin_of(request))
    if verdict is not None and not verdict.passes:
        answer = _ask_again(request, sent, _too_often(), status=HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(verdict.retry_after)
        return answer
    if not sent.filled.is_valid():
        return _ask_again(request, sent)
    if sent.stamp is None or sent.stamp.is_over(sent.at):
        words = gettext("This page was open for a long time. Please send it once more.")
        return _ask_again(request, sent._replace(stamp=None), words)
    if sent.stamp.is_hasty(sent.at):
        words = gettext("That was quick. Please look over what you typed, and send it once more.")
        return _ask_again(request, sent, words)
    return _receive(request, sent, sent.stamp)


def _receive(request: HttpRequest, sent: Sent, stamp: Stamp) -> HttpResponse:
    form = sent.filled.shown.form
    try:
        receive_lead(
            new=sent.filled.new_lead(stamp=stamp, at=sent.at),
            by=system_actor(form.manufacturer_id, "web form"),
            at=sent.at,
        )
    except InvalidInput as refusal:
        note_refusal(sent.filled, refusal)
        return _ask_again(request, sent)
    return _thank(sent.filled.shown)


def _thank(shown: ShownForm) -> HttpResponse:
    """Say the same to people and to programs: those do not learn what gave them away."""
    address = reverse("form-thanks", args=[shown.form.id])
    return _framed(redirect(f"{address}?lang={shown.language}"), shown.form)


def _ask(request: HttpRequest, filled: EnquiryForm, *, stamp: str, **more: Any) -> HttpResponse:
    shown = filled.shown
    if not stamp:
        stamp = make_stamp(form_id=shown.form.id, consent_id=shown.consent.id, at=clock.now())
    status = more.pop("status", HTTPStatus.OK)
    context = {"filled": filled, "stamp": stamp, "trap": TRAP, **more}
    return _answer(request, "leads/web_form/form.html", shown, status=status, **context)


def _ask_again(
    request: HttpRequest,
    sent: Sent,
    words: str = "",
    *,
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    """Show a form as it was typed; the number of the sending stays, so that it stays one lead."""
    if request.headers.get("Sec-Fetch-Dest") not in FRAMES:  # which may not take the focus
        focus_first_mistake(sent.filled)
    stamp = request.POST[STAMP] if sent.stamp is not None else ""
    return _ask(request, sent.filled, stamp=stamp, words=words, status=status)


def _show_closed(request: HttpRequest, form: WebForm) -> HttpResponse:
    shown = read_shown(form, language=_language(request))
    with translation.override(shown.language):
        return _answer(request, "leads/web_form/closed.html", shown, status=HTTPStatus.GONE)


def _answer(
    request: HttpRequest,
    template: str,
    shown: ShownForm,
    *,
    status: int = HTTPStatus.OK,
    **more: Any,
) -> HttpResponse:
    context = {"shown": shown, "form": shown.form, "styles": _styles(), **more}
    response = render(request, template, context, status=status)
    response.headers["Content-Language"] = shown.language
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return _framed(response, shown.form)


def _framed(response: HttpResponse, form: WebForm) -> HttpResponse:
    """Let the sites that the manufacturer named show an answer in a frame, and no other."""
    if form.sites:
        response.xframe_options_exempt = True
        response._csp_replace = {"frame-ancestors": form.sites}  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def _find(form_id: UUID) -> WebForm:
    form = find_web_form(form_id)
    if form is None:
        raise Http404
    note_tenant(form.manufacturer_id)
    return form


def _language(request: HttpRequest) -> str:
    return request.GET.get("lang") or str(getattr(request, "LANGUAGE_CODE", ""))


def _refuse_unread(request: HttpRequest) -> HttpResponse | None:
    """Refuse what no page of ours sends, before anything of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        words = gettext("This is too large to be sent.")
        return _plain(words, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    here = f"{request.scheme}://{request.get_host()}"
    if request.headers.get("Origin", "null") not in ("null", here):
        return _plain(gettext("Please open the form itself to send it."), HTTPStatus.FORBIDDEN)
    return None


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def _too_often() -> str:
    return gettext(
        "Very many enquiries are coming in just now. Nothing is lost: "
        "please send it once more in a minute."
    )


def _styles() -> list[str]:
    try:
        return styles_of_pages()
    except NotBuilt:
        return []
