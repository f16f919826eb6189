"""Forms of pages: which fields must be filled in, and what is said where one was not."""

from django import forms
from django.template.loader import render_to_string
from django.utils import translation

from leadhub.core.templatetags.shown import is_marked
from partners.identity.forms import LogInForm


class Enquiry(forms.Form):
    """A form with a field that may be left empty."""

    place = forms.CharField()
    wish = forms.CharField(required=False)


def test_marks_what_is_required_and_says_nothing_of_the_rest() -> None:
    form = Enquiry()

    written = [_rendered(form[name]) for name in ("place", "wish")]

    assert ["*" in text for text in written] == [True, False]
    assert not any("optional" in text for text in written)


def test_marks_nothing_where_everything_is_required() -> None:
    assert not any(is_marked(field) for field in LogInForm())


def test_asks_for_what_was_left_empty() -> None:
    with translation.override("en"):
        assert Enquiry({}).errors["place"] == ["Please fill this in."]


def test_keeps_the_words_that_a_field_has_for_it() -> None:
    field = forms.CharField(error_messages={"required": "Choose a partner."})

    assert field.error_messages["required"] == "Choose a partner."


def _rendered(field: forms.BoundField) -> str:
    return render_to_string("components/field.html", {"field": field, "class": ""})
