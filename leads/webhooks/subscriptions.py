"""Which addresses are told of what: added, changed, switched on and off, given new secrets."""

import base64
import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor, system_actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.outgoing import check_address
from leadhub.core.sealed import seal, unseal
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn
from leads.models import EventType, Webhook, WebhookStanding
from leads.models.webhooks import OffReason, WebhookQuerySet
from partners.changes import record_change

MOST_WEBHOOKS = 20
LONGEST_NAME = 120
EVENT_TYPES: tuple[str, ...] = tuple(EventType.values)
OFF_REASONS: tuple[str, ...] = tuple(OffReason.values)
# How long the secret so far signs beside its successor.
OVERLAP, LONGEST_OVERLAP = timedelta(days=1), timedelta(days=30)

PURPOSE = "webhook"
SECRET_BYTES = 32
_PREFIX = "whsec_"


class TooManyWebhooks(StateConflict):
    """A manufacturer has as many webhooks as it may have."""

    code = "too_many_webhooks"
    message = gettext_noop("There are 20 webhooks already. Remove one of them first.")


class StillChangingOver(StateConflict):
    """Two secrets sign already, and a third would leave programs behind that know the first."""

    code = "still_changing_over"
    message = gettext_noop(
        "The secret before this one is still valid. Wait until it ends, or end both at once."
    )


def webhooks_visible_to(actor: Actor) -> WebhookQuerySet:
    """Find the webhooks of a manufacturer; partners have none and see none.

    Each comes with ``failing_since``: since when nothing got through to it, if that is so.
    """
    webhooks = Webhook.objects.kept().filter(manufacturer=actor.manufacturer_id)
    if actor.is_partner:
        return webhooks.none()
    return webhooks.annotate(failing_since=F("standings__failing_since"))


@in_tenant_of("by")
def add_webhook(
    *,
    url: str,
    by: Actor,
    at: datetime,
    name: str = "",
    event_types: Collection[str] | None = None,
) -> tuple[Webhook, str]:
    """Have an address told of what is recorded from now on.

    :param name: what it is called; without one its host.
    :param event_types: of which it is told; without them all that there are now.
    :returns: the webhook, and its secret, which cannot be read again.
    :raises InvalidInput: naming ``url`` or ``event_types``.
    :raises TooManyWebhooks: if there are ``MOST_WEBHOOKS``.
    """
    wait_for_turn("webhooks", by.manufacturer_id)
    if webhooks_visible_to(by).count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks
    host, secret = check_address(url).host, _new_secret()
    webhook = Webhook.objects.create(
        manufacturer_id=by.manufacturer_id,
        name=name or host[:LONGEST_NAME],
        url=url,
        event_types=_checked_types(EVENT_TYPES if event_types is None else event_types),
        secret_sealed=seal(secret, purpose=PURPOSE),
        created_at=at,
    )
    WebhookStanding.objects.create(manufacturer_id=by.manufacturer_id, webhook=webhook)
    _record(webhook, by=by, after=_recorded(webhook))
    return webhook, secret


@in_tenant_of("by")
def change_webhook(
    *,
    webhook: Webhook,
    by: Actor,
    at: datetime,
    name: str | None = None,
    url: str | None = None,
    event_types: Collection[str] | None = None,
    is_on: bool | None = None,
) -> Webhook:
    """Change what is named; what is ``None`` stays.

    What happens while a webhook is off it is never told of; switched on again, it is told of what
    is recorded from then on.

    :raises InvalidInput: naming ``url`` or ``event_types``.
    """
    webhook = _locked(webhook.id)
    before = _recorded(webhook)
    if name is not None:
        webhook.name = name
    if url is not None:
        check_address(url)
        webhook.url = url
    if event_types is not None:
        webhook.event_types = _checked_types(event_types)
    if is_on is True and webhook.off_since is not None:
        webhook.off_since, webhook.off_because = None, ""
        WebhookStanding.objects.filter(webhook=webhook).update(
            read_up_to=Now(), failing_since=None, held_until=None
        )
    if is_on is False and webhook.off_since is None:
        webhook.off_since, webhook.off_because = at, OffReason.SWITCHED_OFF
    if _record(webhook, by=by, before=before, after=_recorded(webhook)):
        webhook.save()
    return webhook


