"""What was tried for a lead before people were called: waves, partners asked, answers, gates."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from leads.models import LeadOffer, Wave
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


def tried_for(*, lead_id: UUID, manufacturer_id: UUID) -> Tried:
    """Read what was tried for a lead, in two queries."""
    own = {"manufacturer": manufacturer_id, "lead": lead_id}
    waves = Wave.objects.filter(**own).order_by("number")
    return summarise_tries(waves, LeadOffer.objects.filter(**own).order_by("wave", "rank"))


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
