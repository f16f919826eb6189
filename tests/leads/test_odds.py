"""How likely and how soon a lead is taken: against plain cases and a simulation."""

import random

import pytest

from leadhub.core.inequality import gini
from leads.replay.odds import Answers, Asked, Odds, expect, judge_network

SURE = Odds(1.0, 600.0)


def test_takes_a_partner_without_answers_for_an_average_one() -> None:
    network = judge_network({"a": Answers(100, 50, 50 * 900.0)})

    assert network.of("stranger") == network.usual == Odds(0.5, 900.0)


def test_shrinks_few_answers_towards_the_network_and_many_hardly() -> None:
    network = judge_network(
        {
            "few": Answers(2, 2, 2 * 60.0),
            "many": Answers(1_000, 1_000, 1_000 * 60.0),
            "rest": Answers(1_000, 0, 0.0),
        }
    )

    assert network.usual.chance == pytest.approx(0.5, abs=0.001)
    assert network.of("few").chance == pytest.approx((2 + 5) / (2 + 10), abs=0.001)
    assert network.of("many").chance == pytest.approx(0.995, abs=0.001)


def test_expects_the_mean_time_of_one_who_surely_takes_it() -> None:
    expected = expect([Asked(86_400.0, 0.0, [SURE])] * 3, late_answers=False)

    assert expected.chance == pytest.approx(1.0, abs=0.005)
    assert expected.seconds == pytest.approx(600.0, rel=0.1)


def test_expects_nothing_where_nobody_is_asked() -> None:
    assert expect([], late_answers=True) == (0.0, None, ())


@pytest.mark.parametrize("late_answers", [True, False])
def test_agrees_with_a_simulation(late_answers: bool) -> None:  # noqa: FBT001
    waves = [
        Asked(3_600.0, 600.0, [Odds(0.4, 1_800.0), Odds(0.3, 5_400.0)]),
        Asked(7_200.0, 0.0, [Odds(0.2, 3_600.0), Odds(0.5, 7_200.0)]),
    ]

    expected = expect(waves, late_answers=late_answers)

    taken = [_live(waves, random.Random(run), late=late_answers) for run in range(20_000)]  # noqa: S311
    times = [at for at in taken if at is not None]
    assert expected.chance == pytest.approx(len(times) / len(taken), abs=0.015)
    assert expected.seconds == pytest.approx(sum(times) / len(times), rel=0.05)


def _live(waves: list[Asked], chance: random.Random, *, late: bool) -> float | None:
    start, answers = 0.0, []
    for wave in waves:
        for rank, odds in enumerate(wave.odds):
            seen = start if rank == 0 else start + wave.head_start
            at = seen + chance.expovariate(1 / odds.seconds)
            if chance.random() < odds.chance and (late or at <= start + wave.window):
                answers.append(at)
        start += wave.window
    return min(answers, default=None)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [([1, 1, 1, 1], 0.0), ([0, 0, 0, 1], 0.75), ([1, 3], 0.25), ([0, 0], None), ([], None)],
)
def test_measures_how_unevenly_something_is_spread(
    amounts: list[float], expected: float | None
) -> None:
    assert gini(amounts) == (None if expected is None else pytest.approx(expected))
