"""Why a partner was not asked, counted: against a count that shares no code with it."""

from collections import Counter
from math import ceil
from random import Random
from typing import Any

import pytest

from leads.matching import WAVE, Gate
from leads.missed_leads import Change, Decided, Left, add_up, change_for, count_missed

PARTNERS = tuple("ABCDEFGH")
SPANS = ("open", "today", "this week", "this month")


def left(partner: str, *gates: Gate) -> Left:
    return Left(partner, gates)


def wave(
    *left_out: Left, ranked: str = "", asked: str = "", radius_km: float | None = None
) -> Decided:
    return Decided(radius_km, list(ranked), list(asked), list(left_out))


FAR = Gate("outside_area", 62.3, 50.0)
UNCERTIFIED = Gate("not_certified", 1, 2)


def test_a_lead_of_many_waves_counts_once() -> None:
    counts = count_missed([[wave(left("A", FAR)), wave(left("A", FAR)), wave(left("A", FAR))]])

    assert counts["A"].missed == 1
    assert counts["A"].gates == {"outside_area": 1}


def test_who_was_asked_in_any_wave_missed_nothing() -> None:
    counts = count_missed([[wave(left("A", FAR)), wave(ranked="A", asked="A")]])

    assert "A" not in counts


def test_who_let_it_run_out_is_not_told_that_it_was_asked_before() -> None:
    counts = count_missed([[wave(ranked="A", asked="A"), wave(left("A", Gate("already_asked")))]])

    assert "A" not in counts


def test_who_ranked_and_was_not_asked_stands_behind_others() -> None:
    counts = count_missed([[wave(left("B", FAR), ranked="AB"), wave(left("A", FAR))]])

    assert (counts["A"].behind, counts["A"].missed) == (1, 0)
    assert (counts["B"].behind, counts["B"].missed) == (1, 0)


def test_the_wave_decides_in_which_it_came_nearest() -> None:
    counts = count_missed([[wave(left("A", FAR, UNCERTIFIED)), wave(left("A", UNCERTIFIED))]])

    assert counts["A"].gates == {"not_certified": 1}
    assert counts["A"].changes == {Change("not_certified", None, 2): 1}


def test_several_gates_are_all_counted_and_none_of_them_alone() -> None:
    counts = count_missed([[wave(left("A", FAR, UNCERTIFIED))]])

    assert counts["A"].gates == {"outside_area": 1, "not_certified": 1}
    assert not counts["A"].changes


@pytest.mark.parametrize(
    ("gate", "radius_km", "change"),
    [
        (FAR, None, Change("outside_area", 50.0, 70)),
        (FAR, 100.0, Change("outside_area", 50.0, 70)),
        (FAR, 60.0, Change("outside_round")),
        (Gate("outside_area", 62.3, None), None, Change("outside_area")),
        (Gate("outside_area", None, 50.0), None, Change("outside_area")),
        (UNCERTIFIED, None, Change("not_certified", None, 2)),
        (Gate("at_capacity", "5 open", 5), None, Change("at_capacity", "open", 5)),
        (Gate("at_capacity", "9 this week", 9), None, Change("at_capacity", "this week", 9)),
        (Gate("feedback_overdue", 2, 0), None, Change("feedback_overdue", None, 2)),
        (Gate("conflict"), None, Change("conflict")),
    ],
)
def test_it_names_what_would_have_opened_the_gate(
    gate: Gate, radius_km: float | None, change: Change
) -> None:
    assert change_for(gate, wave_radius_km=radius_km) == change


def test_one_gate_closed_for_two_reasons_is_one_gate() -> None:
    away = left("A", Gate("inactive", "absent", "2026-03-09"), Gate("inactive", "nobody to tell"))

    counts = count_missed([[wave(away)]])

    assert counts["A"].changes == {Change("inactive"): 1}


def test_several_caps_reached_would_take_several_changes() -> None:
    full = left("A", Gate("at_capacity", "5 open", 5), Gate("at_capacity", "9 today", 9))

    counts = count_missed([[wave(full)]])

    assert counts["A"].gates == {"at_capacity": 1}
    assert not counts["A"].changes


def test_a_wave_that_did_not_reach_as_far_is_not_the_partners_area() -> None:
    counts = count_missed(
        [[wave(left("A", Gate("outside_area", 40.0, 30.0, WAVE)), radius_km=30.0)]]
    )

    assert counts["A"].gates == {"outside_round": 1}
    assert add_up(counts["A"].changes.items()) == []


