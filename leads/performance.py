"""What partners make of their leads, as the score's term ``performance``.

Counted for each partner and product line over the last year, from three questions: of its picks,
how many did it win; of the offers it could answer, how many did it accept; on how many of its picks
did it give feedback? Worked out in the background and carried by portfolio items, never in a
request. Test leads are left out; imported history counts, as it does in the figures.

A rate is shrunk towards the network's mean by empirical Bayes, because three leads prove nothing:
the partners' true rates are taken to follow a Beta distribution, whose mean and strength are
estimated by moments from all partners of the manufacturer and line (J. C. Kleinman, "Proportions
with Extraneous Variance: Single and Independent Samples", Journal of the American Statistical
Association 68 (1973), 46-54). With x_i successes in n_i trials, p_i = x_i / n_i, N = sum(n_i):

    m = sum(x_i) / N                        the mean
    S = sum(n_i * (p_i - m)^2)              how far partners lie from it
    A = N - sum(n_i^2) / N,  B = k - 1      k partners
    g = (S - m (1 - m) B) / (m (1 - m) (A - B))    how much of that is more than chance
    strength = 1 / g - 1                    leads that the mean is worth
    shrunk = (x_i + m * strength) / (n_i + strength)

Partners that differ by no more than chance would (g <= 0) are all like the network. The strength
is never less than ``LEAST_STRENGTH``, so that three leads move nobody by more than a seventh of the
way.

A shrunk rate becomes a term by the odds that this partner rather than the average one would have
succeeded (R. A. Bradley and M. E. Terry, "Rank Analysis of Incomplete Block Designs", Biometrika 39
(1952), 324-345): odds / (odds + odds of the mean), 0.5 for a partner that is like the network, and
so for one of whom nothing is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from leadhub.core.tenancy.context import system_context, tenant_context
from leadhub.core.turns import wait_for_turn
from leads.matching import USUAL_PERFORMANCE
from leads.models import PartnerPerformance
from partners.models import Manufacturer

# So long ago a pick or an offer may lie to count.
COUNTED = timedelta(days=365)
# A pick that is still open after so long should have been closed: it counts as not won.
RIPE = timedelta(days=90)
# On a pick so old, feedback was due.
FEEDBACK_AFTER = timedelta(days=1)
# A declined offer is worth half an accepted one: saying no costs less than silence (O8).
DECLINED = 0.5
LEAST_STRENGTH, GREATEST_STRENGTH = 20.0, 1_000.0
# How much of the score each rate is.
SHARES: Mapping[str, float] = {"conversion": 0.5, "acceptance": 0.25, "feedback": 0.25}
DIGITS = 3


class Tally(NamedTuple):
    """How often something could have succeeded, and did."""

    successes: float
    trials: int


class Prior(NamedTuple):
    """What is expected of a partner of whom nothing is known.

    :ivar strength: how many leads of its own weigh as much as the network's mean.
    """

    mean: float
    strength: float


def prior_of(tallies: Iterable[Tally]) -> Prior | None:
    """Estimate the network's Beta distribution by moments; see above.

    :returns: ``None`` without a single trial.
    """
    tried = [tally for tally in tallies if tally.trials > 0]
    total = sum(tally.trials for tally in tried)
    if not total:
        return None
    mean = sum(tally.successes for tally in tried) / total
    return Prior(mean, _strength(tried, mean, total))


def _strength(tried: Sequence[Tally], mean: float, total: int) -> float:
    chance = mean * (1 - mean)
    within = len(tried) - 1
    between = total - sum(tally.trials**2 for tally in tried) / total
    if chance <= 0 or between - within <= 0:
        return GREATEST_STRENGTH
    spread = sum(tally.trials * (tally.successes / tally.trials - mean) ** 2 for tally in tried)
    excess = (spread - chance * within) / (chance * (between - within))
    if excess <= 0:
        return GREATEST_STRENGTH
    return min(max(1 / excess - 1, LEAST_STRENGTH), GREATEST_STRENGTH)


def shrink(tally: Tally, prior: Prior) -> float:
    """Move a partner's rate towards the network's mean, the more the less is known of it."""
    return (tally.successes + prior.mean * prior.strength) / (tally.trials + prior.strength)


def beside_mean(rate: float, mean: float) -> float:
    """Tell where in [0, 1] a rate stands beside the network's: 0.5 at its mean; see above."""
    mine, others = rate * (1 - mean), mean * (1 - rate)
    return mine / (mine + others) if mine + others > 0 else USUAL_PERFORMANCE


class Counts(NamedTuple):
    """What is counted of a partner and product line; see ``PartnerPerformance``."""

    partner_id: UUID
    product_line_id: UUID
    picks: int
    won: int
    offers: int
    accepted: float
    feedback_expected: int
    feedback_given: int

    def tally(self, rate: str) -> Tally:
        """Read what one rate is made of."""
        return {
            "conversion": Tally(self.won, self.picks),
            "acceptance": Tally(self.accepted, self.offers),
            "feedback": Tally(self.feedback_given, self.feedback_expected),
        }[rate]


def judge(counts: Sequence[Counts]) -> list[dict[str, Any]]:
    """Work out the rates and scores of all partners of one product line."""
    priors = {rate: prior_of(count.tally(rate) for count in counts) for rate in SHARES}
    return [{**count._asdict(), **_rates(count, priors)} for count in counts]


