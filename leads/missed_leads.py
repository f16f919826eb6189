"""Why a partner was not asked: decisions about leads, folded into counts by partner. Pure.

A lead counts once for a partner, however many waves it had:

- asked in any wave, it is not missed;
- ranked in a wave and not asked, it stands behind others;
- else the wave decides in which the partner failed the fewest gates, of several the first.

What would have changed it is told only where a single gate was failed in that wave.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from math import ceil
from typing import Any, NamedTuple

from leads.matching import WAVE, Gate

# Radii are told in steps of so many kilometres: nobody reads from them where a customer lives.
RADIUS_STEP_KM = 10
# Of the radii that would have reached leads, the nearest so many are told, and none that is more
# than twice the partner's own: nobody widens an area of 50 km to 300.
RADII_TOLD, RADIUS_AT_MOST = 3, 2.0
# A partner whose own area reaches far enough, but not the wave's: nearer ones were asked first.
OUTSIDE_ROUND = "outside_round"
OUTSIDE_AREA, NOT_CERTIFIED, AT_CAPACITY = "outside_area", "not_certified", "at_capacity"
FEEDBACK_OVERDUE = "feedback_overdue"

# What a partner cannot change by itself, or not any more.
NOT_THEIRS = (OUTSIDE_ROUND, "already_asked")

Figure = float | str | None


class Left(NamedTuple):
    """A partner that a wave left out, and every gate that it failed."""

    partner_id: str
    gates: tuple[Gate, ...]


class Decided(NamedTuple):
    """One wave of a lead: the cap on distance in km, who ranked, who was asked, who was left out.

    Of those left out the nearest are known by name, see ``leads.candidates.EXPLAINED_AT_MOST``.
    """

    radius_km: float | None
    ranked: Sequence[str]
    asked: Collection[str]
    left: Sequence[Left]


class Change(NamedTuple):
    """What would have opened the only gate that was closed.

    :ivar held: what the partner had: km of radius, rank, the span of a cap.
    :ivar needed: what it would have taken: km of radius, rank, more than this cap, feedback on so
        many leads.
    """

    code: str
    held: Figure = None
    needed: Figure = None


@dataclass(slots=True)
class Count:
    """The leads of one partner; the same words as in ``leads.models.MissedMonth``."""

    behind: int = 0
    missed: int = 0
    gates: Counter[str] = field(default_factory=Counter)
    changes: Counter[Change] = field(default_factory=Counter)


class Standing(NamedTuple):
    """How near a partner came to being asked about a lead."""

    gates: tuple[Gate, ...]
    radius_km: float | None


def count_missed(leads: Iterable[Sequence[Decided]]) -> dict[str, Count]:
    """Count, for each partner that some wave names, the leads it was not asked about.

    :param leads: the waves of each lead, in their order.
    """
    counts: dict[str, Count] = defaultdict(Count)
    for waves in leads:
        for partner_id, standing in _standings(waves).items():
            _note(counts[partner_id], standing)
    return dict(counts)


def _standings(waves: Sequence[Decided]) -> Mapping[str, Standing | None]:
    """Tell for each partner not asked how near it came; ``None`` is behind others."""
    standings: dict[str, Standing | None] = {}
    for wave in waves:
        for partner_id, gates in wave.left:
            known = standings.get(partner_id, _FAR)
            if known is not None and len(gates) < len(known.gates):
                standings[partner_id] = Standing(gates, wave.radius_km)
        for partner_id in wave.ranked:
            standings[partner_id] = None
    for wave in waves:
        for partner_id in wave.asked:
            standings.pop(partner_id, None)
    return standings


# Farther from being asked than any partner can be: nobody fails so many gates.
_FAR = Standing((Gate(""),) * 99, None)


def _note(count: Count, standing: Standing | None) -> None:
    if standing is None:
        count.behind += 1
        return
    gates = [_as_it_was(gate) for gate in standing.gates]
    count.missed += 1
    count.gates.update({gate.code for gate in gates})
    changes = {change_for(gate, wave_radius_km=standing.radius_km) for gate in gates}
    if len(changes) == 1:
        count.changes[changes.pop()] += 1


def _as_it_was(gate: Gate) -> Gate:
    """Tell an area that is too small from a wave that did not reach as far as the area."""
    is_capped = gate.code == OUTSIDE_AREA and gate.limit_of == WAVE
    return gate._replace(code=OUTSIDE_ROUND) if is_capped else gate


def change_for(gate: Gate, *, wave_radius_km: float | None) -> Change:
    """Tell what would have opened a gate."""
    if gate.code == OUTSIDE_AREA:
        return _wider_area(gate, wave_radius_km)
    if gate.code == NOT_CERTIFIED:
        return Change(gate.code, None, gate.limit)
    if gate.code == AT_CAPACITY:
        _used, _space, span = str(gate.measure).partition(" ")
        return Change(gate.code, span, gate.limit)
    if gate.code == FEEDBACK_OVERDUE:
        return Change(gate.code, None, gate.measure)
    return Change(gate.code)


def _wider_area(gate: Gate, wave_radius_km: float | None) -> Change:
    """Name the radius that would have reached, unless the wave's own cap stood against it too."""
    if not isinstance(gate.measure, int | float) or not isinstance(gate.limit, int | float):
        return Change(OUTSIDE_AREA)
    needed = ceil(gate.measure / RADIUS_STEP_KM) * RADIUS_STEP_KM
    if wave_radius_km is not None and gate.measure > wave_radius_km:
        return Change(OUTSIDE_ROUND)
    return Change(OUTSIDE_AREA, gate.limit, needed)


def add_up(changes: Iterable[tuple[Change, int]]) -> list[tuple[Change, int]]:
    """Put together what one step would have opened: a rank all that ask for less, too.

    This function will return the steps with what they would have opened, the most first. What is
    not in the partner's hands is left out.
    """
    by_kind: dict[tuple[str, Figure], Counter[Any]] = defaultdict(Counter)
    for change, leads in changes:
        if change.code not in NOT_THEIRS:
            by_kind[change.code, change.held][change.needed] += leads
    steps = [step for kind, needed in by_kind.items() for step in _steps(kind, needed)]
    return sorted(steps, key=lambda step: (-step[1], step[0].code, str(step[0].needed)))


def _steps(kind: tuple[str, Figure], needed: Counter[Any]) -> list[tuple[Change, int]]:
    code, held = kind
    if code in (OUTSIDE_AREA, NOT_CERTIFIED) and None not in needed:
        ordered = sorted(needed)
        sums = accumulate(needed[step] for step in ordered)
        steps = [(Change(code, held, s), total) for s, total in zip(ordered, sums, strict=True)]
        return _sensible(steps) if code == OUTSIDE_AREA else steps
    if code in (AT_CAPACITY, FEEDBACK_OVERDUE) and None not in needed:
        # A cap that was changed within the month, more and more feedback owed: the most is told.
        return [(Change(code, held, max(needed)), needed.total())]
    return [(Change(code, held), needed.total())]


def _sensible(steps: Sequence[tuple[Change, int]]) -> list[tuple[Change, int]]:
    """Keep the radii that somebody might choose."""
    near = (
        step
        for step in steps
        if float(step[0].needed or 0) <= RADIUS_AT_MOST * float(step[0].held or 0)
    )
    return list(islice(near, RADII_TOLD))