def test_a_wider_radius_and_a_higher_rank_hold_what_less_of_them_held() -> None:
    steps = add_up(
        [
            (Change("outside_area", 50.0, 80), 4),
            (Change("outside_area", 50.0, 60), 6),
            (Change("not_certified", None, 1), 3),
            (Change("not_certified", None, 2), 14),
        ]
    )

    assert steps == [
        (Change("not_certified", None, 2), 17),
        (Change("outside_area", 50.0, 80), 10),
        (Change("outside_area", 50.0, 60), 6),
        (Change("not_certified", None, 1), 3),
    ]


def test_no_more_radii_are_told_than_somebody_reads() -> None:
    steps = add_up([(Change("outside_area", 50.0, needed), 1) for needed in range(60, 200, 10)])

    assert {change.needed for change, _ in steps} == {60, 70, 80}


def test_nobody_is_told_a_radius_of_more_than_twice_the_own() -> None:
    steps = add_up([(Change("outside_area", 50.0, needed), 1) for needed in (90, 100, 110, 310)])

    assert {change.needed for change, _ in steps} == {90, 100}


@pytest.mark.parametrize("seed", range(40))
def test_the_counts_are_those_of_somebody_who_counts_by_hand(seed: int) -> None:
    leads = _drawn(Random(seed))  # noqa: S311

    counted = {
        partner: (count.behind, count.missed, dict(count.gates), dict(count.changes))
        for partner, count in count_missed(leads).items()
        if count.behind or count.missed
    }

    assert counted == _by_hand(leads)


def _drawn(random: Random) -> list[list[Decided]]:
    return [[_drawn_wave(random) for _ in range(random.randint(1, 3))] for _ in range(60)]


def _drawn_wave(random: Random) -> Decided:
    radius = random.choice([None, 30.0, 50.0, 100.0])
    partners = random.sample(PARTNERS, random.randint(2, len(PARTNERS)))
    cut = random.randint(0, len(partners))
    ranked = partners[:cut]
    return Decided(
        radius_km=radius,
        ranked=ranked,
        asked=ranked[: random.randint(0, 2)],
        left=[Left(partner, _drawn_gates(random, radius)) for partner in partners[cut:]],
    )


def _drawn_gates(random: Random, radius: float | None) -> tuple[Gate, ...]:
    own = random.choice([20.0, 50.0, 80.0])
    distance = round(min(own, radius or own) + random.uniform(0.5, 90), 1)
    is_within = distance <= own
    every = [
        Gate("outside_area", distance, radius, WAVE)
        if is_within
        else Gate("outside_area", distance, own),
        Gate("not_certified", random.choice([None, 0]), random.choice([1, 2])),
        Gate("at_capacity", f"5 {random.choice(SPANS)}", 5),
        Gate("inactive"),
        Gate("not_in_portfolio"),
        Gate("feedback_overdue", 2, 0),
    ]
    return tuple(random.sample(every, random.choice([1, 1, 2, 3])))


def _by_hand(leads: list[list[Decided]]) -> dict[str, Any]:
    """Ask each partner about each lead, one after the other."""
    told: dict[str, Any] = {}
    for partner in PARTNERS:
        behind = missed = 0
        gates: Counter[str] = Counter()
        changes: Counter[Change] = Counter()
        for waves in leads:
            if any(partner in one.asked for one in waves):
                continue
            if any(partner in one.ranked for one in waves):
                behind += 1
                continue
            tries = [
                (len(out.gates), number, out.gates, one.radius_km)
                for number, one in enumerate(waves)
                for out in one.left
                if out.partner_id == partner
            ]
            if not tries:
                continue
            _, _, failed, radius = min(tries, key=lambda one: one[:2])
            missed += 1
            codes = ["outside_round" if g.limit_of else g.code for g in failed]
            gates.update(set(codes))
            if len(failed) == 1:
                changes[_change_by_hand(codes[0], failed[0], radius)] += 1
        if behind or missed:
            told[partner] = (behind, missed, dict(gates), dict(changes))
    return told


def _change_by_hand(code: str, gate: Gate, radius: float | None) -> Change:
    if code == "outside_area":
        assert isinstance(gate.measure, float)
        if radius is not None and gate.measure > radius:
            return Change("outside_round")
        return Change("outside_area", gate.limit, 10 * ceil(gate.measure / 10))
    if code == "not_certified":
        return Change(code, None, gate.limit)
    if code == "at_capacity":
        return Change(code, str(gate.measure).split(" ", 1)[1], 5)
    if code == "feedback_overdue":
        return Change(code, None, 2)
    return Change(code)
