"""Calls about routing policies."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leads.api.inputs import DraftInput, PolicyInput, SimulateInput
from leads.api.outputs import POLICY, REPLAY, PolicyOutput, ReplayOutput
from leads.drafts import change_draft, discard_draft, publish_draft
from leads.policies import publish_policy
from leads.replay.jobs import request_replay
from leads.selectors import policies_visible_to, replays_visible_to
from partners.api.views import ApiView
from partners.roles import Capability
from partners.selectors import product_line_named

POLICY_INPUT, DRAFT, SIMULATE = PolicyInput(), DraftInput(), SimulateInput()
USUAL_LEADS = 1_000
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
        policy = publish_policy(
            by=self.actor, at=self.at, **_rules_of(self.read(POLICY_INPUT), self.actor)
        )
        shown = policies_visible_to(self.actor).get(id=policy.id)
        return Response(POLICY.to_representation(shown), status=201)


def _rules_of(sent: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Write what was sent as ``publish_policy`` takes it."""
    sent.pop("is_default", None)
    fields: dict[str, Any] = {"is_draft": sent.pop("draft", False)}
    if "product_line" in sent:
        code = sent.pop("product_line")
        fields["product_line_id"] = product_line_named(code, actor=actor)
    return {**_in_their_types(sent), **fields}


def _in_their_types(sent: dict[str, Any]) -> dict[str, Any]:
    """Write waves and durations as the domain takes them."""
    usual = {"radius_km": None, "head_start": 0}
    durations = {name: timedelta(seconds=sent[name]) for name in DURATIONS if name in sent}
    return {**sent, **durations, "waves": [{**usual, **wave} for wave in sent["waves"]]}


def _keep_reach(sent: dict[str, Any], draft: Any) -> None:
    """Take what a draft is for out of what was sent; it may be repeated, but not changed.

    :raises InvalidInput: if it is another.
    """
    line = draft.product_line
    held = {
        "is_default": draft.is_default,
        "product_line": line.code if line else None,
        "source": draft.source,
    }
    for field, value in held.items():
        if sent.pop(field, value) != value:
            raise InvalidInput(
                field=field,
                message="A draft stays for the leads it was written for; write another for these.",
                code="fixed",
            )


class PolicyView(ApiView):
    """``/policies/{id}/``."""

    needs = {
        "GET": Capability.SEE_POLICIES,
        "PUT": Capability.CHANGE_POLICIES,
        "DELETE": Capability.CHANGE_POLICIES,
    }

    @extend_schema(operation_id="read_policy", responses=PolicyOutput)
    def get(self, request: Request, policy_id: str) -> Response:
        """Read one version of a policy."""
        policy = self.find(policies_visible_to(self.actor), policy_id)
        return Response(POLICY.to_representation(policy))

    @extend_schema(operation_id="change_draft", request=DraftInput, responses=PolicyOutput)
    def put(self, request: Request, policy_id: str) -> Response:
        """Write a draft anew; what was published never changes.

        :raises NotADraft: if it was published.
        :raises DraftChanged: if `created_at` is sent and somebody changed the draft since.
        """
        policies = policies_visible_to(self.actor)
        draft = self.find(policies, policy_id)
        sent = self.read(DRAFT)
        _keep_reach(sent, draft)
        sent.pop("draft", None)
        seen = sent.pop("created_at", None)
        change_draft(policy=draft, by=self.actor, at=self.at, seen=seen, **_in_their_types(sent))
        return Response(POLICY.to_representation(policies.get(id=draft.id)))

    @extend_schema(operation_id="discard_policy", responses={204: None})
    def delete(self, request: Request, policy_id: str) -> Response:
        """Throw a draft away, with its simulations; what was published stays."""
        policy = self.find(policies_visible_to(self.actor), policy_id)
        discard_draft(policy=policy, by=self.actor)
        return Response(status=204)


class PublishView(ApiView):
    """``/policies/{id}/publish/``."""

    needs = {"POST": Capability.CHANGE_POLICIES}

    @extend_schema(operation_id="publish_draft", request=None, responses=PolicyOutput)
    def post(self, request: Request, policy_id: str) -> Response:
        """Let a draft hold for waves of leads that are routed from now on."""
        policies = policies_visible_to(self.actor)
        publish_draft(policy=self.find(policies, policy_id), by=self.actor, at=self.at)
        return Response(POLICY.to_representation(self.find(policies, policy_id)))


class SimulateView(ApiView):
    """``/policies/simulate/``."""

    needs = {"POST": Capability.CHANGE_POLICIES}

    @extend_schema(
        operation_id="simulate_policy", request=SimulateInput, responses={202: ReplayOutput}
    )
    def post(self, request: Request) -> Response:
        """Try a policy out on the last leads that it would hold for, in the background.

        Rules that are sent are kept as a draft. The answer is a job: ask for it until it is `DONE`
        or `FAILED`.
        """
        sent = self.read(SIMULATE)
        leads = sent.pop("leads", USUAL_LEADS)
        against = self._named("against", sent.pop("against")) if "against" in sent else None
        replay = request_replay(
            policy=self._named("policy", sent["policy"]) if "policy" in sent else self._keep(sent),
            against=against,
            leads=leads,
            by=self.actor,
            at=self.at,
        )
        return Response(REPLAY.to_representation(replay), status=202)

    def _keep(self, sent: dict[str, Any]) -> Any:
        rules = {**_rules_of(sent, self.actor), "is_draft": True}
        return publish_policy(by=self.actor, at=self.at, **rules)

    def _named(self, field: str, policy_id: Any) -> Any:
        policy = policies_visible_to(self.actor).filter(id=policy_id).first()
        if policy is None:
            raise InvalidInput(field=field, message="There is no such policy.", code="unknown")
        return policy


class SimulationView(ApiView):
    """``/policies/simulations/{id}/``."""

    needs = {"GET": Capability.SEE_POLICIES}

    @extend_schema(operation_id="read_simulation", responses=ReplayOutput)
    def get(self, request: Request, replay_id: str) -> Response:
        """Tell how far a simulation has come, and what came out."""
        replay = self.find(replays_visible_to(self.actor), replay_id)
        return Response(REPLAY.to_representation(replay))
