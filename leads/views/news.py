"""Whether a page that shows how things stand is still right: asked often, answered briefly."""

from datetime import datetime

from django.views.decorators.http import require_safe

from leadhub.core.pages.answers import state_of
from leads.inbox import Glance, glance_at_offer, glance_at_offers
from partners.watching import Watch, watched


def state_of_inbox(glances: list[Glance]) -> str:
    """Name what an inbox shows."""
    return state_of("inbox", *glances)


def state_of_offer(glance: Glance | None) -> str:
    """Name what the page of one offer shows."""
    return state_of("offer", glance)


@require_safe
@watched
def tell_news(watch: Watch, at: datetime) -> str:
    """Name the present state of the page that asks."""
    if watch.about is None:
        return state_of_inbox(glance_at_offers(watch.partner_ids, at=at))
    return state_of_offer(glance_at_offer(watch.partner_ids, watch.about, at=at))
