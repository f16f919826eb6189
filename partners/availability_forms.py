"""Forms about when a partner is away and whose leads it is not to get."""

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.exclusions import LONGEST_ENTRY
from partners.models import Exclusion


class AbsenceForm(forms.Form):
    """Days on which the partner is asked for nothing."""

    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}))
    last_day = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput({"type": "date"}),
        help_text=_("This day included."),
    )


class ExclusionForm(forms.Form):
    """A source or customer whose leads the partner is never asked about."""

    kind = forms.ChoiceField(label=_("Compare"), choices=Exclusion.Kind.choices)
    value = forms.CharField(
        label=_("with"),
        max_length=LONGEST_ENTRY,
        help_text=_("Such as website, erika@example.com, example.com or Muster GmbH."),
    )
