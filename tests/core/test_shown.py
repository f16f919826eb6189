"""How values are shown, in both languages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from leadhub.core.templatetags.shown import (
    ago,
    duration,
    km,
    money,
    phone_number,
    share,
    telephone,
    until,
)
from tests.factories import NOON


@pytest.mark.parametrize(
    ("passed", "english", "german"),
    [
        (timedelta(seconds=20), "just now", "gerade eben"),
        (timedelta(minutes=3), "3 min ago", "vor 3 min"),
        (timedelta(days=1, hours=5), "1 day ago", "vor 1 Tag"),
        (timedelta(days=37, hours=12), "37 days ago", "vor 37 Tagen"),
    ],
)
def test_says_how_long_ago(passed: timedelta, english: str, german: str) -> None:
    with translation.override("en"):
        assert ago(NOON, NOON + passed) == english
    with translation.override("de"):
        assert ago(NOON, NOON + passed) == german
        assert until(NOON, NOON + passed) == (german if passed else "")


@pytest.mark.parametrize(
    ("amount", "english", "german"),
    [
        (Decimal("12500.00"), "€12,500", "12.500\N{NO-BREAK SPACE}€"),
        (Decimal("14500.50"), "€14,500.50", "14.500,50\N{NO-BREAK SPACE}€"),
        (Decimal(0), "€0", "0\N{NO-BREAK SPACE}€"),
    ],
)
def test_writes_cents_where_there_are_some(amount: Decimal, english: str, german: str) -> None:
    with translation.override("en"):
        assert money(amount, "EUR") == english
    with translation.override("de"):
        assert money(amount, "EUR") == german


def test_has_a_sign_for_nothing() -> None:
    assert {shown(None) for shown in (duration, km, share)} == {"\N{EN DASH}"}
    assert money(None, "EUR") == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+498912345678", "+49 89 12345678"),
        ("+4315123456", "+43 1 5123456"),
        ("+41446681800", "+41 44 668 18 00"),
        ("ask at the desk", "ask at the desk"),
        ("", ""),
    ],
)
def test_groups_the_digits_of_a_phone_number_for_reading(stored: str, shown: str) -> None:
    assert phone_number(stored) == shown


def test_calls_a_number_without_gaps() -> None:
    assert telephone("+498912345678") == "tel:+498912345678"
