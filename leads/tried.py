"""What was tried for a lead before people were called: waves, partners asked, answers, gates."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from leads.models import Lead, LeadOffer, Wave
from leads.models.offers import OfferStatus


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried, in numbers.

    :ivar waves: how many asked somebody; ``asked`` is to how many partners the lead was offered.
    :ivar silent: partners that let it run out; ``returned`` had the lead and have it no more.
    :ivar excluded: gate code -> partners that it stopped first in the last round, the most first.
    """

    waves: int
    asked: int
    declined: int
    silent: int
    returned: int
    excluded: Mapping[str, int]


def tried_for(leads: Collection[Lead]) -> Mapping[UUID, Tried]:
    """Read what was tried for leads, in two queries whatever their number."""
    theirs = {"manufacturer__in": {lead.manufacturer_id for lead in leads}, "lead__in": leads}
    waves, offers = defaultdict[UUID, list[Wave]](list), defaultdict[UUID, list[LeadOffer]](list)
    for wave in Wave.objects.filter(**theirs).order_by("lead_id", "number"):
        waves[wave.lead_id].append(wave)
    for offer in LeadOffer.objects.filter(**theirs).order_by("lead_id", "wave", "rank"):
        offers[offer.lead_id].append(offer)
    return {lead.id: summarise_tries(waves[lead.id], offers[lead.id]) for lead in leads}


def summarise_tries(waves: Iterable[Wave], offers: Iterable[LeadOffer]) -> Tried:
    """Count what was tried; of a partner that was asked more than once the last answer counts.

    :param offers: wave by wave.
    """
    last = max(waves, key=lambda wave: wave.number, default=None)
    rows = list(offers)
    answers = Counter({offer.partner_id: offer.status for offer in rows}.values())
    counts = Counter(last.excluded_counts if last is not None else {})
    return Tried(
        waves=len({offer.wave for offer in rows}),
        asked=len({offer.partner_id for offer in rows}),
        declined=answers[OfferStatus.DECLINED],
        silent=answers[OfferStatus.EXPIRED],
        returned=answers[OfferStatus.RETURNED],
        excluded=dict(counts.most_common()),
    )
