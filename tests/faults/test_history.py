"""The record of a race finds what cannot be true of it, and nothing else."""

import pytest

from tests.faults.history import History, Outcome, Told

LEAD = "lead"


def history(*attempts: tuple[str, Outcome], bodies: tuple[bytes, ...] = ()) -> History:
    """A history of attempts that follow one another."""
    made = History()
    for number, (who, outcome) in enumerate(attempts):
        body = bodies[number] if bodies else b""
        made.record(Told(LEAD, who, float(number), number + 0.5, outcome, body))
    return made


def test_has_nothing_to_say_of_one_winner_that_repeats() -> None:
    told = history(
        ("a", Outcome.UNKNOWN), ("b", Outcome.TAKEN), ("a", Outcome.WON), ("a", Outcome.WON)
    )

    assert told.problems({LEAD: ["a"]}) == []
    assert told.double_winners() == []


@pytest.mark.parametrize(
    ("attempts", "held", "said"),
    [
        ([("a", Outcome.WON), ("b", Outcome.WON)], "a", "2 were told that they had won"),
        ([("a", Outcome.WON), ("b", Outcome.TAKEN)], "b", "in the database"),
        ([("a", Outcome.WON), ("a", Outcome.TAKEN)], "a", "was told “taken” and won"),
        ([("a", Outcome.WON), ("b", Outcome.TAKEN)], "ab", "in the database"),
        ([("b", Outcome.TAKEN), ("a", Outcome.WON)], "a", "before anybody could have taken it"),
        ([("b", Outcome.TAKEN)], "", "before anybody could have taken it"),
        ([("a", Outcome.UNKNOWN)], "a", "never learned"),
        ([("a", Outcome.WON), ("b", Outcome.FAILED)], "a", "an answer that nobody should get"),
    ],
)
def test_finds_what_cannot_be_true(
    attempts: list[tuple[str, Outcome]], held: str, said: str
) -> None:
    problems = history(*attempts).problems({LEAD: list(held)})

    assert any(said in problem for problem in problems), problems


def test_finds_a_winner_that_gets_another_answer_the_second_time() -> None:
    told = history(("a", Outcome.WON), ("a", Outcome.WON), bodies=(b"1", b"2"))

    assert told.problems({LEAD: ["a"]}) == [f"{LEAD}: a won and got 2 different answers"]
