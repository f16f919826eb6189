"""What stands in a body is judged as the framework would judge it, only sooner."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from rest_framework import serializers

from leadhub.core.api.fields import Code, Country, Currency, Email, PostalCode, Text

STEADY = settings(derandomize=True, database=None, deadline=None)
ANY_CHARACTER = st.characters(exclude_categories=())


def outcome(check: Callable[[str], Any], sent: str) -> Any:
    """Tell the value that came of it, or the codes of what was refused."""
    try:
        return check(sent)
    except serializers.ValidationError as refusal:
        return refusal.get_codes()


@pytest.mark.parametrize(
    "field",
    [
        Text(),
        Text(min_length=2, max_length=4),
        Code(),
        Country(max_length=2),
        Currency(),
        Email(max_length=4),
        PostalCode(max_length=4),
    ],
    ids=lambda field: type(field).__name__,
)
@STEADY
@given(sent=st.text(ANY_CHARACTER, max_size=6) | st.sampled_from(["DE", " EUR ", "a\0", "a\nb"]))
def test_a_text_is_judged_as_the_framework_judges_it(field: Text, sent: str) -> None:
    in_full = partial(serializers.CharField.run_validation, field)

    assert outcome(field.run_validation, sent) == outcome(in_full, sent)
