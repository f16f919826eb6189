"""Every component in all its states, on one page: to look at while the look is worked on."""

from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from leadhub.core import clock
from leadhub.core.maps import SHAPES, TONES as SIGN_TONES, Circle, Sign, draw_map
from leadhub.core.pages.answers import show
from partners.decorators import PersonRequest, person_page

TONES = ("neutral", "primary", "info", "success", "warning", "danger")
# Every tone of a sign, side by side around Munich.
EXAMPLE_SIGNS = [
    Sign(48.14, 11.17 + step / 5, "disc", tone, tone) for step, tone in enumerate(SIGN_TONES)
]


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Name"), max_length=20, help_text=_("As on the letterhead."))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("a", _("First")), ("b", _("Second"))])
    amount = forms.DecimalField(label=_("Amount"))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea({"rows": 3}))


@person_page
def show_gallery(request: PersonRequest) -> HttpResponse:
    """Show the components."""
    now = clock.now()
    context = {
        "layout": "layouts/bare_wide.html",
        "tones": TONES,
        "now": now,
        "since": now - timedelta(minutes=60),
        "deadlines": [now + timedelta(seconds=s) for s in (200_000, 5_000, 900, 100, -60)],
        "form": ExampleForm({"name": "Muster GmbH", "kind": "a", "amount": "12"}),
        "wrong": ExampleForm({"name": "", "kind": "c", "amount": "much"}),
        "chart": {
            "labels": ["1", "2", "3", "4"],
            "description": str(_("An example")),
            "series": [
                {"name": str(_("Leads")), "kind": "bar", "values": [3, 5, 2, 8], "tone": "primary"},
                {"name": str(_("Won")), "kind": "line", "values": [1, 2, 1, 3], "tone": "accent"},
            ],
        },
        "picture": draw_map(EXAMPLE_SIGNS, [Circle(48.14, 11.57, 60)]),
        "shapes": sorted(SHAPES),
        "places": [
            {"lat": 48.137, "lon": 11.575, "kind": "lead", "label": "München", "radiusKm": 60},
            {"lat": 48.37, "lon": 10.9, "kind": "asked", "label": "Augsburg"},
            {"lat": 48.9, "lon": 11.9, "kind": "taken", "label": "Kelheim"},
            {"lat": 53.55, "lon": 10, "kind": "excluded", "label": "Hamburg"},
        ],
    }
    return show(request, "partners/gallery.html", context)
