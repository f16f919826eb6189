"""Why these partners: the page that tells the desk how each wave of a lead was decided."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from leadhub.core import clock
from leadhub.core.maps import Circle, Picture, Sign, draw_map
from leadhub.core.pages.answers import show
from leads.dossier import Excluded, Ranked, Round, Routing, counted_gate, read_routing
from leads.reasons import reasons_in_words, words_of_gate, words_of_term
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

PAGE = "leads/desk/routing.html"
# So many of those left out stand on the map; all that are known stand in the tables.
LEFT_OUT_ON_MAP = 40
# Where nobody was asked the map shows the lead among so many of those left out.
AIMED_AT = 5
# What kind of partner a sign stands for: its shape and its tone.
LEAD, TAKEN, ASKED, RANKED = (
    ("star", "accent"),
    ("disc", "success"),
    ("disc", "primary"),
    ("dot", "primary"),
)


@desk_page(Capability.EXPLAIN_ROUTING)
@require_safe
def show_routing(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Explain whom each wave of a lead asked, whom it did not, and why."""
    routing = read_routing(lead_id, actor=request.person.at_desk)
    context = {
        "place": "leads",
        "now": clock.now(),
        "lead": routing.lead,
        "may_change_policies": request.person.may_at_desk(Capability.CHANGE_POLICIES),
        "waves": explained(routing),
    }
    return show(request, PAGE, context)


def explained(routing: Routing) -> list[dict[str, Any]]:
    """Prepare each wave, the latest first: whom it asked, who ranked how, who was left out."""
    return [_wave(round_, routing) for round_ in routing.rounds]


def _wave(round_: Round, routing: Routing) -> dict[str, Any]:
    wave = round_.wave
    counts = sorted(wave.excluded_counts.items(), key=lambda item: -item[1])
    named = sum(len(partners) for partners in round_.excluded.values())
    return {
        "number": wave.number,
        "opened_at": wave.opened_at,
        "respond_by": wave.respond_by,
        "is_open": routing.is_open(round_),
        "policy": round_.policy,
        "policy_id": wave.policy_id,
        "radius_km": round_.radius_km,
        "offers": round_.offers,
        "terms": [
            {"words": words_of_term(term), "weight": 100 * round_.weights.get(term, 0)}
            for term in wave.matches["terms"]
        ],
        "ranked": [_ranked(ranked, round_.weights) for ranked in round_.ranked],
        "more": round_.more,
        "is_cut": wave.is_cut,
        "counts": [{"words": words_of_gate(code), "count": count} for code, count in counts],
        "left_out": sum(wave.excluded_counts.values()),
        "named": named,
        "excluded": list(_excluded(round_, routing.level_names)),
        "picture": draw_wave(round_, routing),
        "has_more_ranked": any(ranked.offer is None for ranked in round_.ranked),
        "taken_by": routing.lead.partner_id,
    }


def _ranked(ranked: Ranked, weights: Mapping[str, float]) -> dict[str, Any]:
    """Prepare a line of the ranking; values, weights and their products in points of 100."""
    terms = ranked.match["terms"]
    return {
        "rank": ranked.match["rank"],
        "partner": ranked.partner,
        "distance_km": ranked.match["distance_km"],
        "score": 100 * ranked.match["score"],
        "terms": [
            {
                "words": words_of_term(term),
                "value": round(100 * value),
                "points": 100 * value * weights.get(term, 0),
            }
            for term, value in terms.items()
        ],
        "offer": ranked.offer,
    }


def _excluded(round_: Round, level_names: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    for code, partners in round_.excluded.items():
        yield {
            "words": words_of_gate(code),
            "all": round_.wave.excluded_counts.get(code, len(partners)),
            "partners": [
                {
                    "partner": excluded.partner,
                    "distance_km": excluded.distance_km,
                    "reasons": reasons_in_words(excluded.gates, level_names=level_names),
                }
                for excluded in partners
            ],
        }


def draw_wave(round_: Round, routing: Routing) -> Picture | None:
    """Draw the lead, the wave's radius, who was asked and who was not; nothing without a place."""
    lead = routing.lead
    if lead.latitude is None or lead.longitude is None:
        return None
    signs = [_sign_of_lead(lead)]
    signs += [_sign_of_ranked(ranked, lead.partner_id) for ranked in round_.ranked]
    has_asked = any(ranked.offer for ranked in round_.ranked)
    for place, excluded in enumerate(_nearest(round_)):
        is_aim = not has_asked and round_.radius_km is None and place < AIMED_AT
        signs.append(_sign_of_excluded(excluded, is_aim=is_aim))
    # Who matters most is drawn last, over the others.
    signs.reverse()
    circles = [Circle(lead.latitude, lead.longitude, round_.radius_km)] if round_.radius_km else []
    return draw_map(signs, circles)


def draw_asked(routing: Routing) -> Picture | None:
    """Draw the lead and whom its latest wave asked."""
    lead = routing.lead
    if lead.latitude is None or lead.longitude is None:
        return None
    latest = routing.rounds[0] if routing.rounds else None
    asked = [one for one in latest.ranked if one.offer] if latest else []
    signs = [_sign_of_ranked(one, lead.partner_id) for one in reversed(asked)]
    radius = latest.radius_km if latest else None
    circles = [Circle(lead.latitude, lead.longitude, radius)] if radius else []
    return draw_map([*signs, _sign_of_lead(lead)], circles)


def _nearest(round_: Round) -> list[Excluded]:
    """Choose the excluded that a map can show without losing sight of the lead."""
    excluded = [one for group in round_.excluded.values() for one in group]
    located = [one for one in excluded if one.distance_km is not None]
    return sorted(located, key=lambda one: one.distance_km or 0)[:LEFT_OUT_ON_MAP]


def _sign_of_lead(lead: Any) -> Sign:
    shape, tone = LEAD
    label = f"{lead.postal_code} {lead.city}".strip()
    return Sign(lead.latitude, lead.longitude, shape, tone, label)


def _sign_of_ranked(ranked: Ranked, holder_id: UUID | None) -> Sign:
    partner, rank = ranked.partner, ranked.match["rank"]
    is_asked = ranked.offer is not None
    kind = TAKEN if partner.id == holder_id else ASKED if is_asked else RANKED
    return Sign(
        partner.latitude,
        partner.longitude,
        *kind,
        label=f"{rank}. {partner.name}",
        text=str(rank) if kind != RANKED else "",
        is_aim=is_asked,
    )


def _sign_of_excluded(excluded: Excluded, *, is_aim: bool) -> Sign:
    partner, words = excluded.partner, words_of_gate(counted_gate(excluded.gates).code)
    return Sign(
        partner.latitude,
        partner.longitude,
        words.shape,
        "open",
        label=f"{partner.name}: {words.name}",
        is_aim=is_aim,
    )
