"""One thing done to many leads: each is answered by itself, and what was answered is kept.

Each lead is a transaction of its own, in which its answer is kept as well: whatever happens, it is
known what was done to which lead. Whoever sends the same deed again finds the answers, and those
leads that have none yet are gone on with; nothing is done to a lead twice.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible, Refusal, StateConflict
from leadhub.core.tenancy.context import in_tenant_of, tenant_context
from leads.locks import lock_lead
from leads.models import BulkDeed
from leads.selectors import leads_visible_to

logger = logging.getLogger(__name__)

LEADS_AT_MOST = 200
DEEDS_KEPT = timedelta(days=30)
FAILED = gettext_noop("That did not work. Nothing was changed; please try again.")


class LeadMovedOn(StateConflict):
    """Something else became of the lead since somebody chose it."""

    code = "lead_moved_on"
    message = gettext_noop("This lead has moved on since you chose it.")


class Answer(NamedTuple):
    """What became of a deed for one lead.

    :ivar words: a sentence, in the language of whoever did it.
    """

    is_done: bool
    words: str


Act = Callable[[Any, datetime], str]


def deeds_visible_to(actor: Actor) -> QuerySet[BulkDeed]:
    """Read what a manufacturer's people did to many leads at once; partners see none of it."""
    deeds = BulkDeed.objects.filter(manufacturer=actor.manufacturer_id)
    return deeds.none() if actor.is_partner else deeds


def begin_deed(
    *, deed_id: UUID, verb: str, lead_ids: Iterable[UUID], by: Actor, at: datetime
) -> BulkDeed:
    """Keep that something is to be done to leads; the same deed again is the one that is kept.

    :raises NotVisible: if the id is that of something else, or nobody in person does it.
    """
    if by.user_id is None:
        raise NotVisible
    with tenant_context(by.manufacturer_id):
        kept = BulkDeed.objects.filter(manufacturer=by.manufacturer_id)
        kept.filter(begun_at__lt=at - DEEDS_KEPT).delete()
        new = BulkDeed(
            id=deed_id,
            manufacturer_id=by.manufacturer_id,
            user_id=by.user_id,
            verb=verb,
            leads=sorted(set(lead_ids)),
            begun_at=at,
        )
        BulkDeed.objects.bulk_create([new], ignore_conflicts=True)
        deed = kept.filter(id=deed_id, user=by.user_id, verb=verb).first()
    if deed is None:
        raise NotVisible
    return deed


def carry_out(*, deed: BulkDeed, seen: Mapping[UUID, int], act: Act, by: Actor) -> None:
    """Do to each lead what is to be done, unless it was answered already.

    :param seen: id of a lead -> the number of its last wave when it was chosen.
    :param act: makes the one call for a lead, and says in a sentence what came of it.
    """
    for lead_id in deed.leads:
        try:
            _answer(deed=deed, lead_id=lead_id, wave=seen.get(lead_id), act=act, by=by)
        except Exception:
            # What was begun for this lead is undone; the others are not its business.
            logger.exception("A deed failed for one of its leads: %s", deed.verb)
            _keep(deed=deed, lead_id=lead_id, answer=Answer(is_done=False, words=gettext(FAILED)))


def answers_of(deed: BulkDeed) -> dict[UUID, Answer]:
    """Tell what was answered for each lead, as far as it was."""
    return {
        UUID(lead_id): Answer(is_done=answer["done"], words=answer["words"])
        for lead_id, answer in deed.answers.items()
    }


@in_tenant_of("deed")
def _answer(*, deed: BulkDeed, lead_id: UUID, wave: int | None, act: Act, by: Actor) -> None:
    if _locked(deed, lead_id) is None:
        return
    try:
        with transaction.atomic():
            words = _act_on(lead_id, wave, act, by)
        answer = Answer(is_done=True, words=words)
    except Refusal as refusal:
        answer = Answer(is_done=False, words=refusal.in_words())
    _keep(deed=deed, lead_id=lead_id, answer=answer)


def _act_on(lead_id: UUID, wave: int | None, act: Act, by: Actor) -> str:
    lead = leads_visible_to(by).filter(id=lead_id).first()
    if lead is None:
        raise NotVisible
    if lock_lead(lead_id).wave != wave:
        raise LeadMovedOn
    return act(lead, clock.now())


@in_tenant_of("deed")
def _keep(*, deed: BulkDeed, lead_id: UUID, answer: Answer) -> None:
    locked = _locked(deed, lead_id)
    if locked is not None:
        locked.answers[str(lead_id)] = {"done": answer.is_done, "words": answer.words}
        locked.save(update_fields=["answers"])


def _locked(deed: BulkDeed, lead_id: UUID) -> BulkDeed | None:
    """Lock a deed, before its lead; ``None`` if the lead is answered already."""
    locked = BulkDeed.objects.select_for_update(no_key=True).get(id=deed.id)
    return None if str(lead_id) in locked.answers else locked
