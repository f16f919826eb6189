"""The candidates of a lead by brute force: every partner looked at, in plain Python."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from leadhub.core.geo import distance_km
from leadhub.core.tenancy.context import tenant_context
from leads.matching import PartnerProfile, failed_own_gates
from leads.models import Assignment, Lead, LeadOffer, PartnerStanding
from partners.exclusions import add_exclusion
from partners.models import Absence, Partner, PortfolioItem
from partners.network import CertificationDetails, PartnerDetails
from partners.portfolio_index import carry_absences
from tests.acting import DAY, HOUR, MINUTE, member
from tests.factories import NOON, Network, PartnerDetailsFactory

LINES = ("heat-pumps", "boilers", "stoves")
RANKS = {"silver": 1, "gold": 2, "platinum": 2}
# In Berlin, where noon is 13:00 on Monday, 2 March.
TODAY = NOON.date()
PAST = (TODAY - 2 * DAY, TODAY - DAY)
NOW = (TODAY, TODAY)
LONGER = (TODAY - DAY, TODAY + 2 * DAY)
TO_COME = (TODAY + DAY, TODAY + 5 * DAY)
EXCLUDED = [("SOURCE", "Fair"), ("EMAIL_DOMAIN", "muster.example"), ("COMPANY", "Muster GmbH")]
AGO = (HOUR, 3 * DAY, 36 * HOUR, 20 * DAY, 45 * DAY)


@dataclass
class Known:
    """A partner as it was entered, and what has been going on with it."""

    id: str
    details: PartnerDetails
    has_member: bool
    open_assignments: int
    last_offered_at: datetime | None
    overdue: int
    away: list[tuple[date, date]]
    excluded: list[tuple[str, str]]
    performance: dict[str, float]
    offered_at: list[datetime] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """What a lead asks for."""

    lines: Sequence[str]
    any_line: bool
    latitude: float | None
    longitude: float | None
    postal_code: str
    region: str
    required_rank: int | None
    source: str = "website"
    email: str = ""
    company: str = ""


def random_details(rng: random.Random) -> dict[str, Any]:
    """A partner somewhere in Germany, with whatever reach, portfolio, certificates and caps."""
    return {
        "latitude": rng.uniform(47.5, 54.5),
        "longitude": rng.uniform(6.0, 15.0),
        "radius_km": rng.choice([None, 5.0, 10.0, 30.0, 100.0, 250.0, 900.0]),
        "postal_code_areas": rng.choice([(), (), ("8",), ("80", "9"), ("80000-83499",), ("1-7",)]),
        "regions": rng.choice([(), (), (), ("DE-BY",), ("DE-BE", "DE-HH")]),
        "product_lines": rng.sample(LINES, rng.choice([0, 1, 1, 2, 3])),
        "certifications": [
            CertificationDetails(
                level=rng.choice(list(RANKS)),
                product_line=rng.choice([None, *LINES]),
                valid_until=rng.choice([None, TODAY - DAY, TODAY, TODAY + DAY]),
            )
            for _ in range(rng.choice([0, 1, 2, 3]))
        ],
        "status": rng.choice(["ACTIVE"] * 5 + ["PAUSED", "LEFT"]),
        "email": rng.choice(["", "p@example.com", "p@example.com"]),
        "cap_open": rng.choice([None, None, 0, 2]),
        "cap_per_day": rng.choice([None, None, 1]),
        "cap_per_week": rng.choice([None, None, 2]),
        "cap_per_month": rng.choice([None, None, 2]),
        "weight": rng.randint(0, 100),
    }


def make_partner(network: Network, rng: random.Random, offers: Sequence[Lead]) -> Known:
    """Enter a partner, with offers made to it before, and note all of it."""
    entered = random_details(rng)
    details = PartnerDetailsFactory.build(**entered)
    partner = network.partner(**{**entered, "external_id": details.external_id})
    known = Known(
        id=str(partner.id),
        details=details,
        has_member=rng.random() < 0.3,
        open_assignments=rng.choice([0, 0, 1, 2, 3]),
        last_offered_at=rng.choice([None, NOON - HOUR, NOON - 3 * DAY]),
        overdue=rng.choice([0, 0, 0, 1, 2]),
        away=rng.choice([[], [], [PAST], [TO_COME], [NOW], [PAST, NOW, LONGER, TO_COME]]),
        excluded=rng.choice([[], [], *([entry] for entry in EXCLUDED), EXCLUDED]),
        performance={line: rng.choice([0.5, 0.25, 0.75]) for line in details.product_lines},
    )
    known.open_assignments = max(known.open_assignments, known.overdue)
    if known.has_member:
        member(network, f"{known.id}@example.com", "PARTNER_REP", partner)
    for first_day, last_day in known.away:
        _away(partner, first_day, last_day)
    for kind, value in known.excluded:
        add_exclusion(partner=partner, kind=kind, value=value, by=network.by, at=NOON)
    for _ in range(known.overdue):
        _owe_feedback(network, partner)
    with tenant_context(network.manufacturer.id):
        for line, performance in known.performance.items():
            PortfolioItem.objects.filter(partner=partner, product_line__code=line).update(
                performance=performance
            )
        PartnerStanding.objects.create(
            partner=partner,
            manufacturer=network.manufacturer,
            open_assignments=known.open_assignments,
            last_offered_at=known.last_offered_at,
        )
        for wave in range(rng.choice([0, 0, 1, 3])):
            lead, at = rng.choice(offers), NOON - rng.choice(AGO)
            _offer(lead, known, at=at, wave=wave)
            if not lead.is_imported:
                known.offered_at.append(at)
    return known


def _away(partner: Partner, first_day: date, last_day: date) -> None:
    """Note an absence, past ones as well."""
    with tenant_context(partner.manufacturer_id):
        Absence.objects.create(
            manufacturer_id=partner.manufacturer_id,
            partner=partner,
            first_day=first_day,
            last_day=last_day,
        )
        carry_absences(partner)


def _owe_feedback(network: Network, partner: Partner) -> None:
    """Put a lead into the partner's hands that it should have told about a minute ago."""
    lead = network.lead(postal_code="00000")
    with tenant_context(network.manufacturer.id):
        Assignment.objects.create(
            manufacturer_id=network.manufacturer.id,
            lead=lead,
            partner=partner,
            accepted_at=NOON - 2 * DAY,
            feedback_due_at=NOON - MINUTE,
        )