def _rates(count: Counts, priors: Mapping[str, Prior | None]) -> dict[str, float]:
    """Shrink each rate; one that nobody in the network has any trial of says nothing."""
    rates = {name: shrink(count.tally(name), prior) for name, prior in priors.items() if prior}
    score = sum(
        share
        * (
            beside_mean(rates[name], prior.mean)
            if (prior := priors[name]) is not None
            else USUAL_PERFORMANCE
        )
        for name, share in SHARES.items()
    )
    shown = {name: round(rates.get(name, 0.0), DIGITS) for name in SHARES}
    return {**shown, "score": round(score, DIGITS)}


def refresh_performance(*, at: datetime) -> int:
    """Count anew for every manufacturer; write only what has changed.

    :returns: how many portfolio items carry another figure now.
    """
    with system_context("performance.tenants"):
        tenants = list(Manufacturer.objects.order_by("id").values_list("id", flat=True))
    return sum(refresh_performance_of(tenant, at=at) for tenant in tenants)


def refresh_performance_of(manufacturer_id: UUID, *, at: datetime) -> int:
    """Count anew for one manufacturer, in a transaction of its own."""
    with tenant_context(manufacturer_id):
        by_line: dict[UUID, list[Counts]] = {}
        for count in _count(manufacturer_id, at):
            by_line.setdefault(count.product_line_id, []).append(count)
        rows = [row for counts in by_line.values() for row in judge(counts)]
        _keep(manufacturer_id, rows, at)
        # Whoever saves a partner writes the same items anew.
        wait_for_turn("ranks", manufacturer_id)
        return _carry(manufacturer_id)


def _keep(manufacturer_id: UUID, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    PartnerPerformance.objects.bulk_create(
        [
            PartnerPerformance(manufacturer_id=manufacturer_id, computed_at=at, **row)
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["manufacturer", "partner", "product_line"],
        update_fields=[*(name for name in Counts._fields[2:]), *SHARES, "score", "computed_at"],
        batch_size=1_000,
    )
    # Of whom there is nothing to count any more, nothing is known.
    PartnerPerformance.objects.filter(manufacturer=manufacturer_id, computed_at__lt=at).delete()


def _count(manufacturer_id: UUID, at: datetime) -> list[Counts]:
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "manufacturer": manufacturer_id,
                "at": at,
                "since": at - COUNTED,
                "ripe": at - RIPE,
                "feedback": at - FEEDBACK_AFTER,
                "declined": DECLINED,
            },
        )
        return [Counts(*row) for row in cursor.fetchall()]


def _carry(manufacturer_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_CARRY, {"manufacturer": manufacturer_id, "usual": USUAL_PERFORMANCE})
        changed: int = cursor.rowcount
    return changed


# A withdrawn offer was taken by somebody else first and says nothing of its partner. Returns that
# the manufacturer took as the lead's fault leave the picks, as they leave the conversion rate.
_COUNT = """
    WITH lead AS NOT MATERIALIZED (
        SELECT l.id FROM leads_lead l WHERE l.manufacturer_id = %(manufacturer)s AND NOT l.is_test
    ),
    pick AS (
        SELECT a.partner_id, w.product_line_id,
            count(*) FILTER (
                WHERE (a.outcome IS NOT NULL OR a.accepted_at <= %(ripe)s)
                  AND a.return_verdict IS DISTINCT FROM 'CONFIRMED') AS picks,
            count(*) FILTER (WHERE a.outcome = 'WON') AS won,
            count(*) FILTER (
                WHERE a.first_feedback_at IS NOT NULL OR a.accepted_at <= %(feedback)s)
                AS feedback_expected,
            count(a.first_feedback_at) AS feedback_given
        FROM leads_assignment a
        JOIN lead ON lead.id = a.lead_id
        JOIN leads_leadproductline w
            ON w.manufacturer_id = a.manufacturer_id AND w.lead_id = a.lead_id
        WHERE a.manufacturer_id = %(manufacturer)s
          AND a.accepted_at > %(since)s AND a.accepted_at <= %(at)s
        GROUP BY 1, 2
    ),
    offer AS (
        SELECT o.partner_id, w.product_line_id, count(*) AS offers,
            sum(CASE o.status WHEN 'DECLINED' THEN %(declined)s WHEN 'EXPIRED' THEN 0 ELSE 1 END)
                AS accepted
        FROM leads_leadoffer o
        JOIN lead ON lead.id = o.lead_id
        JOIN leads_leadproductline w
            ON w.manufacturer_id = o.manufacturer_id AND w.lead_id = o.lead_id
        WHERE o.manufacturer_id = %(manufacturer)s
          AND o.status IN ('ACCEPTED', 'RETURNED', 'DECLINED', 'EXPIRED')
          AND o.offered_at > %(since)s AND o.offered_at <= %(at)s
        GROUP BY 1, 2
    )
    SELECT partner_id, product_line_id, coalesce(picks, 0), coalesce(won, 0), coalesce(offers, 0),
        coalesce(accepted, 0)::float8, coalesce(feedback_expected, 0), coalesce(feedback_given, 0)
    FROM pick FULL JOIN offer USING (partner_id, product_line_id)
    ORDER BY product_line_id, partner_id
"""
_CARRY = """
    WITH wanted AS (
        SELECT i.id, coalesce(f.score, %(usual)s) AS score
        FROM partners_portfolioitem i
        LEFT JOIN leads_partnerperformance f
            ON f.manufacturer_id = i.manufacturer_id
            AND f.partner_id = i.partner_id AND f.product_line_id = i.product_line_id
        WHERE i.manufacturer_id = %(manufacturer)s
    )
    UPDATE partners_portfolioitem i SET performance = w.score
    FROM wanted w WHERE i.id = w.id AND i.performance <> w.score
"""
