"""Why these partners, as the page of a lead shows it: tables, groups and a map of the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from leads.dossier import Dossier, Excluded, Ranked, Round
from leads.reasons import TERM_NAMES, name_of_gate, reasons_in_words

# So many of those left out stand on the map; all that are known stand in the tables.
SHOWN_AT_MOST = 12


def explained(dossier: Dossier) -> list[dict[str, Any]]:
    """Prepare each wave, the latest first: whom it asked, who ranked how, who was left out."""
    return [
        {
            **_wave(round_, dossier.level_names),
            "is_open": dossier.lead.respond_by is not None
            and round_.wave.number == dossier.lead.wave,
        }
        for round_ in dossier.rounds
    ]


def _wave(round_: Round, level_names: Mapping[int, str]) -> dict[str, Any]:
    wave = round_.wave
    counts = sorted(wave.excluded_counts.items(), key=lambda item: -item[1])
    return {
        "number": wave.number,
        "opened_at": wave.opened_at,
        "respond_by": wave.respond_by,
        "policy": round_.policy,
        "radius_km": round_.radius_km,
        "offers": round_.offers,
        "terms": [
            {"name": TERM_NAMES.get(term, term), "weight": round_.weights.get(term, 0)}
            for term in wave.matches["terms"]
        ],
        "ranked": [_ranked(ranked) for ranked in round_.ranked],
        "more": round_.more,
        "is_cut": wave.is_cut,
        "counts": [{"name": name_of_gate(code), "count": count} for code, count in counts],
        "excluded": list(_excluded(round_, level_names)),
    }


def _ranked(ranked: Ranked) -> dict[str, Any]:
    terms = ranked.match["terms"]
    return {
        "rank": ranked.match["rank"],
        "partner": ranked.partner,
        "distance_km": ranked.match["distance_km"],
        "score": ranked.match["score"],
        "terms": [{"name": TERM_NAMES.get(term, term), "value": terms[term]} for term in terms],
        "offer": ranked.offer,
    }


def _excluded(round_: Round, level_names: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    for code, partners in round_.excluded.items():
        yield {
            "name": name_of_gate(code),
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


def _nearest(round_: Round) -> list[Excluded]:
    """Choose the excluded that a map can show without losing sight of the lead."""
    excluded = [one for group in round_.excluded.values() for one in group]
    located = [one for one in excluded if one.distance_km is not None]
    return sorted(located, key=lambda one: one.distance_km or 0)[:SHOWN_AT_MOST]


def places(dossier: Dossier) -> list[dict[str, Any]]:
    """List what the map shows: the lead, who was asked, who took it, and who was left out.

    A partner that several waves speak of stands for the last of them; who was asked once, was.
    """
    lead = dossier.lead
    if lead.latitude is None or lead.longitude is None:
        return []
    kinds: dict[Any, str] = {}
    for round_ in reversed(dossier.rounds):
        for excluded in _nearest(round_):
            kinds.setdefault(excluded.partner.id, "excluded")
        for offer in round_.offers:
            kinds[offer.partner_id] = "asked"
    if lead.partner_id is not None:
        kinds[lead.partner_id] = "taken"
    radius = dossier.rounds[0].radius_km if dossier.rounds else None
    shown = [dossier.partners[partner_id] for partner_id in kinds if partner_id in dossier.partners]
    return [
        {
            "lat": lead.latitude,
            "lon": lead.longitude,
            "kind": "lead",
            "label": f"{lead.postal_code} {lead.city}".strip(),
            **({"radiusKm": radius} if radius else {}),
        },
        *(
            {
                "lat": partner.latitude,
                "lon": partner.longitude,
                "kind": kinds[partner.id],
                "label": partner.name,
            }
            for partner in shown
        ),
    ]