def _offer(lead: Lead, known: Known, *, at: datetime, wave: int) -> None:
    LeadOffer.objects.create(
        manufacturer_id=lead.manufacturer_id,
        lead=lead,
        partner_id=known.id,
        wave=wave,
        rank=1,
        status=LeadOffer.Status.WITHDRAWN,
        offered_at=at,
        available_from=at,
        respond_by=at + MINUTE,
    )


def profile_of(known: Known, wanted: Wanted, asked: Sequence[str]) -> PartnerProfile:
    """What matching must come to know of a partner."""
    details = known.details
    carried = [line for line in wanted.lines if line in details.product_lines]
    carries = bool(carried) if wanted.any_line else len(carried) == len(wanted.lines)
    distance = None
    if wanted.latitude is not None and wanted.longitude is not None:
        assert details.latitude is not None
        assert details.longitude is not None
        distance = distance_km(
            wanted.latitude, wanted.longitude, details.latitude, details.longitude
        )
    counts = [_offers_since(known, days) for days in (0, 0, 1)]
    caps = (details.cap_per_day, details.cap_per_week, details.cap_per_month)
    has_cap = any(cap is not None for cap in caps)
    last = known.last_offered_at
    return PartnerProfile(
        id=known.id,
        is_active=details.status == "ACTIVE",
        is_reachable=details.email != "" or known.has_member,
        distance_km=distance,
        radius_km=details.radius_km,
        covers_by_code=_covers_by_code(details, wanted),
        carries=carries,
        certification_rank=_rank(details, wanted, carried, carries=carries),
        open_assignments=known.open_assignments,
        cap_open=details.cap_open,
        cap_per_day=details.cap_per_day,
        cap_per_week=details.cap_per_week,
        cap_per_month=details.cap_per_month,
        offers_today=counts[0] if has_cap else 0,
        offers_this_week=counts[1] if has_cap else 0,
        offers_this_month=counts[2] if has_cap else 0,
        rested_seconds=None if last is None else (NOON - last).total_seconds(),
        weight=details.weight,
        was_asked=known.id in asked,
        absent_until=max(
            (last.isoformat() for first, last in known.away if first <= TODAY <= last),
            default=None,
        ),
        overdue_feedback=known.overdue,
        conflict=_conflict(known, wanted),
        performance=_performance(known, wanted, carried, carries=carries),
    )


