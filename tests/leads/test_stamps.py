"""Stamps on forms: signed, for one form, for a day."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.signing import Signer
from pytest_django import Settings

from leads.stamps import make_stamp, read_stamp
from tests.factories import NOON

FORM, OTHER, CONSENT = UUID(int=1), UUID(int=2), UUID(int=3)


def stamp() -> str:
    return make_stamp(form_id=FORM, consent_id=CONSENT, at=NOON)


def test_says_when_a_form_was_shown_and_which_text_it_had() -> None:
    read = read_stamp(stamp(), form_id=FORM)

    assert read is not None
    assert (read.form_id, read.consent_id) == (FORM, CONSENT)
    assert read.age(NOON + timedelta(seconds=7)) == timedelta(seconds=7)


def test_gives_each_showing_a_number_of_its_own() -> None:
    numbers = {read.number for _ in range(50) if (read := read_stamp(stamp(), form_id=FORM))}

    assert len(numbers) == 50


def test_is_good_for_one_form_only() -> None:
    assert read_stamp(stamp(), form_id=OTHER) is None


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "x:y",
        "\x00",
        "ü" * 40,
        "a" * 10_000,
        Signer(salt="other").sign_object([FORM.hex, CONSENT.hex, "1", 0]),
        Signer(salt="leads.stamps").sign_object([FORM.hex]),
        Signer(salt="leads.stamps").sign_object({"form": FORM.hex}),
        Signer(salt="leads.stamps").sign_object([1, 2, 3, 4]),
        Signer(salt="leads.stamps").sign("no object"),
    ],
)
def test_takes_nothing_that_was_not_made_here(forged: str) -> None:
    assert read_stamp(forged, form_id=FORM) is None


def test_takes_no_stamp_that_was_changed() -> None:
    made = stamp()

    for place in range(0, len(made), 7):
        other = "A" if made[place] != "A" else "B"
        assert read_stamp(made[:place] + other + made[place + 1 :], form_id=FORM) is None


def test_takes_stamps_of_the_key_before(settings: Settings) -> None:
    made = stamp()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-this-installation"  # noqa: S105 - of no installation

    assert read_stamp(made, form_id=FORM) is not None

    settings.SECRET_KEY_FALLBACKS = []
    assert read_stamp(made, form_id=FORM) is None


@pytest.mark.parametrize(
    ("seconds", "is_hasty", "is_over"),
    [(-7_200, True, False), (0, True, False), (2.9, True, False), (3, False, False),
     (86_400, False, False), (86_401, False, True)],
)  # fmt: skip
def test_tells_too_soon_and_too_late(seconds: float, *, is_hasty: bool, is_over: bool) -> None:
    read = read_stamp(stamp(), form_id=FORM)

    assert read is not None
    at = NOON + timedelta(seconds=seconds)
    assert (read.is_hasty(at), read.is_over(at)) == (is_hasty, is_over)
