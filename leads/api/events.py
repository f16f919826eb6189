"""The feed of everything that happens to leads, for programs that ask again and again."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.pagination import Feed
from leads.api.outputs import FEED_EVENT, FeedEventOutput
from leads.selectors import settled_events_of
from partners.api.views import ApiView
from partners.roles import Capability


class EventsView(ApiView):
    """``/events/``."""

    needs = {"GET": Capability.FOLLOW_EVENTS}
    ordering = ("transaction", "lead_id", "sequence")
    pagination_class = Feed

    @extend_schema(operation_id="list_events", responses=FeedEventOutput(many=True))
    def get(self, request: Request) -> Response:
        """List every fact once, oldest first; ask on with `after`, the `cursor` of the last answer.

        A fact appears as soon as all transactions have ended that began to write before its own,
        which takes milliseconds as a rule, so that none can appear before a cursor. The facts of a
        lead carry a `sequence` without gaps.
        """
        return self.answer_page(settled_events_of(self.actor), FEED_EVENT)