def _conflict(known: Known, wanted: Wanted) -> str | None:
    of_lead = {
        "SOURCE": wanted.source.lower(),
        "EMAIL_DOMAIN": wanted.email.partition("@")[2],
        "COMPANY": wanted.company.removesuffix(" AG"),
    }
    entries = {"Fair": "fair", "Muster GmbH": "Muster"}
    kinds = [kind for kind, value in known.excluded if entries.get(value, value) == of_lead[kind]]
    return min(kinds).lower() if kinds else None


def _performance(known: Known, wanted: Wanted, carried: Sequence[str], *, carries: bool) -> float:
    if not carries:
        return 0.5
    if not wanted.any_line:
        return round(sum(known.performance[line] for line in carried) / len(carried), 6)
    ranked = [
        (rank if (rank := _best_rank(known.details, line)) is not None else -1, line)
        for line in carried
    ]
    best = max(ranked)[0]
    return max(known.performance[line] for rank, line in ranked if rank == best)


def _offers_since(known: Known, days: int) -> int:
    """Monday the 2nd: the day and the week began today, the month yesterday, at midnight."""
    begin = NOON - 13 * HOUR - timedelta(days=days)
    return sum(at >= begin for at in known.offered_at)


def _covers_by_code(details: PartnerDetails, wanted: Wanted) -> bool:
    if wanted.region and wanted.region in details.regions:
        return True
    return any(_area_covers(area, wanted.postal_code) for area in details.postal_code_areas)


def _area_covers(area: str, code: str) -> bool:
    first, _, last = area.partition("-")
    if not code:
        return False
    if not last:
        return code.startswith(first)
    return first <= code[: len(first)] <= last


def _rank(
    details: PartnerDetails, wanted: Wanted, carried: Sequence[str], *, carries: bool
) -> int | None:
    best = [_best_rank(details, line) for line in (carried if carries else wanted.lines)]
    known = [rank for rank in best if rank is not None]
    if wanted.any_line and carries:
        return max(known, default=None)
    return min(known) if len(known) == len(best) else None


def _best_rank(details: PartnerDetails, line: str) -> int | None:
    latest = {(held.level, held.product_line): held for held in details.certifications}
    ranks = [
        RANKS[held.level]
        for held in latest.values()
        if held.product_line in (None, line)
        and (held.valid_until is None or held.valid_until >= TODAY)
    ]
    return max(ranks, default=None)


def first_gate(profile: PartnerProfile, required_rank: int | None, max_overdue: int) -> str | None:
    """Where a partner stops first: portfolio, area, then its own gates."""
    if not profile.carries:
        return "not_in_portfolio"
    is_near = (
        profile.distance_km is not None
        and profile.radius_km is not None
        and profile.distance_km <= profile.radius_km
    )
    if not profile.covers_by_code and not is_near:
        return "outside_area"
    gates = failed_own_gates(profile, required_rank, max_overdue)
    return gates[0].code if gates else None
