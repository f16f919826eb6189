"""Where leads come from, by name."""

import pytest
from django.utils.translation import override

from leads.sources import name_of_source


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("website", "Website"),
        ("Fair", "Trade fair"),
        ("partner-portal", "Partner portal"),
        ("ISH 2027", "ISH 2027"),
        ("", ""),
    ],
)
def test_names_what_is_common_and_leaves_the_rest_as_given(code: str, name: str) -> None:
    with override("en"):
        assert name_of_source(code) == name
