"""Calls about routing policies."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.inputs import PolicyInput
from leads.api.outputs import POLICY, PolicyOutput
from leads.policies import publish_policy
from leads.selectors import policies_visible_to
from partners.api.views import ApiView
from partners.roles import Capability
from partners.selectors import product_line_named

POLICY_INPUT = PolicyInput()
DURATIONS = ("contact_window", "feedback_repeat")


class PoliciesView(ApiView):
    """``/policies/``."""

    needs = {"GET": Capability.SEE_POLICIES, "POST": Capability.CHANGE_POLICIES}
    ordering = ("-created_at", "-id")

    @extend_schema(operation_id="list_policies", responses=PolicyOutput(many=True))
    def get(self, request: Request) -> Response:
        """List all versions of all policies, the newest first."""
        return self.answer_page(policies_visible_to(self.actor), POLICY)

    @extend_schema(
        operation_id="publish_policy", request=PolicyInput, responses={201: PolicyOutput}
    )
    def post(self, request: Request) -> Response:
        """Store a new version; unless a draft, it holds at once for waves that open from now on."""
        policy = publish_policy(by=self.actor, at=self.at, **self._fields())
        shown = policies_visible_to(self.actor).get(id=policy.id)
        return Response(POLICY.to_representation(shown), status=201)

    def _fields(self) -> dict[str, Any]:
        sent = self.read(POLICY_INPUT)
        sent.pop("is_default", None)
        fields: dict[str, Any] = {
            "is_draft": sent.pop("draft", False),
            "waves": [{"radius_km": None, "head_start": 0, **wave} for wave in sent.pop("waves")],
        }
        if "product_line" in sent:
            code = sent.pop("product_line")
            fields["product_line_id"] = product_line_named(code, actor=self.actor)
        for name in DURATIONS:
            if name in sent:
                sent[name] = timedelta(seconds=sent[name])
        return {**sent, **fields}
