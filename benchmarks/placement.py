"""How well our default policy places leads, beside the rule of the best-known open-source peer.

One synthetic network and one model of how partners behave (``benchmarks.placing``), both seeded,
on a simulated clock; ours runs over the same pure ``match_partners`` as live routing. A lead is
placed when a partner that may have it accepts it. Distance and what is wrong are measured over the
partners that the leads went to; a lead that nobody took waited for ever, in the median of times
too. Exposure is how often each partner was asked for each lead that it could have had, as on the
page of fairness. How evenly offers alone are spread stands beside it: partners that sell more,
farther around, in busier regions are asked for more leads by any rule that looks at these, even by
one that always asks whoever was asked least; that one is run too, for about what the gates leave.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.report import Figure, tell

FAR_KM, HOUR = 50.0, 3_600.0
MORE_UNEVEN_AT_MOST = 0.05


@dataclass(frozen=True)
class Measures:
    """What is measured of one way to place leads; shares in per cent."""

    median_km: float
    p90_km: float
    far: float
    wrong_line: float
    wrong_rank: float
    not_placed: float
    median_minutes: float
    called_in_an_hour: float
    gini: float
    gini_of_offers: float


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: a small network")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    partners, leads = (400, 2_000) if options.quick else (2_000, 20_000)
    _set_up()
    from benchmarks.placing.rules import AskedLeastFirst, OurDefault, PeersRule  # noqa: PLC0415 - Django is set up
    from benchmarks.placing.world import fresh, make_world  # noqa: PLC0415

    world = make_world(seed=options.seed, partners=partners, leads=leads)
    ours = _measure(OurDefault(world).run())
    peers = _measure(PeersRule(fresh(world)).run())
    even = _measure(AskedLeastFirst(fresh(world)).run())
    title = f"{leads:,} leads among {partners:,} partners; limit: the peer's rule"
    return tell(title, _figures(ours, peers, even))


def _set_up() -> None:
    import os  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadhub.settings")
    os.environ.setdefault("SECRET_KEY", "a benchmark keeps no secrets, and needs no database")
    import django  # noqa: PLC0415

    django.setup()


def _figures(ours: Measures, peers: Measures, even: Measures) -> list[Figure]:
    lower = (
        ("distance, median", "median_km", "km"),
        ("distance, p90", "p90_km", "km"),
        (f"beyond {FAR_KM:g} km", "far", "%"),
        ("wrong portfolio", "wrong_line", "%"),
        ("wrong certification", "wrong_rank", "%"),
        ("not placed though possible", "not_placed", "%"),
        ("time to placement, median", "median_minutes", "min"),
    )
    figures = [
        _better(name, getattr(ours, field), getattr(peers, field), unit)
        for name, field, unit in lower
    ]
    called = (ours.called_in_an_hour, peers.called_in_an_hour)
    figures.append(
        Figure("called within an hour", called[0], "%", called[1], "more", called[0] > called[1])
    )
    figures += [
        Figure("offers alone, Gini", ours.gini_of_offers, "", peers.gini_of_offers),
        Figure("offers alone, to whoever was asked least", even.gini_of_offers, ""),
    ]
    figures.append(
        Figure(
            "exposure, Gini",
            ours.gini,
            "",
            peers.gini,
            f"at most {MORE_UNEVEN_AT_MOST} more",
            ours.gini <= peers.gini + MORE_UNEVEN_AT_MOST,
        )
    )
    return figures


def _better(name: str, ours: float, peers: float, unit: str) -> Figure:
    return Figure(name, ours, unit, peers, "less", ours < peers)


def _measure(outcome: "Outcome") -> Measures:  # type: ignore[name-defined] # noqa: F821
    from leadhub.core.inequality import gini  # noqa: PLC0415

    went = [one for one in outcome.placed if one.partner is not None]
    distances = sorted(one.km for one in went)
    possible = [one for one in outcome.placed if one.had_eligible]
    waits = sorted(math.inf if one.seconds is None else one.seconds / 60 for one in possible)
    called = sum(
        one.contact_seconds is not None and one.contact_seconds <= HOUR for one in outcome.placed
    )
    return Measures(
        median_km=_quantile(distances, 0.5),
        p90_km=_quantile(distances, 0.9),
        far=_percent(sum(km > FAR_KM for km in distances), went),
        wrong_line=_percent(sum(one.lead.line not in one.partner.lines for one in went), went),
        wrong_rank=_percent(
            sum((one.partner.rank or 0) < (one.lead.rank or 0) for one in went), went
        ),
        not_placed=_percent(sum(one.seconds is None for one in possible), possible),
        median_minutes=_quantile(waits, 0.5),
        called_in_an_hour=_percent(called, outcome.placed),
        gini=gini(one.offers / one.eligible for one in outcome.partners if one.eligible) or 0.0,
        gini_of_offers=gini(one.offers for one in outcome.partners) or 0.0,
    )


def _quantile(ranked: Sequence[float], share: float) -> float:
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


def _percent(part: int, whole: Sequence[object]) -> float:
    return 100 * part / len(whole) if whole else 0.0


if __name__ == "__main__":
    sys.exit(main())