@in_tenant_of("by")
def rotate_secret(
    *, webhook: Webhook, by: Actor, at: datetime, overlap: timedelta = OVERLAP
) -> str:
    """Give a webhook a new secret; until the overlap is over messages carry both signatures.

    :param overlap: zero ends what is valid now at once; at most ``LONGEST_OVERLAP``.
    :returns: the new secret, which cannot be read again.
    :raises StillChangingOver: if two are valid and neither is to end at once.
    """
    webhook = _locked(webhook.id)
    overlap = min(max(overlap, timedelta()), LONGEST_OVERLAP)
    if overlap and webhook.previous_until is not None and webhook.previous_until > at:
        raise StillChangingOver
    secret = _new_secret()
    webhook.previous_sealed = webhook.secret_sealed if overlap else ""
    webhook.previous_until = at + overlap if overlap else None
    webhook.secret_sealed = seal(secret, purpose=PURPOSE)
    webhook.save(update_fields=["previous_sealed", "previous_until", "secret_sealed"])
    _record(webhook, by=by, before={}, after={"renewed_at": at})
    return secret


@in_tenant_of("by")
def remove_webhook(*, webhook: Webhook, by: Actor, at: datetime) -> bool:
    """Tell an address nothing any more, and forget its secrets; ``False`` if that was done before.

    What waits for it is dropped when it falls due.
    """
    found = Webhook.objects.kept().select_for_update().filter(id=webhook.id).first()
    if found is None:
        return False
    _record(found, by=by, before=_recorded(found))
    found.removed_at = at
    found.secret_sealed = found.previous_sealed = ""
    found.save(update_fields=["removed_at", "secret_sealed", "previous_sealed"])
    return True


def switch_off(*, webhook_id: UUID, because: OffReason, at: datetime) -> Webhook | None:
    """Tell a webhook nothing more of itself that does not want it, or cannot take it.

    :returns: the webhook; ``None`` if it was off already, or is gone.
    """
    webhook = Webhook.objects.on().select_for_update().filter(id=webhook_id).first()
    if webhook is None:
        return None
    before = _recorded(webhook)
    webhook.off_since, webhook.off_because = at, because
    webhook.save(update_fields=["off_since", "off_because"])
    by = system_actor(webhook.manufacturer_id, "webhooks")
    _record(webhook, by=by, before=before, after=_recorded(webhook))
    return webhook


def signing_keys(webhook: Webhook, *, at: datetime) -> list[bytes]:
    """Read what messages to a webhook are signed by: one key, or two while programs change over.

    :raises CannotUnseal: if the installation's key is another one.
    """
    sealed = [webhook.secret_sealed]
    if webhook.previous_until is not None and webhook.previous_until > at:
        sealed.append(webhook.previous_sealed)
    texts = (unseal(one, purpose=PURPOSE) for one in sealed)
    return [base64.b64decode(text.removeprefix(_PREFIX)) for text in texts]


def _new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _locked(webhook_id: UUID) -> Webhook:
    webhook = Webhook.objects.kept().select_for_update().filter(id=webhook_id).first()
    if webhook is None:
        raise NotVisible
    return webhook


def _checked_types(types: Collection[str]) -> list[str]:
    unknown = sorted(set(types) - set(EVENT_TYPES))
    if unknown:
        raise InvalidInput(
            field="event_types",
            message=gettext_noop("There is no event type %(unknown)s."),
            params={"unknown": ", ".join(unknown)},
            code="unknown",
        )
    if not types:
        message = gettext_noop("Choose at least one thing.")
        raise InvalidInput(field="event_types", message=message, code="required")
    return [one for one in EVENT_TYPES if one in types]


def _recorded(webhook: Webhook) -> dict[str, Any]:
    """Tell what is recorded of a webhook: of its address the host, for the rest may let in.

    Six digits tell another address at the same host apart.
    """
    mark = hashlib.sha256(webhook.url.encode()).hexdigest()[:6]
    return {
        "name": webhook.name,
        "address": f"{urlsplit(webhook.url).hostname} …{mark}",
        "event_types": webhook.event_types,
        "off_because": webhook.off_because,
    }


def _record(
    webhook: Webhook,
    *,
    by: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> bool:
    return record_change(
        by=by, kind="webhook", key=webhook.id, name=webhook.name, before=before, after=after
    )
