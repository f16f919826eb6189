"""Words for every gate and every term: in both directions, and what would change it."""

import ast
import inspect

import pytest

from leadhub.core.maps import SHAPES
from leads import matching
from leads.explanations import DESCRIPTIONS
from leads.matching import TERMS, Gate
from leads.missed_leads import OUTSIDE_ROUND, Change
from leads.reasons import (
    GATES,
    TERMS as TERM_WORDS,
    change_in_words,
    reasons_in_words,
    words_of_gate,
)

LEVELS = {1: "Silver", 2: "Gold"}
# What domain.md section 3 lists, G1 to G8.
SPECIFIED = {
    "inactive",
    "outside_area",
    "not_in_portfolio",
    "not_certified",
    "at_capacity",
    "feedback_overdue",
    "already_asked",
    "conflict",
}


def _codes_in_matching() -> set[str]:
    """Read every code that matching writes: the first argument of each ``Gate(...)``."""
    calls = (
        node
        for node in ast.walk(ast.parse(inspect.getsource(matching)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Gate"
    )
    return {ast.literal_eval(call.args[0]) for call in calls}


def test_every_gate_that_matching_can_close_has_its_words() -> None:
    assert _codes_in_matching() <= set(GATES)
    assert SPECIFIED | {OUTSIDE_ROUND} == set(GATES)
    assert set(DESCRIPTIONS) == SPECIFIED


def test_every_term_of_the_score_has_its_words() -> None:
    assert set(TERMS) <= set(TERM_WORDS)


@pytest.mark.parametrize("code", sorted(GATES))
def test_a_gate_says_something_to_both_sides_and_what_would_change_it(code: str) -> None:
    words = words_of_gate(code)

    said = [str(words.name), str(words.to_partner), str(words.change)]
    assert all(said)
    assert len(set(said)) == 3


def test_no_two_gates_have_the_same_sign_or_name() -> None:
    assert {words.shape for words in GATES.values()} <= set(SHAPES)
    assert len({words.shape for words in GATES.values()}) == len(GATES)
    assert len({str(words.name) for words in GATES.values()}) == len(GATES)


@pytest.mark.parametrize("code", sorted(GATES))
def test_a_gate_is_said_even_without_figures(code: str) -> None:
    assert reasons_in_words([Gate(code)], level_names=LEVELS)[0]
    assert change_in_words(Change(code), level_names=LEVELS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("outside_area", 50.0, 60), "Radius of 60 km instead of 50 km"),
        (Change("outside_area"), "A wider service area"),
        (Change("not_certified", None, 2), "Certificate Gold"),
        (Change("at_capacity", "open", 5), "More than 5 leads in hand at a time"),
        (Change("at_capacity", "this week", 9), "More than 9 offers a week"),
        (Change("feedback_overdue"), "Feedback given in time"),
        (
            Change("feedback_overdue", None, 2),
            "Feedback given on the 2 leads that it was overdue for",
        ),
    ],
)
def test_a_change_is_said_with_its_figures(change: Change, words: str) -> None:
    assert change_in_words(change, level_names=LEVELS) == words


def test_a_gate_that_nobody_knows_any_more_is_said_as_another_reason() -> None:
    assert str(words_of_gate("full_moon").name) == "Another reason"
